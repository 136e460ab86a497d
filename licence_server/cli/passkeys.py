"""Commands: passkeys of the vendor's people."""

import click

from keys.command import json_option, show
from licence_server.cli.session import Session, pass_session
from licence_server.cli.text import day, moment, table
from licence_server.domain.passkey import Passkey


@click.group()
def passkey() -> None:
    """Passkeys, by which an operator signs in. They are made at the console."""


@passkey.command("list")
@click.argument("name")
@json_option
@pass_session
def list_all(session: Session, name: str, as_json: bool) -> None:
    """List the passkeys of an operator, oldest first.

    Example: licence-server operator passkey list sara.karimi
    """
    server = session.server
    found = server.equipping.passkeys(server.enrolling.named(name).id)
    rows = [(each.id, each.name, day(each.created_at), moment(each.last_used_at)) for each in found]
    show([_value(each) for each in found], as_json, lambda: table(("ID", "ON", "SINCE", "LAST USED"), rows))


@passkey.command()
@click.argument("name")
@click.argument("passkey_id", metavar="ID")
@json_option
@pass_session
def remove(session: Session, name: str, passkey_id: str, as_json: bool) -> None:
    """Remove a passkey of an operator, and sign them out.

    Example: licence-server operator passkey remove sara.karimi pky_4rjw2n3k5m6p7q8r9s0t
    """
    server = session.server
    server.equipping.take_away(server.enrolling.named(name).id, passkey_id, session.by)
    show({"id": passkey_id}, as_json, lambda: f"The passkey {passkey_id} opens nothing any more.")


def _value(found: Passkey) -> dict[str, object]:
    return {
        "id": found.id,
        "name": found.name,
        "counter": found.counter,
        "created_at": found.created_at,
        "last_used_at": found.last_used_at,
    }
