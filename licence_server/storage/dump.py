"""Backing up and restoring the database: all tables of one moment, on SQLite and PostgreSQL alike."""

import json
from collections.abc import Iterator
from itertools import islice
from typing import Any

from alembic import command
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, MetaData, Table, select
from sqlalchemy.exc import OperationalError, StatementError

from keys.errors import InvalidInputError, StateConflictError
from licence_server.domain.audit import Note
from licence_server.services.ports_desk import Desk
from licence_server.storage.archive import Archive, ArchiveWriter
from licence_server.storage.damage import keep_private
from licence_server.storage.engine import _READING, open_engine, unavailable
from licence_server.storage.migrate import configuration, revision
from licence_server.storage.tables import metadata
from licence_server.storage.unit import SqlUnit

_BATCH = 500


def save_tables(url: str, writer: ArchiveWriter) -> dict[str, object]:
    """Write every table into an archive, as all of them were at one moment, while others go on writing.

    Returns:
        The facts that a restore needs: the schema's revision, and the rows of each table.
    """
    engine = open_engine(url)
    try:
        options: dict[str, object] = {_READING: True}
        if engine.dialect.name == "postgresql":
            options["isolation_level"] = "REPEATABLE READ"
        with unavailable(), engine.connect().execution_options(**options) as connection:
            found = revision(connection)
            if found is None or not _is_known(connection, found):
                raise StateConflictError("The database is not one of this version of licence-server.")
            rows = {table.name: _save(connection, table, writer) for table in metadata.sorted_tables}
            return {"revision": found, "rows": rows}
    finally:
        engine.dispose()


def load_tables(url: str, archive: Archive, desk: Desk, now: int, by: str) -> int:
    """Replace everything that is stored by what an archive has, in one transaction.

    Every unused activation code becomes void: nobody can know any more which were used since the backup (T4). What was
    used stays used. All sessions end: some may have been ended since. The restore itself goes into the audit record.

    Returns:
        How many codes became void.

    Raises:
        StateConflictError: the archive or the database is of a newer version.
        InvalidInputError: the archive lacks a table, or a row is none.
    """
    wanted = archive.facts.get("revision")
    if not isinstance(wanted, str):
        raise InvalidInputError("The backup does not say which version its tables have.")
    engine = open_engine(url)
    try:
        keep_private(url)
        with unavailable(), engine.begin() as connection:
            _make_room(connection, wanted)
            _load(connection, archive)
            command.upgrade(configuration(connection), "head")
            unit = SqlUnit(connection, desk)
            void = unit.codes.void_unused(None, now)
            unit.sessions.end_all(None)
            unit.challenges.sweep(now)
            details = {"backup_at": archive.facts.get("created_at"), "codes_void": void}
            unit.audit.note(Note(now, by, "backup_restored", "server", details))
            unit.audit.write()
            return void
    finally:
        engine.dispose()


def _save(connection: Connection, table: Table, writer: ArchiveWriter) -> int:
    count = 0

    def lines() -> Iterator[bytes]:
        nonlocal count
        yield json.dumps([column.name for column in table.columns]).encode() + b"\n"
        query = select(table).order_by(*table.primary_key.columns)
        for row in connection.execution_options(yield_per=_BATCH).execute(query):
            count += 1
            yield json.dumps(list(row)).encode() + b"\n"

    writer.add(f"tables/{table.name}.jsonl", lines())
    return count


def _make_room(connection: Connection, wanted: str) -> None:
    """Empty the tables; where their shape is another than the backup's, make them anew."""
    if not _is_known(connection, wanted):
        raise StateConflictError("The backup is of a newer version of licence-server: use that one.")
    current = revision(connection)
    if current is not None and not _is_known(connection, current):
        raise StateConflictError("The database belongs to a newer version of licence-server: install that one.")
    if current != wanted:
        config = configuration(connection)
        command.downgrade(config, "base")
        command.upgrade(config, wanted)
    for table in reversed(_tables(connection)):
        connection.execute(table.delete())


def _tables(connection: Connection) -> list[Table]:
    """Return the tables as they are in the database, referred ones first."""
    found = MetaData()
    found.reflect(connection)
    return [table for table in found.sorted_tables if table.name != "alembic_version"]


def _is_known(connection: Connection, wanted: str) -> bool:
    known = ScriptDirectory.from_config(configuration(connection)).walk_revisions()
    return wanted in {script.revision for script in known}


def _load(connection: Connection, archive: Archive) -> None:
    for table in _tables(connection):
        name = f"tables/{table.name}.jsonl"
        if name not in archive.members:
            raise InvalidInputError(f"The backup lacks {name}.")
        try:
            _load_table(connection, table, archive.lines(name))
        except OperationalError:
            raise  # the database's fault, not the backup's
        except (ValueError, TypeError, RecursionError, StatementError) as error:
            raise InvalidInputError(f"The backup's {name} does not fit the database.") from error


def _load_table(connection: Connection, table: Table, rows: Iterator[list[Any]]) -> None:
    names = next(rows, [])
    while batch := [dict(zip(names, row, strict=True)) for row in islice(rows, _BATCH)]:
        connection.execute(table.insert(), batch)
