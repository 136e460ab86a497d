"""Commands: customers."""

from collections.abc import Callable
from typing import Any, cast

import click

from keys.command import json_option, show, tell
from licence_server.cli.customer_views import customer_text, customer_value, customers_table, found_table, found_value
from licence_server.cli.session import Session, pass_session
from licence_server.cli.views import events_value, history_text, licences_table, view_value
from licence_server.domain.customer import KINDS, LANGUAGES, Changes, NewCustomer
from licence_server.domain.licence import Picked
from licence_server.domain.paging import MOST, every
from licence_server.domain.representative import NewRepresentative

_ID = click.argument("customer_id", metavar="ID")
_FIELDS = (
    click.option("--national-id", help="10 digits (a person) or 11 (a company)."),
    click.option("--kind", type=click.Choice(KINDS), help="As the national id says; without one: legal."),
    click.option("--email"),
    click.option("--mobile"),
    click.option("--phone"),
    click.option("--address"),
    click.option("--language", type=click.Choice(LANGUAGES), help="Of notices: fa unless told."),
    click.option("--email-notices/--no-email-notices", "by_email", default=None, help="Legal ones always go out."),
    click.option("--sms-notices/--no-sms-notices", "by_sms", default=None, help="Legal ones always go out."),
    click.option("--note"),
)


def _fields(command: Callable[..., None]) -> Callable[..., None]:
    for option in reversed(_FIELDS):
        command = option(command)
    return command


def _given(fields: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in fields.items() if value is not None}


@click.group()
def customer() -> None:
    """Customers: who buys licences."""


@customer.command("add")
@click.argument("name")
@_fields
@click.option("--representative", help="Name of the one person with full authority.")
@json_option
@pass_session
def add(session: Session, /, *, as_json: bool, **fields: Any) -> None:  # noqa: ANN401 - see _FIELDS
    """Register a customer. Who may be registered already is named on standard error.

    Example: licence-server customer add "Pars Steel" --national-id 14003778990 --email it@example.com
    """
    new = NewCustomer(**_given(fields))
    alike = session.server.finding.similar(new)
    added = session.server.registering.add(new, session.by)
    for each in alike:
        tell(f"Perhaps the same: {each.customer.id} {each.customer.name}, by {' and '.join(each.fields)}.")
    show(customer_value(added), as_json, lambda: customer_text(added))


@customer.command("change")
@_ID
@click.option("--name", help="As in the official document.")
@_fields
@json_option
@pass_session
def change(session: Session, /, *, customer_id: str, as_json: bool, **fields: Any) -> None:  # noqa: ANN401 - see _FIELDS
    """Correct what is known of a customer; what is not named stays, and "" empties.

    Example: licence-server customer change cus_4rjw2n3k5m6p7q8r9s0t --mobile 09151234567 --no-sms-notices
    """
    changes = cast("Changes", _given(fields))
    changed = session.server.registering.change(customer_id, changes, session.by)
    show(customer_value(changed), as_json, lambda: customer_text(changed))


@customer.command("representative")
@_ID
@click.option("--name", required=True, help="As the customer named them in writing.")
@click.option("--national-id", default="", help="10 digits.")
@click.option("--mobile", default="")
@click.option("--email", default="")
@json_option
@pass_session
def representative(
    session: Session, *, customer_id: str, name: str, national_id: str, mobile: str, email: str, as_json: bool
) -> None:
    """Write down the one person who speaks for a customer from now on; the former one stays in the history.

    Example: licence-server customer representative cus_4rjw2n3k5m6p7q8r9s0t --name "Sara Ahmadi" --mobile 09151234567
    """
    person = NewRepresentative(name, national_id, mobile, email)
    changed = session.server.registering.appoint(customer_id, person, session.by)
    show(customer_value(changed), as_json, lambda: customer_text(changed))


@customer.command("find")
@click.argument("text")
@click.option("--most", type=click.IntRange(1, MOST), default=50, show_default=True, metavar="N")
@json_option
@pass_session
def find(session: Session, text: str, most: int, as_json: bool) -> None:
    """Find customers and licences, newest first, by any part of a name, number, address, site, edition or id.

    Example: licence-server customer find 0915123
    """
    page = session.server.finding.find(text, most=most)
    show([found_value(each) for each in page.found], as_json, lambda: found_table(page.found))
    if page.next is not None:
        tell(f"There are more than {most}: look for more letters.")


@customer.command("list")
@json_option
@pass_session
def list_all(session: Session, as_json: bool) -> None:
    """List all customers, newest first.

    Example: licence-server customer list
    """
    found = list(every(session.server.reading.customers))
    show([customer_value(each) for each in found], as_json, lambda: customers_table(found))


@customer.command("show")
@_ID
@json_option
@pass_session
def show_one(session: Session, customer_id: str, as_json: bool) -> None:
    """Show a customer with their licences and their history.

    Example: licence-server customer show cus_4rjw2n3k5m6p7q8r9s0t
    """
    found, events = session.server.reading.customer(customer_id)
    picked = Picked(customer_id=customer_id)
    licences = list(every(lambda after: session.server.reading.licences(picked, after)))
    value = {
        **customer_value(found),
        "licences": [view_value(view) for view in licences],
        "events": events_value(events),
    }
    parts = (customer_text(found), *([licences_table(licences)] if licences else []), *history_text(events))
    show(value, as_json, lambda: "\n".join(parts))
