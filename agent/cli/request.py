"""licence-agent request."""

from pathlib import Path

import click

from agent.cli.carried import again, carrying, check_ways, hand_out
from agent.cli.opening import open_mended
from agent.services.activating import Wish
from keys.command import json_option
from keys.handing_out import Ways
from keys.sentences import phrase


@click.command("request")
@click.argument("code", required=False)
@click.option("--validate", "validates", is_flag=True, help="Ask for the successor of the licence in hand.")
@carrying
@click.option(
    "--root",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="The vendor's trust document, which pins whom to believe; needed with the first CODE.",
)
@click.option("--replace", is_flag=True, help="Give up the licence, or the unanswered activation, that is here.")
@click.option("--accept-terms", "terms_version", help="Version of the terms accepted; 1 unless told.")
@json_option
def command(  # noqa: PLR0917 - click passes them by name
    code: str | None,
    validates: bool,
    ways: Ways,
    evidence: bool,
    anew: bool,
    root: Path | None,
    replace: bool,
    terms_version: str | None,
    as_json: bool,
) -> None:
    """Write a request for somebody to carry to the vendor, where this server has no network.

    With the activation CODE it asks to bind this server, with --validate for the successor of the licence in hand. The
    same request is written again until its answer is imported, so a lost file or a lost answer costs nothing.

    Example: licence-agent request CODE --root root.json -o request.lic
    """
    if (code is None) != validates:
        raise click.UsageError(phrase("Give an activation CODE, or --validate."))
    if validates and (root is not None or replace or terms_version is not None):
        raise click.UsageError(phrase("--root, --replace and --accept-terms go with an activation CODE."))
    if not validates and (evidence or anew):
        raise click.UsageError(phrase("--evidence and --anew go with --validate."))
    check_ways(ways)
    wanted = again(evidence=evidence, anew=anew)
    pinned = None if root is None else root.read_bytes()
    agent = open_mended()
    agent.home.prepare()
    if code is None:
        pending = agent.validating().prepare("validation", wanted)
    else:
        wish = Wish(code, None, pinned, replace, terms_version or "1")
        pending = agent.activating.prepare(wish)
    hand_out(pending, ways, as_json=as_json)
