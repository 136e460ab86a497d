"""licence-agent activate."""

from pathlib import Path
from urllib.parse import urlsplit

import click

from agent.cli.examining import subject_of
from agent.cli.opening import MODES, open_mended
from agent.daemon.assembly import Agent
from agent.doctor.before import check_before
from agent.services.activating import Wish
from agent.system.programs import CODE_VARIABLE
from keys.addresses import is_loopback
from keys.command import json_option, show, tell
from keys.errors import InvalidInputError
from keys.identity import read_code
from keys.sentences import phrase
from keys.trust import Trust


@click.command("activate")
@click.argument("code", envvar=CODE_VARIABLE)
@click.option("--server", required=True, help="Address of the licence server, e.g. https://licences.example.com")
@click.option(
    "--root",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="The vendor's trust document, which pins whom to believe. Without it: the server's own, on first use.",
)
@click.option("--replace", is_flag=True, help="Give up the licence, or the unanswered activation, that is here.")
@click.option("--accept-terms", "terms_version", default="1", show_default=True, help="Version of the terms accepted.")
@click.option("--unchecked", is_flag=True, help="Send the code whatever the checks before it would say.")
@json_option
def command(
    *,
    code: str,
    server: str,
    root: Path | None,
    replace: bool,
    terms_version: str,
    unchecked: bool,
    as_json: bool,
) -> None:
    """Bind this server to the licence that the activation CODE stands for.

    A mistyped code is found before anything is sent, and so is what licence-agent doctor would find that could cost
    the code. After an interruption run the same command again: the same request is sent, and the code counts once.

    Example: licence-agent activate CODE --server https://licences.example.com --root root.json
    """
    pinned = None if root is None else root.read_bytes()
    wish = Wish(read_code(code), server.rstrip("/"), pinned, replace, terms_version)
    agent = open_mended()
    asked = agent.server_at(server)
    if not unchecked and _is_new(agent, replaces=replace):
        check_before(subject_of(agent, server, pinned, replaces=replace))
    agent.home.prepare()
    licence = agent.activating.activate(wish, asked, lambda trust: believe_on_first_use(server, trust))
    standing = agent.judging.standing()
    said = {
        "licence": licence.licence_id,
        "status": licence.status,
        "mode": standing.mode,
        "reason": standing.reason,
        "activation": licence.activation_id,
        "customer": licence.customer.to_claims(),
        "home": str(agent.home.folder),
    }
    people = phrase(
        "Licence {licence} of {customer} is active on this server: {mode}.",
        licence=licence.licence_id,
        customer=licence.customer.name,
        mode=MODES[standing.mode],
    )
    show(said, as_json, lambda: people)


def _is_new(agent: Agent, *, replaces: bool) -> bool:
    """Tell whether a code would be sent for the first time: what was sent once is sent again without more ado."""
    is_free = replaces or agent.judging.holding.hand().licence is None
    return is_free and agent.around.papers.pending("activation") is None


def believe_on_first_use(server: str, trust: Trust) -> None:
    """Say whom the agent is about to believe, or refuse where anybody on the way could have put himself in.

    Raises InvalidInputError: neither https nor loopback.
    """
    parts = urlsplit(server)
    if parts.scheme != "https" and not is_loopback(parts.hostname or ""):
        raise InvalidInputError(
            phrase(
                "Nobody is pinned yet, and over {server} anybody could claim to be the vendor. Give the vendor's "
                "trust document with --root, or use https.",
                server=server,
            )
        )
    roots = ", ".join(root.kid for root in trust.roots)
    tell(
        phrase(
            "No --root was given: from now on this server believes {issuer}, root key {roots}. Compare it with "
            "the one that the vendor publishes.",
            issuer=trust.issuer,
            roots=roots,
        )
    )
