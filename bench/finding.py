"""How long a vendor with very many customers waits for lists, searches and pages, and how many queries each takes."""

import random
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from statistics import median
from typing import Any

from sqlalchemy import event, insert, select

from bench.customers import filled
from bench.pages import pages
from keys.documents.parts import Customer as Buyer
from licence_server.domain.audit import NOTHING, ROUTINE
from licence_server.domain.customer import Customer, NewCustomer
from licence_server.domain.licence import Licence, Picked, State
from licence_server.domain.paging import Place
from licence_server.services.finding import Finding
from licence_server.services.reading import Reading
from licence_server.storage.engine import Database
from licence_server.storage.migrate import upgrade
from licence_server.storage.tables import activations, audit
from tests import postgres

MANY = 100_000
_ROUNDS, _PAGE = 9, 50
_DAY, _VALIDATIONS = 86_400, 5 * 365
_NAMES = (
    "فولاد", "پارس", "صنایع", "گسترش", "توسعه", "مشهد", "خراسان", "رضوی", "نوین", "داده‌پرداز", "ایران", "تجارت",
    "آسیا", "شرق", "غرب", "پیشگام", "رایانه", "سامان", "البرز", "مؤسسه", "مهندسی", "سیستم", "شبکه", "امین",
    "کیان", "آریا", "سپهر", "زرین", "مهر", "آفتاب", "کویر", "دماوند", "الوند", "طوس", "نیشابور", "سبزوار",
)  # fmt: skip


@dataclass(frozen=True)
class Row:
    """One figure: milliseconds of the whole use case, or of the whole answer of a page, at the median and at worst."""

    database: str
    what: str
    queries: int
    took: float
    worst: float


@dataclass(frozen=True)
class _Vendor:
    """What is measured, and one licence that was validated every day for five years."""

    database: Database
    reading: Reading
    finding: Finding
    licence: Licence


def measure() -> list[Row]:
    """Measure on SQLite and on PostgreSQL, both with the same rows."""
    rows = []
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="bench")))
        server, _ = stack.enter_context(filled(folder / "server"))
        first = server.reading.licences().found[0].licence
        with server.database.engine.connect() as connection:
            activation = dict(connection.execute(select(activations)).mappings().one())
        url = stack.enter_context(stack.enter_context(postgres.running()).database())
        upgrade(url)
        beside = stack.enter_context(closing(Database(url, server.vault)))
        elsewhere = {"LICENCE_SERVER_DATABASE": url}
        for name, database, settings in (("SQLite", server.database, {}), ("PostgreSQL", beside, elsewhere)):
            licence = _fill(database, first, activation)
            reading = Reading(database.reading, server.clock)
            vendor = _Vendor(database, reading, Finding(database.reading, server.clock), licence)
            rows += [_row(name, what, database, use) for what, use in _uses(vendor, first.created_at).items()]
            with pages(folder / "server", settings, licence, first.created_at + _DAY) as (asked, uses):
                rows += [_row(name, what, asked, use) for what, use in uses.items()]
    return rows


def table(rows: list[Row]) -> str:
    """Return the figures for people."""
    databases = list(dict.fromkeys(row.database for row in rows))
    lines = [f"{'':56}" + "".join(f"{name:>12}{'worst':>9}{'queries':>9}" for name in databases)]
    for what in dict.fromkeys(row.what for row in rows):
        found = [row for row in rows if row.what == what]
        lines.append(f"{what:56}" + "".join(f"{row.took:9.1f} ms{row.worst:9.1f}{row.queries:9}" for row in found))
    return "\n".join(lines)


