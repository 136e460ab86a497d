"""licence-agent doctor."""

import sys
from pathlib import Path

import click

from agent.cli.examining import subject_of
from agent.cli.opening import open_agent
from agent.doctor.checks import checks_of
from keys.checkup import as_text, as_value, examine, failed
from keys.command import REFUSED, json_option, show
from keys.trust import pin_trust


@click.command("doctor")
@click.option("--server", help="Address of a licence server to try, before the agent is activated there.")
@click.option(
    "--root",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="The vendor's trust document, to compare with what that server gives out.",
)
@json_option
def command(*, server: str | None, root: Path | None, as_json: bool) -> None:
    """Check what an installer can get wrong, and say what to do. Exit 1 if anything failed.

    Example: licence-agent doctor --server https://licences.example.com
    """
    pinned = None if root is None else root.read_bytes()
    if pinned is not None:
        pin_trust(pinned)
    agent = open_agent()
    if server is not None:
        agent.server_at(server)
    subject = subject_of(agent, server, pinned)
    findings = examine(checks_of(subject), subject)
    show(as_value(findings), as_json, lambda: as_text(findings))
    if failed(findings):
        sys.exit(REFUSED)
