"""A customer as JSON and as text."""

from collections.abc import Sequence
from dataclasses import asdict

from licence_server.cli.text import day, facts, table
from licence_server.cli.views import view_value
from licence_server.domain.customer import Customer
from licence_server.domain.representative import Representative
from licence_server.services.reading import LicenceView


def customer_value(customer: Customer) -> dict[str, object]:
    """Return what ``--json`` shows of a customer."""
    return asdict(customer)


def customer_text(customer: Customer) -> str:
    """Return a customer for people; what is not known is left out."""
    chosen = [channel for channel, wanted in (("e-mail", customer.by_email), ("SMS", customer.by_sms)) if wanted]
    pairs = [
        ("Customer", customer.id),
        ("Name", customer.name),
        ("Since", day(customer.created_at)),
        ("Kind", customer.kind),
        ("National id", customer.national_id),
        ("E-mail", customer.email),
        ("Mobile", customer.mobile),
        ("Phone", customer.phone),
        ("Address", _one_line(customer.address)),
        (
            "Notices",
            f"in {customer.language}, by {' and '.join(chosen) or 'neither e-mail nor SMS'}; legal ones by all",
        ),
        ("Note", _one_line(customer.note)),
        *_representatives(customer),
    ]
    return facts([(name, value) for name, value in pairs if value])


def customers_table(customers: Sequence[Customer]) -> str:
    """Return customers for people, one a line."""
    rows = [(each.id, each.name, each.national_id or "-", day(each.created_at)) for each in customers]
    return table(("ID", "NAME", "NATIONAL ID", "SINCE"), rows)


def found_value(found: Customer | LicenceView) -> dict[str, object]:
    """Return what ``--json`` shows of something that was looked for."""
    if isinstance(found, Customer):
        return {"type": "customer", **customer_value(found)}
    return {"type": "licence", **view_value(found)}


def found_table(found: Sequence[Customer | LicenceView]) -> str:
    """Return what was looked for, for people, one a line."""
    return table(("ID", "CUSTOMER", "WHAT"), [_found_row(each) for each in found])


def _found_row(found: Customer | LicenceView) -> tuple[str, str, str]:
    if isinstance(found, Customer):
        return found.id, found.name, found.national_id or found.kind
    return found.licence.id, found.customer.name, f"{found.state}, {found.licence.site}, {found.licence.edition}"


def _representatives(customer: Customer) -> list[tuple[str, str]]:
    people = customer.representatives or tuple(filter(None, [customer.in_force]))
    return [("Representative" if each.until is None else "Formerly", _representative(each)) for each in people]


def _representative(person: Representative) -> str:
    until = "" if person.until is None else f" until {day(person.until)}"
    known = (person.name, person.national_id, person.mobile, person.email, f"since {day(person.since)}{until}")
    return ", ".join(part for part in known if part)


def _one_line(text: str) -> str:
    return ", ".join(text.splitlines())
