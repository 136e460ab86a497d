"""A vendor over each database in turn, a server's home and its log, and a receiver of messages."""

import shutil
from collections.abc import Iterator
from io import StringIO
from pathlib import Path

import pytest
import structlog
from sqlalchemy import create_engine, event, insert, text

from licence_server import logs
from licence_server.storage.engine import Database
from licence_server.storage.migrate import upgrade
from licence_server.storage.tables import audit_head, metadata
from tests import postgres
from tests.fakes import MemoryDesk, TurnableClock
from tests.faults.oddserver import OddServer, odd_server, plain
from tests.licence_server.device import Device
from tests.licence_server.office import Home
from tests.licence_server.vendor import Vendor


@pytest.fixture(scope="session")
def migrated_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An SQLite database that is migrated once, to be copied."""
    path = tmp_path_factory.mktemp("migrated") / "server.sqlite3"
    upgrade(f"sqlite:///{path}")
    return path


@pytest.fixture(scope="session")
def migrated_postgresql(postgresql_server: postgres.Postgres) -> Iterator[str]:
    """A PostgreSQL database that is migrated once, to be emptied."""
    with postgresql_server.database() as url:
        upgrade(url)
        yield url


@pytest.fixture
def migrated_sqlite_url(migrated_file: Path, tmp_path: Path) -> str:
    """The SQLAlchemy URL of an SQLite database with all tables and nothing in them."""
    return f"sqlite:///{shutil.copy(migrated_file, tmp_path / 'server.sqlite3')}"


@pytest.fixture
def migrated_postgresql_url(migrated_postgresql: str) -> str:
    """The SQLAlchemy URL of a PostgreSQL database with all tables and nothing in them."""
    engine = create_engine(migrated_postgresql)
    with engine.begin() as connection:
        connection.execute(text(f"TRUNCATE {', '.join(metadata.tables)}"))
        connection.execute(insert(audit_head).values(id=1, seq=0, digest="", at=0, seal=""))
    engine.dispose()
    return migrated_postgresql


@pytest.fixture(params=["sqlite", "postgresql"])
def migrated_url(request: pytest.FixtureRequest) -> str:
    """A database of each kind in turn, with all tables and nothing in them: quicker than making one each time."""
    url: str = request.getfixturevalue(f"migrated_{request.param}_url")
    return url


@pytest.fixture
def vendor(migrated_url: str) -> Iterator[Vendor]:
    """Every use case over an empty database of each kind."""
    desk = MemoryDesk()
    database = Database(migrated_url, desk)
    yield Vendor.over(database, desk, TurnableClock())
    database.close()


@pytest.fixture
def queries(vendor: Vendor) -> Iterator[list[str]]:
    """The statements that the vendor's database was asked, in order; a test clears them before it counts."""
    asked: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        asked.append(statement)

    event.listen(vendor.database.engine, "before_cursor_execute", note)
    yield asked
    event.remove(vendor.database.engine, "before_cursor_execute", note)


@pytest.fixture
def device(vendor: Vendor) -> Device:
    """A customer's server that has activated a licence."""
    _, code = vendor.sell()
    device = Device(vendor)
    device.activate(code)
    vendor.clock.advance(86_400)
    return device


@pytest.fixture
def home(founded: Path, tmp_path: Path) -> Home:
    """A home of the test's own."""
    return Home(tmp_path / "home").copied_from(founded)


@pytest.fixture
def log(home: Home) -> Iterator[StringIO]:
    """What the server logs."""
    stream = StringIO()
    logs.set_up(home.clock, stream)
    yield stream
    structlog.reset_defaults()


@pytest.fixture
def receiver() -> Iterator[OddServer]:
    """A receiver of messages that takes them all."""
    with odd_server() as server:
        server.answer = plain(204)
        yield server
