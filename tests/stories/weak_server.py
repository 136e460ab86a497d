"""``licence-server`` with one weakness: it answers, and commits a moment later."""

from collections.abc import Iterator
from contextlib import contextmanager
from threading import Timer

from sqlalchemy import Connection

from licence_server.cli.root import main
from licence_server.storage.engine import Database
from licence_server.storage.unit import SqlUnit

__all__ = ["main"]

LATE = 0.5
"""Seconds: longer than the server ever lives in the test, so that no kill misses it."""


@contextmanager
def hasty_unit(database: Database) -> Iterator[SqlUnit]:
    """A transaction that commits by itself, when the answer is long out."""
    connection = database.engine.connect()
    transaction = connection.begin()
    try:
        unit = SqlUnit(connection, database._desk)
        yield unit
        unit.audit.write()
    except BaseException:
        transaction.rollback()
        connection.close()
        raise
    Timer(LATE, _commit, [connection]).start()


def _commit(connection: Connection) -> None:
    connection.commit()
    connection.close()


setattr(Database, "unit", hasty_unit)  # noqa: B010 - mypy knows that nobody else may do so
