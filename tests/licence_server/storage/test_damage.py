"""A database that somebody or something has damaged: a plain sentence, and no answer made from it."""

from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import delete, text, update

from keys.errors import AuditBrokenError, StateDamagedError
from licence_server.storage.engine import Database
from licence_server.storage.tables import activations, audit_head, licences
from tests.fakes import MemoryDesk
from tests.licence_server.device import Device
from tests.licence_server.vendor import Vendor


@pytest.mark.parametrize(
    ("table", "column", "value"),
    [
        (activations, "chain", {"displaced": [[1]]}),
        (activations, "chain", 7),
        (activations, "host", {"name": "crm"}),
        (activations, "drifts", [1]),
        (licences, "seats", {}),
        (licences, "seats", []),
        (licences, "features", 7),
    ],
)
def test_a_row_that_can_not_be_read_is_said_so(device: Device, table: Any, column: str, value: object) -> None:
    vendor = device.vendor
    with vendor.database.engine.begin() as connection:
        connection.execute(update(table).values({column: value}))
    with pytest.raises(StateDamagedError, match="can't be read"):
        device.validate()
    with pytest.raises(StateDamagedError):
        vendor.reading.licences()
    assert "can't be read" in str(vendor.auditing.verify().problem)


@pytest.mark.parametrize("table", ["activations", "licences"])
def test_a_text_that_is_no_json_is_said_so(vendor: Vendor, table: str) -> None:
    """PostgreSQL takes none; SQLite takes anything."""
    if vendor.database.engine.dialect.name != "sqlite":
        return
    device = Device(vendor)
    device.activate(vendor.sell()[1])
    column = {"activations": "chain", "licences": "seats"}[table]
    with vendor.database.engine.begin() as connection:
        connection.execute(text(f"UPDATE {table} SET {column} = '{{'"))  # noqa: S608 - a table's own names
    with pytest.raises(StateDamagedError):
        device.validate()
    assert not vendor.auditing.verify().valid


def test_without_the_end_of_its_record_nothing_is_signed(device: Device) -> None:
    vendor = device.vendor
    with vendor.database.engine.begin() as connection:
        connection.execute(delete(audit_head))
    with pytest.raises(AuditBrokenError):
        device.validate()
    with pytest.raises(AuditBrokenError):
        vendor.customer()
    assert not vendor.auditing.verify().valid


def test_a_file_whose_pages_are_overwritten_is_damaged(migrated_file: Path, tmp_path: Path) -> None:
    whole = migrated_file.read_bytes()
    broken = tmp_path / "broken.sqlite3"
    broken.write_bytes(whole[:4096] + b"\xa5" * (len(whole) - 4096))
    database = Database(f"sqlite:///{broken}", MemoryDesk())
    with pytest.raises(StateDamagedError, match="restore"), database.reading() as unit:
        unit.customers.all()
    with pytest.raises(StateDamagedError), database.unit() as unit:
        unit.customers.all()
    database.close()


def test_a_file_that_is_no_database_is_damaged(tmp_path: Path) -> None:
    other = tmp_path / "letter.sqlite3"
    other.write_bytes(b"Dear customer, " * 1000)
    database = Database(f"sqlite:///{other}", MemoryDesk())
    with pytest.raises(StateDamagedError), database.reading() as unit:
        unit.customers.all()
    database.close()
