"""Commands: the vendor's people."""

import click

from keys.command import json_option, show
from keys.errors import InvalidInputError
from licence_server.cli.passkeys import passkey
from licence_server.cli.session import Session, pass_session
from licence_server.cli.text import day, facts, moment, table
from licence_server.domain.operator import ROLES, Operator, Role, check_role
from licence_server.domain.session import Session as SignIn
from licence_server.services.enrolling import Welcome


@click.group()
def operator() -> None:
    """The vendor's people: who works here, and what they may do."""


operator.add_command(passkey)


@operator.command()
@click.argument("name")
@click.option("--role", type=check_role, required=True, metavar="ROLE", help=f"What they may do: {', '.join(ROLES)}.")
@json_option
@pass_session
def add(session: Session, name: str, role: Role, as_json: bool) -> None:
    """Take a person in, and print a password for one sign-in, once; the sign-in sets another and a second factor.

    Example: licence-server operator add sara.karimi --role sales
    """
    _show_welcome(session.server.enrolling.add(name, role, session.by), as_json)


@operator.command("list")
@json_option
@pass_session
def list_all(session: Session, as_json: bool) -> None:
    """List operators, oldest first.

    Example: licence-server operator list
    """
    found = session.server.enrolling.operators()
    rows = [(each.name, each.role, _state(each), day(each.created_at), each.id) for each in found]
    show([_value(each) for each in found], as_json, lambda: table(("NAME", "ROLE", "STATE", "SINCE", "ID"), rows))


@operator.command("show")
@click.argument("name")
@json_option
@pass_session
def show_one(session: Session, name: str, as_json: bool) -> None:
    """Show an operator, and where they are signed in.

    Example: licence-server operator show sara.karimi
    """
    found = session.server.enrolling.named(name)
    sessions = session.server.authenticating.sessions(found.id)
    passkeys = len(session.server.equipping.passkeys(found.id))
    value = {**_value(found), "passkeys": passkeys, "sessions": [_session_value(each) for each in sessions]}
    show(value, as_json, lambda: _text(found, [_session_text(each) for each in sessions], passkeys))


@operator.command("role")
@click.argument("name")
@click.argument("role", type=check_role)
@json_option
@pass_session
def change_role(session: Session, name: str, role: Role, as_json: bool) -> None:
    """Give an operator another role, and sign them out.

    Example: licence-server operator role sara.karimi manager
    """
    enrolling = session.server.enrolling
    _show(enrolling.change_role(enrolling.named(name).id, role, session.by), as_json)


@operator.command()
@click.argument("name")
@json_option
@pass_session
def disable(session: Session, name: str, as_json: bool) -> None:
    """Sign an operator out and let them in no more; their tokens count no more either.

    Example: licence-server operator disable sara.karimi
    """
    enrolling = session.server.enrolling
    _show(enrolling.disable(enrolling.named(name).id, session.by), as_json)


@operator.command()
@click.argument("name")
@json_option
@pass_session
def enable(session: Session, name: str, as_json: bool) -> None:
    """Let a disabled operator in again, with the password, second factor and tokens they had.

    Example: licence-server operator enable sara.karimi
    """
    enrolling = session.server.enrolling
    _show(enrolling.enable(enrolling.named(name).id, session.by), as_json)


@operator.command()
@click.argument("name")
@click.argument("account", metavar="SUBJECT", required=False)
@click.option("--none", "is_none", is_flag=True, help="Link them to no account any more.")
@json_option
@pass_session
def sso(session: Session, name: str, account: str | None, is_none: bool, as_json: bool) -> None:
    """Link an operator to their account at the provider of single sign-on, and sign them out.

    SUBJECT is what the provider says in the claim that the setting sso_identity names.

    Example: licence-server operator sso sara.karimi 248289761001
    """
    if (account is None) != is_none:
        raise InvalidInputError("Name one account of the provider, or --none.")
    enrolling = session.server.enrolling
    _show(enrolling.link(enrolling.named(name).id, account, session.by), as_json)


@operator.command()
@click.argument("name")
@json_option
@pass_session
def reset(session: Session, name: str, as_json: bool) -> None:
    """For a lost password or telephone: out, without passkeys, and in again by a password that is printed once.

    Example: licence-server operator reset sara.karimi
    """
    enrolling = session.server.enrolling
    _show_welcome(enrolling.reset(enrolling.named(name).id, session.by), as_json)


def _show(found: Operator, as_json: bool) -> None:
    show(_value(found), as_json, lambda: facts(_pairs(found)))


def _show_welcome(welcome: Welcome, as_json: bool) -> None:
    value = {**_value(welcome.operator), "password": welcome.password}
    pairs = [*_pairs(welcome.operator), ("Password (shown this once)", welcome.password)]
    show(value, as_json, lambda: facts(pairs))


def _value(found: Operator) -> dict[str, object]:
    return {
        "id": found.id,
        "name": found.name,
        "role": found.role,
        "created_at": found.created_at,
        "disabled_at": found.disabled_at,
        "password_at": found.password_at,
        "password_once": found.password_once,
        "second_factor": found.secret is not None,
        "recovery_codes": len(found.recovery),
        "language": found.language,
        "account": found.account,
    }


def _session_value(found: SignIn) -> dict[str, object]:
    place = {"address": found.place.address, "agent": found.place.agent}
    return {"id": found.id, "created_at": found.created_at, "seen_at": found.seen_at, **place}


def _pairs(found: Operator) -> list[tuple[str, str]]:
    return [("Operator", found.name), ("Role", found.role), ("State", _state(found)), ("Id", found.id)]


def _text(found: Operator, sessions: list[str], passkeys: int) -> str:
    recovery = f"set up, {len(found.recovery)} recovery codes left"
    pairs = [
        *_pairs(found),
        ("Since", day(found.created_at)),
        ("Password set", moment(found.password_at)),
        ("Second factor", "not set up" if found.secret is None else recovery),
        ("Passkeys", str(passkeys)),
        ("Single sign-on", found.account or "not linked"),
    ]
    return "\n".join([facts(pairs), *(["Signed in", *sessions] if sessions else [])])


def _session_text(found: SignIn) -> str:
    when = f"{moment(found.created_at)}, last seen {moment(found.seen_at)}"
    return facts([(f"  {found.id}", f"{when}, {found.place.address}, {found.place.agent}")])


def _state(found: Operator) -> str:
    if found.disabled_at is not None:
        return "disabled"
    return "to sign in first" if found.password_once else "active"
