"""Nobody becomes another customer, a manager, or an operator at all behind the record."""

import pytest
from sqlalchemy import Connection, Table, delete, insert, select, update

from licence_server.storage.tables import customers, metadata, operators
from tests.licence_server.device import Device
from tests.licence_server.services.test_auditing import busy, problem
from tests.licence_server.vendor import Vendor

__all__ = ["busy"]
pytestmark = pytest.mark.threat(32)


@pytest.mark.parametrize(
    ("table", "values"),
    [
        (customers, {"name": "Somebody Else"}),
        (customers, {"email": "thief@example.com"}),
        (customers, {"representative": "A Thief"}),
        (operators, {"role": "administrator"}),
        (operators, {"password_hash": "quick$known"}),
        (operators, {"name": "mallory"}),
    ],
)
def test_a_person_that_was_changed_is_found(busy: Vendor, table: Table, values: dict[str, str]) -> None:
    said = problem(busy, lambda connection: connection.execute(update(table).values(**values)))
    assert "is not as the record left it" in (said or "")


@pytest.mark.parametrize("table", [customers, operators])
def test_a_person_that_was_slipped_in_is_found(busy: Vendor, table: Table) -> None:
    with busy.database.engine.begin() as connection:
        row = dict(connection.execute(select(table)).mappings().first() or {})
    row |= {"id": "slipped_in", "name": "mallory"}
    assert "slipped_in" in str(problem(busy, lambda connection: connection.execute(insert(table).values(row))))


def test_an_operator_that_was_removed_is_found(busy: Vendor) -> None:
    assert "no longer" in str(problem(busy, lambda connection: connection.execute(delete(operators))))


def test_a_customer_that_was_removed_is_found(vendor: Vendor) -> None:
    vendor.customer()

    def remove(connection: Connection) -> None:
        connection.execute(delete(customers))

    assert "no longer" in str(problem(vendor, remove))


def test_a_customer_that_evidence_brought_back_is_in_the_record(vendor: Vendor) -> None:
    device = Device(vendor)
    device.activate(vendor.sell()[1])
    vendor.clock.advance(86_400)
    with vendor.database.engine.begin() as connection:
        for table in reversed(metadata.sorted_tables):
            if table.name != "audit_head":
                connection.execute(delete(table))
        connection.execute(update(metadata.tables["audit_head"]).values(seq=0, digest="", at=0, seal=""))
    device.validate(evidence=True)
    assert vendor.auditing.verify().valid
    assert "Customer" in str(problem(vendor, lambda found: found.execute(update(customers).values(name="Other"))))
