"""Command: check the home, and what the server stands on."""

import sys

import click

from keys.checkup import as_text, as_value, examine, failed
from keys.command import REFUSED, json_option, show
from licence_server.cli.session import Session, pass_session
from licence_server.doctor import CHECKS, Place


@click.command()
@json_option
@pass_session
def doctor(session: Session, as_json: bool) -> None:
    """Check keys, database, record, clock and room, and say what to do. Changes nothing; exit 1 if anything failed.

    Example: licence-server doctor
    """
    findings = examine(CHECKS, Place(session.home, session.environment, session.clock))
    show(as_value(findings), as_json, lambda: as_text(findings))
    if failed(findings):
        sys.exit(REFUSED)
