"""Commands: issue licences and look at them."""

from pathlib import Path
from typing import Any, cast

import click

from keys.command import NewFile, json_option, show
from keys.disk import write_whole
from keys.errors import InvalidInputError
from keys.hourly import Wish, present, usage_options
from keys.hours import Limits
from licence_server.cli import changes
from licence_server.cli.parameters import NEVER, Day
from licence_server.cli.session import Session, pass_session
from licence_server.cli.terms import said, terms
from licence_server.cli.text import facts
from licence_server.cli.views import (
    events_value,
    licence_text,
    licence_value,
    licences_table,
    reported_value,
    view_value,
)
from licence_server.domain.certificate import LANGUAGES, Language
from licence_server.domain.licence import STATES, Order, Picked, State
from licence_server.domain.notices import DAY
from licence_server.domain.paging import every
from licence_server.domain.plan import Given


@click.group()
def licence() -> None:
    """Licences: the right bought, by one customer for one site."""


for command in changes.COMMANDS:
    licence.add_command(command)


@licence.command()
@click.option("--customer", "customer_id", required=True, metavar="ID")
@click.option("--plan", "plan_id", metavar="ID", help="What is not said is as that has it.")
@click.option("--users", type=int, help="Users who may be in at once; without a plan they have to be said.")
@terms
@click.option("--site", default="main", show_default=True, help="The branch that it is for.")
@click.option("--ends", type=Day(), metavar="DATE", help="YYYY-MM-DD or never, in place of a duration.")
@click.option("--network", "networks", multiple=True, metavar="CIDR", help="The site's networks.")
@json_option
@pass_session
def issue(
    session: Session,
    /,
    *,
    customer_id: str,
    plan_id: str | None,
    ends: int | None,
    as_json: bool,
    **fields: Any,  # noqa: ANN401 - see cli.terms
) -> None:
    """Issue a licence, from a plan or without, and print its activation code: once.

    Example: licence-server licence issue --customer cus_4rjw2n3k5m6p7q8r9s0t --users 50 --ends 2027-03-21
    """
    given = said(fields)
    if ends is not None:
        given["ends_at"] = None if ends == NEVER else ends
    issuing = session.server.issuing
    if plan_id is not None:
        issued, code = issuing.issue_from(plan_id, customer_id, cast("Given", given), session.by)
    elif "users" in given:
        issued, code = issuing.issue(Order(customer_id, **given), session.by)
    else:
        raise click.UsageError("Say for how many users it is (--users), or from which plan (--plan).")
    pairs = [("Licence", issued.id), ("Activation code (shown this once)", code)]
    show({**licence_value(issued, issued.state), "code": code}, as_json, lambda: facts(pairs))


@licence.command("list")
@click.option("--state", type=click.Choice(STATES))
@click.option("--customer", "customer_id", metavar="ID", help="Of one customer.")
@click.option("--ending", type=Day(), metavar="DATE", help="YYYY-MM-DD; those that end before it.")
@click.option("--silent", type=click.IntRange(0, 36_500), metavar="DAYS", help="Heard of last so many days ago.")
@json_option
@pass_session
def list_all(  # noqa: PLR0917 - click passes them by name
    session: Session,
    state: State | None,
    customer_id: str | None,
    ending: int | None,
    silent: int | None,
    as_json: bool,
) -> None:
    """List licences, newest first.

    Example: licence-server licence list --state active --ending 2027-03-21
    """
    if ending is not None and ending < 0:
        raise InvalidInputError("Say before which day they end, such as 2027-03-21.")
    if customer_id is not None:
        session.server.registering.one(customer_id)  # of nobody there is no list, not an empty one
    since = None if silent is None else session.server.clock.now() - silent * DAY
    picked = Picked(state=state, customer_id=customer_id, ends_before=ending, silent_since=since)
    found = list(every(lambda after: session.server.reading.licences(picked, after)))
    show([view_value(view) for view in found], as_json, lambda: licences_table(found))


@licence.command()
@click.option("--within", type=int, default=30, show_default=True, metavar="DAYS")
@json_option
@pass_session
def renewals(session: Session, within: int, as_json: bool) -> None:
    """List licences that end within so many days, or ended in the last 90, by their end; without revoked ones.

    Example: licence-server licence renewals --within 60
    """
    found = list(every(lambda after: session.server.renewing.due(within, after)))
    show([view_value(view) for view in found], as_json, lambda: licences_table(found))


@licence.command("show")
@click.argument("licence_id", metavar="ID")
@json_option
@pass_session
def show_one(session: Session, licence_id: str, as_json: bool) -> None:
    """Show a licence, the server it is on, and its history.

    Example: licence-server licence show lic_4rjw2n3k5m6p7q8r9s0t
    """
    view = session.server.reading.licence(licence_id)
    found = {**view_value(view), "events": events_value(view.events), "reported": reported_value(view)}
    show(found, as_json, lambda: licence_text(view))


@licence.command()
@click.argument("licence_id", metavar="ID")
@usage_options
@pass_session
def usage(session: Session, licence_id: str, wish: Wish) -> None:
    """Draw the usage that a licence's server told: what `licence-agent usage` shows there, up to its last validation.

    Example: licence-server licence usage lic_4rjw2n3k5m6p7q8r9s0t --days 30
    """
    found, hours = session.server.reading.usage(licence_id)
    limits = Limits(found.seats.users, found.seats.clients)
    present(hours, limits, session.server.clock.now(), wish, licence=found.id)


@licence.command()
@click.argument("licence_id", metavar="ID")
@click.option("--language", type=click.Choice(LANGUAGES), default="fa", show_default=True)
@click.option("-o", "--output", type=NewFile(in_folder=True), required=True, metavar="FILE", help="The PDF to write.")
@json_option
@pass_session
def certificate(session: Session, licence_id: str, language: Language, output: Path, as_json: bool) -> None:
    """Write a certificate of a licence as it is today, to be printed. There is no activation code in it.

    Example: licence-server licence certificate lic_4rjw2n3k5m6p7q8r9s0t --language en -o certificate.pdf
    """
    write_whole(output, session.server.certifying.certificate(licence_id, language), 0o644)
    found = {"id": licence_id, "language": language, "file": str(output.absolute())}
    show(found, as_json, lambda: f"The certificate of {licence_id} is in {output}.")
