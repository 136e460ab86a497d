"""licence-agent doctor."""

import sys

import click

from agent.cli.opening import open_agent
from agent.doctor import CHECKS
from keys.checkup import as_text, as_value, examine, failed
from keys.command import REFUSED, json_option, show


@click.command("doctor")
@json_option
def command(as_json: bool) -> None:
    """Check what an installer can get wrong, and say what to do. Exit 1 if anything failed.

    Example: licence-agent doctor
    """
    findings = examine(CHECKS, open_agent())
    show(as_value(findings), as_json, lambda: as_text(findings))
    if failed(findings):
        sys.exit(REFUSED)
