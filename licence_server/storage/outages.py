"""Declared outages at rest."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, Row, bindparam, insert, select

from keys.errors import NotFoundError
from licence_server.domain.outage import Declaration, Declared
from licence_server.storage.damage import readable
from licence_server.storage.tables import outages

_ALL = select(outages).order_by(outages.c.declared_at.desc(), outages.c.id.desc())
_BY_ID = select(outages).where(outages.c.id == bindparam("id"))


class SqlOutages:
    """Works inside the caller's transaction; never commits."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(self, outage: Declared) -> None:
        """See Outages."""
        wanted = outage.declaration
        row = {
            "id": outage.id,
            "from_at": wanted.from_at,
            "until_at": wanted.until_at,
            "days": wanted.days,
            "licences": None if wanted.licences is None else list(wanted.licences),
            "reason": wanted.reason,
            "declared_by": outage.declared_by,
            "declared_at": outage.declared_at,
            "approval": outage.approval,
            "document": outage.document,
        }
        self._connection.execute(insert(outages), row)

    def get(self, outage_id: str) -> Declared:
        """See Outages."""
        row = self._connection.execute(_BY_ID, {"id": outage_id}).one_or_none()
        if row is None:
            raise NotFoundError(f"There is no outage {outage_id}.")
        with readable(f"Outage {outage_id}"):
            return _declared(row)

    def all(self) -> Sequence[Declared]:
        """See Outages."""
        with readable("An outage"):
            return [_declared(row) for row in self._connection.execute(_ALL)]


def _declared(row: Row[Any]) -> Declared:
    licences = None if row.licences is None else tuple(row.licences)
    wanted = Declaration(row.from_at, row.until_at, row.days, licences, row.reason)
    return Declared(row.id, wanted, row.declared_by, row.declared_at, row.approval, row.document)
