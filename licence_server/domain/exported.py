"""Customers and licences as rows of a file, in the columns that an import takes."""

from datetime import UTC, datetime

from licence_server.domain.customer import Customer
from licence_server.domain.licence import Licence, State

_LATEST = 253_402_300_799
"""The last second of the year 9999."""
CUSTOMER_HEADER = (
    "id", "name", "kind", "national_id", "email", "mobile", "phone", "address", "representative", "language",
    "by_email", "by_sms", "note", "created_at",
)  # fmt: skip
LICENCE_HEADER = (
    "id", "customer", "customer_name", "state", "plan", "users", "clients", "model", "edition", "features", "site",
    "networks", "starts", "ends", "created_at",
)  # fmt: skip


def customer_cells(customer: Customer) -> tuple[str, ...]:
    """Return a customer as the cells of a row."""
    spokesman = customer.in_force
    return (
        customer.id,
        customer.name,
        customer.kind,
        customer.national_id,
        customer.email,
        customer.mobile,
        customer.phone,
        customer.address,
        "" if spokesman is None else spokesman.name,
        customer.language,
        _answer(customer.by_email),
        _answer(customer.by_sms),
        customer.note,
        _day(customer.created_at),
    )


def licence_cells(licence: Licence, state: State) -> tuple[str, ...]:
    """Return a licence as the cells of a row; ``state`` is with expiry counted in."""
    seats, terms = licence.seats, licence.terms
    return (
        licence.id,
        licence.customer.id,
        licence.customer.name,
        state,
        licence.plan or "",
        str(seats.users),
        "any" if seats.clients is None else str(seats.clients),
        seats.model,
        licence.edition,
        " ".join(licence.features),
        licence.site,
        " ".join(licence.networks),
        _day(terms.starts_at),
        "never" if terms.ends_at is None else _day(terms.ends_at),
        _day(licence.created_at),
    )


def _answer(wanted: bool) -> str:
    return "yes" if wanted else "no"


def _day(at: int) -> str:
    return datetime.fromtimestamp(min(at, _LATEST), UTC).date().isoformat()
