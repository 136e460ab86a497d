"""Commands: the vendor's people."""

import click

from keys.command import json_option, show
from licence_server.cli.session import Session, pass_session
from licence_server.cli.text import day, table


@click.group()
def operator() -> None:
    """The vendor's people and their roles."""


@operator.command("list")
@json_option
@pass_session
def list_all(session: Session, as_json: bool) -> None:
    """List operators, oldest first.

    Example: licence-server operator list
    """
    found = session.server.enrolling.operators()
    value = [{"id": each.id, "name": each.name, "role": each.role, "created_at": each.created_at} for each in found]
    rows = [(each.name, each.role, day(each.created_at), each.id) for each in found]
    show(value, as_json, lambda: table(("NAME", "ROLE", "SINCE", "ID"), rows))
