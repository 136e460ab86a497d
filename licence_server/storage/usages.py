"""The usage that agents report, at rest."""

from collections.abc import Iterable, Sequence
from dataclasses import asdict
from typing import Any

from sqlalchemy import Connection, Executable, bindparam, func, select
from sqlalchemy.dialects import postgresql, sqlite

from keys.documents.requests import Usage
from licence_server.storage.damage import check_kinds
from licence_server.storage.tables import activations, usages

_COUNTS = ("users", "clients", "refused", "waited")
_OF = (
    select(usages.c.hour_at, *(func.max(usages.c[name]) for name in _COUNTS))
    .join(activations)
    .where(activations.c.licence_id == bindparam("licence_id"))
    .group_by(usages.c.hour_at)
    .order_by(usages.c.hour_at)
)


class SqlUsages:
    """Works inside the caller's transaction; never commits."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def of(self, licence_id: str) -> Sequence[Usage]:
        """See Usages."""
        rows = self._connection.execute(_OF, {"licence_id": licence_id}).all()
        for row in rows:
            check_kinds(row, "The usage of a licence", whole=row._fields)
        return [Usage(*row) for row in rows]

    def put(self, activation_id: str, usage: Iterable[Usage]) -> None:
        """See Usages."""
        rows = [{"activation_id": activation_id, **asdict(hour)} for hour in usage]
        if rows:
            self._connection.execute(_KEEP_HIGHEST[self._connection.dialect.name], rows)


def _keep_highest(make: Any, higher: Any) -> Executable:  # noqa: ANN401 - two dialects' constructors of one shape
    row = make(usages)
    highest = {name: higher(usages.c[name], row.excluded[name]) for name in _COUNTS}
    return row.on_conflict_do_update(index_elements=["activation_id", "hour_at"], set_=highest)  # type: ignore[no-any-return]


_KEEP_HIGHEST = {
    "sqlite": _keep_highest(sqlite.insert, func.max),
    "postgresql": _keep_highest(postgresql.insert, func.greatest),
}
