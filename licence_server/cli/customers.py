"""Commands: customers."""

import click

from keys.command import json_option, show
from licence_server.cli.session import Session, pass_session
from licence_server.cli.text import day, facts, table
from licence_server.domain.customer import Customer, NewCustomer


@click.group()
def customer() -> None:
    """Customers: who buys licences."""


@customer.command("add")
@click.argument("name")
@click.option("--national-id", default="", help="10 digits (a person) or 11 (a company).")
@click.option("--email", default="")
@click.option("--mobile", default="")
@click.option("--representative", default="", help="The one person with full authority.")
@json_option
@pass_session
def add(
    session: Session, *, name: str, national_id: str, email: str, mobile: str, representative: str, as_json: bool
) -> None:
    """Register a customer.

    Example: licence-server customer add "Pars Steel" --national-id 14003778990 --email it@example.com
    """
    new = NewCustomer(name, national_id, email, mobile, representative)
    added = session.server.registering.add(new, session.by)
    show(_value(added), as_json, lambda: _text(added))


@customer.command("list")
@json_option
@pass_session
def list_all(session: Session, as_json: bool) -> None:
    """List all customers, oldest first.

    Example: licence-server customer list
    """
    found = session.server.registering.all()
    rows = [(each.id, each.name, each.national_id or "-", day(each.created_at)) for each in found]
    show([_value(each) for each in found], as_json, lambda: table(("ID", "NAME", "NATIONAL ID", "SINCE"), rows))


@customer.command("show")
@click.argument("customer_id", metavar="ID")
@json_option
@pass_session
def show_one(session: Session, customer_id: str, as_json: bool) -> None:
    """Show a customer.

    Example: licence-server customer show cus_4rjw2n3k5m6p7q8r9s0t
    """
    found = session.server.registering.one(customer_id)
    show(_value(found), as_json, lambda: _text(found))


def _value(found: Customer) -> dict[str, object]:
    return {
        "id": found.id,
        "name": found.name,
        "national_id": found.national_id,
        "email": found.email,
        "mobile": found.mobile,
        "representative": found.representative,
        "created_at": found.created_at,
    }


def _text(found: Customer) -> str:
    pairs = [("Customer", found.id), ("Name", found.name), ("Since", day(found.created_at))]
    more = [
        ("National id", found.national_id),
        ("E-mail", found.email),
        ("Mobile", found.mobile),
        ("Representative", found.representative),
    ]
    return facts([*pairs, *((name, value) for name, value in more if value)])
