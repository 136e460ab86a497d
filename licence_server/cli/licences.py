"""Commands: issue licences and look at them."""

from typing import Literal

import click

from keys.command import json_option, show
from keys.documents.parts import NetworkPolicy
from keys.errors import InvalidInputError
from keys.hourly import Wish, present, usage_options
from keys.hours import Limits
from licence_server.cli import changes
from licence_server.cli.parameters import NEVER, Day
from licence_server.cli.session import Session, pass_session
from licence_server.cli.text import facts
from licence_server.cli.views import (
    events_value,
    licence_text,
    licence_value,
    licences_table,
    reported_value,
    view_value,
)
from licence_server.domain.licence import STATES, OnClone, Order, Picked, State
from licence_server.domain.notices import DAY
from licence_server.domain.paging import every


@click.group()
def licence() -> None:
    """Licences: the right bought, by one customer for one site."""


for command in changes.COMMANDS:
    licence.add_command(command)


@licence.command()
@click.option("--customer", "customer_id", required=True, metavar="ID")
@click.option("--users", type=int, required=True, help="Users who may be in at once.")
@click.option("--clients", type=int, help="Computers that may be in at once; any number unless told.")
@click.option("--service", type=int, default=0, metavar="N", help="Integration accounts, which cost no user.")
@click.option("--overdraft-users", type=int, default=0, metavar="N", help="Users more than bought, for some days.")
@click.option("--overdraft-days", type=int, default=0, metavar="D", help="How many of any 30 days.")
@click.option("--model", type=click.Choice(["concurrent", "named"]), default="concurrent", show_default=True)
@click.option("--edition", help="The vendor's default unless told.")
@click.option("--site", default="main", show_default=True, help="The branch that it is for.")
@click.option("--ends", "ends_at", type=Day(), metavar="DATE", help="YYYY-MM-DD; never unless told.")
@click.option("--feature", "features", multiple=True, help="What the edition includes; may be given more than once.")
@click.option("--network", "networks", multiple=True, metavar="CIDR", help="The site's networks.")
@click.option(
    "--network-policy",
    type=click.Choice(["enforce", "report"]),
    default="enforce",
    show_default=True,
    help="What clients outside meet: no seat, or a seat that the vendor is told of.",
)
@click.option("--interval", type=int, metavar="S", help="Seconds from one validation to the next.")
@click.option("--grace", type=int, metavar="S", help="Seconds that it goes on without the server.")
@click.option("--on-clone", type=click.Choice(["suspend", "report"]), default="suspend", show_default=True)
@json_option
@pass_session
def issue(  # noqa: PLR0917 - click passes them by name
    session: Session,
    customer_id: str,
    users: int,
    clients: int | None,
    service: int,
    overdraft_users: int,
    overdraft_days: int,
    model: Literal["concurrent", "named"],
    edition: str | None,
    site: str,
    ends_at: int | None,
    features: tuple[str, ...],
    networks: tuple[str, ...],
    network_policy: NetworkPolicy,
    interval: int | None,
    grace: int | None,
    on_clone: OnClone,
    as_json: bool,
) -> None:
    """Issue a licence, and print its activation code: once.

    Example: licence-server licence issue --customer cus_4rjw2n3k5m6p7q8r9s0t --users 50 --ends 2027-03-21
    """
    order = Order(
        customer_id=customer_id,
        users=users,
        clients=clients,
        service=service,
        overdraft_users=overdraft_users,
        overdraft_days=overdraft_days,
        model=model,
        edition=edition,
        site=site,
        ends_at=None if ends_at == NEVER else ends_at,
        features=features,
        networks=networks,
        network_policy=network_policy,
        interval=interval,
        grace=grace,
        on_clone=on_clone,
    )
    issued, code = session.server.issuing.issue(order, session.by)
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
