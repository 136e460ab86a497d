"""Transactions: durable, taken in turn, and seen from one moment."""

import os
import threading
from pathlib import Path

import pytest
from sqlalchemy import create_engine, text

from keys.errors import UnavailableError
from licence_server.domain.customer import Customer
from licence_server.storage.engine import Database
from tests.fakes import MemoryDesk
from tests.licence_server.vendor import Vendor


def _customer(number: int) -> Customer:
    return Customer(f"cus_{number}", "x", "", "", "", "", number)


def test_sqlite_is_set_up_to_survive_a_power_cut(migrated_sqlite_url: str) -> None:
    database = Database(migrated_sqlite_url, MemoryDesk())
    with database.engine.connect() as connection:
        values = {name: connection.execute(text(f"PRAGMA {name}")).scalar() for name in ("journal_mode", "synchronous")}
        assert values == {"journal_mode": "wal", "synchronous": 2}
        assert connection.execute(text("PRAGMA foreign_keys")).scalar() == 1
    database.close()


def test_a_reader_sees_one_moment_while_others_write(vendor: Vendor) -> None:
    with vendor.database.reading() as before:
        assert len(before.customers.all()) == 0
        with vendor.database.unit() as unit:
            unit.customers.add(_customer(1))
        assert len(before.customers.all()) == 0
    with vendor.database.reading() as after:
        assert len(after.customers.all()) == 1


def test_the_record_holds_whenever_it_is_looked_at(vendor: Vendor) -> None:
    """Verifying beside busy writers accuses nobody."""
    done, reports = threading.Event(), []

    def look() -> None:
        while not done.is_set():
            reports.append(vendor.auditing.verify())

    watcher = threading.Thread(target=look)
    watcher.start()
    customer = vendor.customer()
    for _ in range(30):
        vendor.sell(customer.id)
    done.set()
    watcher.join()
    assert {report.problem for report in reports} == {None}
    assert len({report.events for report in reports}) > 1


def test_a_database_that_vanishes_is_unavailable_and_comes_back(vendor: Vendor) -> None:
    """PostgreSQL drops its connections when it restarts; SQLite has none to lose."""
    if vendor.database.engine.dialect.name == "postgresql":
        other = create_engine(vendor.database.engine.url)
        with vendor.database.reading() as unit:
            unit.customers.all()
        with other.begin() as connection:
            connection.execute(
                text("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid()")
            )
        other.dispose()
    assert vendor.customer().name == "فولاد پارس"


def test_a_writer_who_waits_too_long_for_a_connection_is_told_to_come_again(migrated_postgresql_url: str) -> None:
    database = Database(migrated_postgresql_url, MemoryDesk(), pool_size=1)
    database.engine.pool._timeout = 0.1  # type: ignore[attr-defined]
    with database.unit(), database.unit(), pytest.raises(UnavailableError), database.unit():
        pass
    database.close()


def _add_many(database: Database) -> None:
    with database.unit() as unit:
        for number in range(1000):
            unit.customers.add(_customer(number))


def test_a_full_disk_stores_nothing_and_says_so(migrated_sqlite_url: str) -> None:
    database = Database(migrated_sqlite_url, MemoryDesk())
    with database.engine.connect() as connection:
        pages = connection.execute(text("PRAGMA page_count")).scalar()
    database.close()
    database = Database(migrated_sqlite_url, MemoryDesk(), pool_size=1)
    with database.engine.connect() as connection:
        connection.execute(text(f"PRAGMA max_page_count={pages}"))
    with pytest.raises(UnavailableError):
        _add_many(database)
    with database.reading() as unit:
        assert not unit.customers.all()
    database.close()


def test_an_empty_file_is_no_database_of_ours(tmp_path: Path) -> None:
    database = Database(f"sqlite:///{tmp_path / 'empty.sqlite3'}", MemoryDesk())
    with pytest.raises(UnavailableError), database.reading() as unit:
        unit.customers.all()
    database.close()


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give files away")
def test_what_root_does_does_not_lock_the_server_s_user_out(migrated_sqlite_url: str, tmp_path: Path) -> None:
    file = tmp_path / "server.sqlite3"
    os.chown(file, 65_534, 65_534)
    database = Database(migrated_sqlite_url, MemoryDesk())
    with database.unit() as unit:
        unit.customers.add(_customer(1))
    assert {path.stat().st_uid for path in tmp_path.iterdir()} == {65_534}
    database.close()
