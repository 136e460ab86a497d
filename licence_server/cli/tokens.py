"""Commands: API tokens."""

import click

from keys.command import json_option, show
from keys.errors import InvalidInputError
from licence_server.cli.parameters import NEVER, Day
from licence_server.cli.session import Session, pass_session
from licence_server.cli.text import day, facts, moment, table
from licence_server.domain.token import Token


@click.group()
def token() -> None:
    """API tokens, by which an operator lends a program a part of their rights."""


@token.command()
@click.argument("name")
@click.option("--operator", "operator_name", required=True, metavar="NAME", help="Whose rights it lends.")
@click.option(
    "--scope",
    "scopes",
    multiple=True,
    required=True,
    metavar="RIGHT",
    help="What it is good for, such as licences.read, by the table of rights; more than once.",
)
@click.option("--expires", type=Day(), required=True, help="The day it ends, at most 366 days from now.")
@json_option
@pass_session
def add(
    session: Session, *, name: str, operator_name: str, scopes: tuple[str, ...], expires: int, as_json: bool
) -> None:
    """Make a token for a program, and print it, once. NAME says what it is for.

    Example: licence-server token add "web shop" --operator sara --scope licences.read --expires 2027-03-21
    """
    if expires == NEVER:
        raise InvalidInputError("Every token ends, at most 366 days from now: --expires takes a day.")
    server = session.server
    owner = server.enrolling.named(operator_name)
    lent = server.delegating.add(name, owner.id, scopes, expires, session.by)
    value = {**_value(lent.token, owner.name), "token": lent.text}
    pairs = [
        ("Token", lent.token.id),
        ("For", lent.token.name),
        ("Operator", owner.name),
        ("Good for", ", ".join(lent.token.scopes)),
        ("Ends", day(lent.token.expires_at)),
        ("Secret (shown this once)", lent.text),
    ]
    show(value, as_json, lambda: facts(pairs))


@token.command("list")
@click.option("--operator", "operator_name", metavar="NAME", help="Of one operator alone.")
@json_option
@pass_session
def list_all(session: Session, operator_name: str | None, as_json: bool) -> None:
    """List tokens, oldest first, also those that count no more.

    Example: licence-server token list --operator sara
    """
    server = session.server
    names = {each.id: each.name for each in server.enrolling.operators()}
    found = server.delegating.all(None if operator_name is None else server.enrolling.named(operator_name).id)
    rows = [
        (each.id, each.name, names[each.operator_id], _end(each), moment(each.last_used_at), ", ".join(each.scopes))
        for each in found
    ]
    headings = ("ID", "FOR", "OPERATOR", "ENDS", "LAST USED", "GOOD FOR")
    show([_value(each, names[each.operator_id]) for each in found], as_json, lambda: table(headings, rows))


@token.command()
@click.argument("token_id", metavar="ID")
@json_option
@pass_session
def revoke(session: Session, token_id: str, as_json: bool) -> None:
    """Let a token count no more, from now on.

    Example: licence-server token revoke tok_4rjw2n3k5m6p7q8r9s0t
    """
    server = session.server
    found = server.delegating.revoke(token_id, session.by)
    value = _value(found, server.enrolling.operator(found.operator_id).name)
    show(value, as_json, lambda: f"The token {found.id} ({found.name}) counts no more.")


def _end(found: Token) -> str:
    return day(found.expires_at) if found.revoked_at is None else f"revoked {day(found.revoked_at)}"


def _value(found: Token, operator: str) -> dict[str, object]:
    return {
        "id": found.id,
        "name": found.name,
        "operator": operator,
        "scopes": list(found.scopes),
        "created_at": found.created_at,
        "expires_at": found.expires_at,
        "revoked_at": found.revoked_at,
        "last_used_at": found.last_used_at,
    }
