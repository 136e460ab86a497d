"""The database, SQLite or PostgreSQL, and its transactions."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from pathlib import Path
from sqlite3 import Connection as SqliteConnection

from sqlalchemy import Connection, Engine, create_engine, event, make_url
from sqlalchemy.exc import ArgumentError, DatabaseError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError
from sqlalchemy.pool import ConnectionPoolEntry

from keys.errors import InvalidInputError, StateDamagedError, UnavailableError
from licence_server.services.ports_desk import Desk
from licence_server.services.publishing import publish
from licence_server.storage.turns import Turns
from licence_server.storage.unit import SqlUnit

BUSY_MS = 30_000
CHECKPOINT_PAGES = 4_000
"""Pages of the write-ahead log after which they move into the database: the same few pages change all the time."""
_READING = "licence_reading"
_RETRY_AFTER = 5
_DAMAGED = "The database is damaged. Bring back a backup: licence-server restore FILE"


class Database:
    """Gives out units of work.

    Args:
        url: a SQLAlchemy URL of SQLite (a file) or ``postgresql+psycopg``.
        desk: signs the end of the audit record.
        pool_size: connections that are kept open.

    Raises:
        InvalidInputError: the URL names neither of the two.
    """

    def __init__(self, url: str, desk: Desk, pool_size: int = 16) -> None:
        self.engine = open_engine(url, pool_size)
        self._desk = desk
        is_sqlite = self.engine.dialect.name == "sqlite"
        self._turn = turns(self.engine)
        # PostgreSQL shows each statement another moment unless it is told otherwise; SQLite never does.
        self._reading = {_READING: True} if is_sqlite else {"isolation_level": "REPEATABLE READ"}

    @contextmanager
    def unit(self) -> Iterator[SqlUnit]:
        """Open a transaction that writes: committed with its audit entries at the end, rolled back on any error.

        What webhooks are to be told of the entries is committed with them.

        Raises:
            UnavailableError: the database can't be reached, is locked or full.
        """
        with self._turn(), unavailable(), self.engine.begin() as connection:
            unit = SqlUnit(connection, self._desk)
            yield unit
            publish(unit, unit.audit.write())

    @contextmanager
    def reading(self) -> Iterator[SqlUnit]:
        """Open a transaction that only reads, beside any writer, and sees one moment. Raises UnavailableError."""
        with unavailable(), self.engine.connect().execution_options(**self._reading) as connection:
            yield SqlUnit(connection, self._desk)

    def close(self) -> None:
        """Close all connections."""
        self.engine.dispose()


def open_engine(url: str, pool_size: int = 16) -> Engine:
    """Return an engine with the transactions that the rules need. Raises InvalidInputError for other databases."""
    try:
        parsed = make_url(url)
    except ArgumentError as error:
        raise InvalidInputError(
            "The database's URL can't be read; see LICENCE_SERVER_DATABASE in the manual."
        ) from error
    if parsed.drivername in ("postgresql", "postgresql+psycopg"):
        return create_engine(
            parsed.set(drivername="postgresql+psycopg"), pool_size=pool_size, max_overflow=pool_size, pool_pre_ping=True
        )
    if parsed.drivername not in ("sqlite", "sqlite+pysqlite") or not parsed.database:
        raise InvalidInputError("The database is sqlite:///FILE or postgresql+psycopg://USER@HOST/NAME.")
    engine = create_engine(parsed, pool_size=pool_size, max_overflow=pool_size)
    event.listen(engine, "connect", _set_up_sqlite)
    event.listen(engine, "begin", _begin_sqlite)
    return engine


def turns(engine: Engine) -> Callable[[], AbstractContextManager[None]]:
    """Return what lets one writer in at a time, where the database itself does not do that well enough."""
    is_sqlite = engine.dialect.name == "sqlite"
    return Turns(Path(engine.url.database or "")).turn if is_sqlite else nullcontext


def check_there(url: str) -> None:
    """Refuse to go on without SQLite's file: opening it would make an empty one, as if nothing had ever been sold.

    Raises:
        StateDamagedError: the file is missing or empty.
        InvalidInputError: see open_engine.
    """
    parsed = make_url(url)
    if parsed.drivername.partition("+")[0] != "sqlite" or not parsed.database:
        return
    file = Path(parsed.database)
    if not file.exists() or file.stat().st_size == 0:
        raise StateDamagedError(
            f"The database {file} is missing or empty. Bring it back: licence-server restore FILE. "
            "Where nothing was ever sold: licence-server init"
        )


def _set_up_sqlite(connection: SqliteConnection, _entry: ConnectionPoolEntry) -> None:
    """FULL, because WAL with NORMAL loses acknowledged commits at a power cut."""
    connection.isolation_level = None
    connection.execute(f"PRAGMA busy_timeout={BUSY_MS}")
    connection.execute("PRAGMA journal_mode=WAL")
    connection.execute("PRAGMA synchronous=FULL")
    connection.execute("PRAGMA foreign_keys=ON")
    connection.execute(f"PRAGMA wal_autocheckpoint={CHECKPOINT_PAGES}")


def _begin_sqlite(connection: Connection) -> None:
    """Take the write lock first: a deferred transaction would let two read the same state and both write."""
    reading = connection.get_execution_options().get(_READING, False)
    connection.connection.cursor().execute("BEGIN" if reading else "BEGIN IMMEDIATE")


@contextmanager
def unavailable() -> Iterator[None]:
    """Turn what a database does when it is gone, locked, full or overrun into UnavailableError."""
    try:
        yield
    except (OperationalError, InterfaceError, PoolTimeoutError) as error:
        raise UnavailableError("The licence server's database does not answer.", _RETRY_AFTER) from error
    except UnicodeDecodeError as error:
        raise StateDamagedError(_DAMAGED) from error  # SQLite's own words about what it found are none
    except DatabaseError as error:
        if type(error) is not DatabaseError:
            raise  # a mistake of ours, such as a statement that the database does not understand
        raise StateDamagedError(_DAMAGED) from error