def _uses(vendor: _Vendor, now: int) -> dict[str, Callable[[], object]]:
    """Every list, search and page, by what it is."""
    licences, find = vendor.reading.licences, vendor.finding.find
    oldest = Place(now - MANY + _PAGE, "z")
    picked = {
        "licences": Picked(),
        "licences that are active": Picked(state="active"),
        "licences that are suspended, 1 in 100": Picked(state="suspended"),
        "licences that are recovered, none": Picked(state="recovered"),
        "licences that are expired, 1 in 10": Picked(state="expired"),
        "licences of a customer": Picked(customer_id=vendor.licence.customer.id),
        "licences that end in 30 days": Picked(ends_before=now + 30 * _DAY, state="active"),
        "licences on silent servers, 1 in 1,000": Picked(silent_since=now - 30 * _DAY),
        "licences on silent servers, none": Picked(silent_since=now - 900 * _DAY),
    }
    texts = {
        "a common word": "فولاد",
        "a rare name": "رایانه سپهر نیشابور زرین",
        "a national id": "10000077777",
        "half a mobile number": "0915007",
        "a licence's id": vendor.licence.id,
        "nothing that is there": "qqq",
        "nothing, in Persian": "فولاد پارس کرمانشاه ژاله",
    }
    new = NewCustomer("شركت نوین", email="it77777@example.com", mobile="+989150077777")
    return {
        "customers": lambda: vendor.reading.customers(most=_PAGE),
        "customers, the last page": lambda: vendor.reading.customers(oldest, _PAGE),
        **{what: lambda each=each: licences(each, most=_PAGE) for what, each in picked.items()},
        "licences, the last page": lambda: licences(after=oldest, most=_PAGE),
        "a licence of five years": lambda: vendor.reading.licence(vendor.licence.id),
        "a customer": lambda: vendor.reading.customer(vendor.licence.customer.id),
        **{f"find {what}": lambda text=text: find(text, most=_PAGE) for what, text in texts.items()},
        "who may be registered already": lambda: vendor.finding.similar(new),
    }


def _row(name: str, what: str, database: Database, use: Callable[[], object]) -> Row:
    with _counted(database) as asked:
        use()
    times = []
    for _ in range(_ROUNDS):
        started = time.perf_counter()
        use()
        times.append((time.perf_counter() - started) * 1000)
    return Row(name, what, len(asked), median(times), max(times))


@contextmanager
def _counted(database: Database) -> Iterator[list[str]]:
    asked: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        asked.append(statement)

    event.listen(database.engine, "before_cursor_execute", note)
    yield asked
    event.remove(database.engine, "before_cursor_execute", note)


def _fill(database: Database, first: Licence, activation: dict[str, Any]) -> Licence:
    """Store many customers, each with a licence, of which nine in ten are on a server; return one of them."""
    chance, now, made = random.Random(1), first.created_at, first
    with database.unit() as unit:
        for number in range(MANY):
            customer = _customer(chance, number, now - number)
            made = _licence(first, customer, number, now)
            unit.customers.add(customer)
            unit.licences.add(made)
    with database.engine.begin() as connection:
        for start in range(0, MANY, 1000):
            rows = [_activation(activation, number, now) for number in range(start, start + 1000) if number % 10]
            connection.execute(insert(activations), rows)
            connection.execute(insert(audit), [_entry(number, now) for number in range(start, start + 1000)])
        daily = {"event": ROUTINE, "subject": made.id, "details": '{"reported":[]}'}
        entries = [{**_entry(MANY + day, now - day * _DAY), **daily} for day in range(_VALIDATIONS)]
        connection.execute(insert(audit), entries)
    with database.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.exec_driver_sql("ANALYZE" if database.engine.dialect.name == "sqlite" else "VACUUM ANALYZE")
    return made


def _customer(chance: random.Random, number: int, at: int) -> Customer:
    new = NewCustomer(
        " ".join(["شرکت", *chance.choices(_NAMES, k=3)]),
        email=f"it{number}@example.com",
        mobile=f"0915{number:07}",
        representative=" ".join(chance.choices(_NAMES, k=2)),
    )
    customer = Customer.of(new, f"cus_{number:020}", at, "bench")
    return replace(customer, national_id=f"1{number:010}")  # any check digit: nobody types it


def _licence(first: Licence, customer: Customer, number: int, now: int) -> Licence:
    state: State = "suspended" if number % 100 == 1 else "active" if number % 10 else "issued"
    ends_at = now + (number % 700) * _DAY if number % 10 != 2 else now - 100 * _DAY
    return replace(
        first,
        id=f"lic_{number:020}",
        customer=Buyer(customer.id, customer.name),
        site=_NAMES[number % len(_NAMES)],
        state=state,
        terms=replace(first.terms, ends_at=ends_at),
        created_at=customer.created_at,
    )


def _activation(model: dict[str, Any], number: int, now: int) -> dict[str, Any]:
    names = {"id": f"act_{number:020}", "licence_id": f"lic_{number:020}", "device_key": f"key_{number}"}
    return {**model, **names, "seen_at": now - (60 * _DAY if number % 1000 == 1 else number % _DAY)}


def _entry(number: int, at: int) -> dict[str, object]:
    chained = {"previous": NOTHING, "digest": NOTHING, "actor": "bench", "event": "licence_issued"}
    return {**chained, "seq": 1000 + number, "at": at, "subject": f"lic_{number:020}", "details": "{}"}


if __name__ == "__main__":
    print(table(measure()))
