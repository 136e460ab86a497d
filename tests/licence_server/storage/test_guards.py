"""What the database forbids by itself, whatever the code above it does."""

from typing import Any

import pytest
from sqlalchemy import Table, insert, null, select, update
from sqlalchemy.exc import DBAPIError, IntegrityError

from keys.errors import LicenceNotActivatableError, NotFoundError, RequestReplayedError, StateConflictError
from licence_server.domain.customer import Customer
from licence_server.domain.operator import Operator
from licence_server.storage.tables import activations, audit, customers, documents, licences
from tests.licence_server.device import Device
from tests.licence_server.vendor import Vendor


def first(vendor: Vendor, table: Table) -> dict[str, Any]:
    with vendor.database.engine.connect() as connection:
        return dict(connection.execute(select(table)).mappings().first() or {})


def test_a_licence_is_never_transferred(device: Device) -> None:
    """T2, by a trigger."""
    vendor = device.vendor
    other = vendor.customer("somebody else")
    with vendor.database.engine.connect() as connection:
        with pytest.raises(DBAPIError, match="never transferred"):
            connection.execute(update(licences).values(customer_id=other.id))
        connection.rollback()
        connection.execute(update(licences).values(customer_id=licences.c.customer_id))


def test_a_licence_has_at_most_one_live_activation(device: Device) -> None:
    """T4, by an index; there may be any number of others."""
    vendor = device.vendor
    row = first(vendor, activations)
    with vendor.database.engine.begin() as connection:
        for number, binding in enumerate(("superseded", "superseded", "deactivated")):
            connection.execute(
                insert(activations).values(row | {"id": f"a{number}", "device_key": f"k{number}", "binding": binding})
            )
    with pytest.raises(IntegrityError), vendor.database.engine.begin() as connection:
        connection.execute(insert(activations).values(row | {"id": "other", "device_key": "other"}))


def test_a_device_key_is_registered_once(device: Device) -> None:
    vendor = device.vendor
    row = first(vendor, activations) | {"id": "other", "binding": "superseded"}
    with pytest.raises(IntegrityError), vendor.database.engine.begin() as connection:
        connection.execute(insert(activations).values(row))


def test_a_device_key_that_is_registered_twice_is_refused_and_the_row_unchanged(device: Device) -> None:
    vendor = device.vendor
    before = first(vendor, activations)
    with vendor.database.reading() as unit:
        activation = unit.activations.with_key(device.signer.key.kid)
    assert activation is not None
    with pytest.raises(LicenceNotActivatableError), vendor.database.unit() as unit:
        unit.activations.add(activation)
    assert first(vendor, activations) == before


@pytest.mark.parametrize(
    ("table", "values"),
    [
        (licences, {"state": "expired"}),
        (licences, {"on_clone": "ignore"}),
        (licences, {"network_policy": "ask"}),
        (licences, {"seats": None}),
        (activations, {"binding": "lost"}),
        (activations, {"licence_id": "lic_never"}),
        (audit, {"details": None}),
    ],
)
def test_what_can_not_be_is_not_stored(device: Device, table: Table, values: dict[str, object]) -> None:
    statement = update(table).values({name: value for name, value in values.items() if value is not None})
    if None in values.values():
        (name,) = values
        statement = update(table).values({name: null()})
    with pytest.raises(IntegrityError), device.vendor.database.engine.begin() as connection:
        connection.execute(statement)


def test_a_request_is_answered_once(device: Device) -> None:
    row = first(device.vendor, documents)
    with device.vendor.database.engine.begin() as connection:
        connection.execute(insert(documents).values(row | {"id": "doc_other", "request_id": "req_other"}))
    with pytest.raises(RequestReplayedError), device.vendor.database.unit() as unit:
        unit.documents.add(device.licence, row["request_id"])


def test_what_is_there_already_is_a_conflict(vendor: Vendor) -> None:
    customer = Customer("cus_1", "x", "10380284790", "", "", "", 1)
    operator = Operator("opr_1", "sara", "sales", "hash", 1)
    licence, _ = vendor.sell()
    with vendor.database.unit() as unit:
        unit.customers.add(customer)
        unit.operators.add(operator)
    with pytest.raises(StateConflictError), vendor.database.unit() as unit:
        unit.customers.add(Customer("cus_2", "y", "10380284790", "", "", "", 1))
    with pytest.raises(StateConflictError, match="sara"), vendor.database.unit() as unit:
        unit.operators.add(Operator("opr_2", "sara", "sales", "hash", 1))
    with pytest.raises(StateConflictError, match=licence.id), vendor.database.unit() as unit:
        unit.licences.add(licence)
    with vendor.database.reading() as unit:
        assert unit.operators.all() == [operator]
        assert {each.id for each in unit.customers.all()} == {"cus_1", licence.customer.id}


def test_nothing_of_a_unit_that_ends_badly_is_stored(vendor: Vendor) -> None:
    with pytest.raises(NotFoundError):
        _add_and_stumble(vendor)
    assert not first(vendor, customers)


def _add_and_stumble(vendor: Vendor) -> None:
    with vendor.database.unit() as unit:
        unit.customers.add(Customer("cus_1", "x", "", "", "", "", 1))
        unit.licences.lock("lic_never")
