"""Commands: outages, by which leases go on that would end in them."""

import click

from keys.carried import read_carried
from keys.command import json_option, show
from keys.errors import InvalidInputError
from keys.handing_out import Ways, handing_out
from keys.printing import REPLY
from licence_server.cli.parameters import NEVER, Day
from licence_server.cli.session import Session, pass_session
from licence_server.cli.text import day, facts, moment, plain, table
from licence_server.domain.outage import Declaration, Declared

_CARRYING = handing_out("what customers import")
_PUBLIC = 0o644


@click.group()
def outage() -> None:
    """Outages: a force majeure in which customers can't reach the server."""


@outage.command()
@click.option(
    "--from", "from_at", type=Day(), required=True, metavar="DATE", help="What ended before is not stretched."
)
@click.option("--until", "until_at", type=Day(), required=True, metavar="DATE", help="Nothing goes on past it by this.")
@click.option("--days", type=int, required=True, metavar="N", help="How many days longer leases last.")
@click.option("--licence", "licences", multiple=True, metavar="ID", help="May be given more than once.")
@click.option("--all", "everybody", is_flag=True, help="For every licence.")
@click.option("--reason", required=True, metavar="TEXT", help="What happened, in a sentence.")
@_CARRYING
@json_option
@pass_session
def declare(  # noqa: PLR0917 - click passes them by name
    session: Session,
    from_at: int,
    until_at: int,
    days: int,
    licences: tuple[str, ...],
    everybody: bool,
    reason: str,
    ways: Ways,
    as_json: bool,
) -> None:
    """Declare an outage, and sign one file for all customers, which their agents take (licence-agent import).

    Example: licence-server outage declare --from 2027-03-21 --until 2027-05-01 --days 14 --all
    --reason "no internet in the country" -o outage.lic
    """
    if everybody == bool(licences):
        raise click.UsageError("Name licences with --licence, or say --all.")
    if NEVER in (from_at, until_at):
        raise InvalidInputError("An outage has a beginning and an end.")
    wanted = Declaration(from_at, until_at, days, licences or None, reason)
    _hand_out(session, session.server.declaring.declare(wanted, session.by), ways, as_json)


@outage.command("list")
@json_option
@pass_session
def list_all(session: Session, as_json: bool) -> None:
    """List all outages that were ever declared, newest first.

    Example: licence-server outage list
    """
    found = session.server.declaring.outages()
    rows = [
        [each.id, day(wanted.from_at), day(wanted.until_at), str(wanted.days), _whose(wanted), wanted.reason]
        for each in found
        for wanted in (each.declaration,)
    ]
    headings = ("Id", "From", "Until", "Days", "Licences", "Reason")
    show([_value(each) for each in found], as_json, lambda: table(headings, rows))


@outage.command("show")
@click.argument("outage_id", metavar="ID")
@_CARRYING
@json_option
@pass_session
def show_one(session: Session, outage_id: str, ways: Ways, as_json: bool) -> None:
    """Show an outage, and write its file once more.

    Example: licence-server outage show out_4rjw2n3k5m6p7q8r9s0t -o outage.lic
    """
    _hand_out(session, session.server.declaring.one(outage_id), ways, as_json)


def _hand_out(session: Session, declared: Declared, ways: Ways, as_json: bool) -> None:
    content, wanted = session.server.declaring.content(declared), declared.declaration
    written = ways.write(read_carried(content), REPLY, session.server.config.issuer, _PUBLIC)
    pairs = [
        ("Outage", declared.id),
        ("From", moment(wanted.from_at)),
        ("Until", moment(wanted.until_at)),
        ("Stretches leases by", f"{wanted.days} days"),
        ("Licences", _whose(wanted)),
        ("Reason", wanted.reason),
        ("Declared", f"{moment(declared.declared_at)}, {plain(declared.declared_by)}"),
        *(("For customers", f"{path}: licence-agent import") for path in (ways.output, ways.qr_file) if path),
    ]
    show({**_value(declared), **written, "content": content.decode()}, as_json, lambda: facts(pairs))
    if not as_json:
        ways.draw(written["parts"])


def _whose(wanted: Declaration) -> str:
    return "all" if wanted.licences is None else f"{len(wanted.licences)} by name"


def _value(declared: Declared) -> dict[str, object]:
    return {
        "id": declared.id,
        **declared.declaration.terms,
        "declared_by": declared.declared_by,
        "declared_at": declared.declared_at,
        "approval": declared.approval,
    }
