"""Imports at rest: what is to be done, how far it has come, and the rows that are left."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, Row, Select, bindparam, delete, func, insert, select, tuple_, update

from keys.errors import NotFoundError
from licence_server.domain.imports import Import
from licence_server.domain.paging import Place
from licence_server.services.ports_importing import Shelf
from licence_server.storage.damage import readable
from licence_server.storage.import_tables import import_parts, imports

_ANY = select(imports)
_OLDEST = _ANY.order_by(imports.c.checked_at, imports.c.id)
_NEWEST = _ANY.order_by(imports.c.checked_at.desc(), imports.c.id.desc())
_BY_ID = _ANY.where(imports.c.id == bindparam("id"))
_LOCK = _BY_ID.with_for_update()
_RUNNING = _OLDEST.where(imports.c.state == "running").limit(1)
_UPDATE = update(imports).where(imports.c.id == bindparam("which"))


class SqlImports:
    """Works inside the caller's transaction; never commits."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(self, made: Import) -> None:
        """See Imports."""
        fixed = {
            "id": made.id,
            "kind": made.kind,
            "columns": list(made.columns),
            "good": made.good,
            "bad": made.bad,
            "parts": list(made.parts),
            "checked_by": made.checked_by,
            "checked_at": made.checked_at,
        }
        self._connection.execute(insert(imports), {**fixed, **_changeable(made)})

    def get(self, import_id: str) -> Import:
        """See Imports."""
        return self._there(_BY_ID, import_id)

    def lock(self, import_id: str) -> Import:
        """See Imports. PostgreSQL locks the row; on SQLite the whole transaction has the write lock already."""
        return self._there(_LOCK, import_id)

    def running(self) -> Import | None:
        """See Imports."""
        found = self._many(_RUNNING)
        return found[0] if found else None

    def put(self, changed: Import) -> None:
        """See Imports."""
        self._connection.execute(_UPDATE, {"which": changed.id, **_changeable(changed)})

    def page(self, after: Place | None, most: int) -> Sequence[Import]:
        """See Imports."""
        query = _NEWEST.limit(most)
        if after is not None:
            query = query.where(tuple_(imports.c.checked_at, imports.c.id) < tuple_(after.created_at, after.id))
        return self._many(query)

    def all(self) -> Sequence[Import]:
        """See Imports."""
        return self._many(_OLDEST)

    def add_parts(self, import_id: str, shelf: Shelf, parts: Sequence[str]) -> None:
        """See Imports."""
        there = select(func.count()).select_from(import_parts).where(*_on(import_id, shelf))
        begin = self._connection.execute(there).scalar_one()
        rows = [
            {"import_id": import_id, "shelf": shelf, "number": number, "content": part}
            for number, part in enumerate(parts, begin)
        ]
        if rows:
            self._connection.execute(insert(import_parts), rows)

    def part(self, import_id: str, shelf: Shelf, number: int) -> str | None:
        """See Imports."""
        query = select(import_parts.c.content).where(*_on(import_id, shelf), import_parts.c.number == number)
        return self._connection.execute(query).scalar_one_or_none()

    def drop(self, import_id: str, shelf: Shelf, number: int | None = None) -> None:
        """See Imports."""
        which = () if number is None else (import_parts.c.number == number,)
        self._connection.execute(delete(import_parts).where(*_on(import_id, shelf), *which))

    def _there(self, query: Select[Any], import_id: str) -> Import:
        with readable(f"Import {import_id}"):
            row = self._connection.execute(query, {"id": import_id}).one_or_none()
            if row is not None:
                return _import(row)
        raise NotFoundError(f"There is no import {import_id}.")

    def _many(self, query: Select[Any]) -> list[Import]:
        with readable("An import"):
            return [_import(row) for row in self._connection.execute(query)]


def _on(import_id: str, shelf: Shelf) -> tuple[Any, ...]:
    return (import_parts.c.import_id == import_id, import_parts.c.shelf == shelf)


def _changeable(made: Import) -> dict[str, object]:
    return {
        "state": made.state,
        "confirmed_by": made.confirmed_by,
        "confirmed_at": made.confirmed_at,
        "parts_done": made.parts_done,
        "made": made.made,
        "left_out": made.left_out,
        "ended_at": made.ended_at,
    }


def _import(row: Row[Any]) -> Import:
    return Import(
        id=row.id,
        kind=row.kind,
        state=row.state,
        columns=tuple(row.columns),
        good=row.good,
        bad=row.bad,
        parts=tuple(row.parts),
        checked_by=row.checked_by,
        checked_at=row.checked_at,
        confirmed_by=row.confirmed_by,
        confirmed_at=row.confirmed_at,
        parts_done=row.parts_done,
        made=row.made,
        left_out=row.left_out,
        ended_at=row.ended_at,
    )
