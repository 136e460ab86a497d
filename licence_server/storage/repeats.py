"""What was asked for under an idempotency key, and the sealed answer, at rest."""

from sqlalchemy import Connection, delete, insert, select, update
from sqlalchemy.exc import IntegrityError

from licence_server.services.ports_access import Repeat
from licence_server.storage.tables import repeats


class SqlRepeats:
    """Works inside the caller's transaction; never commits."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def begin(self, place: str, content: str, now: int) -> Repeat | None:
        """See Repeats. Of two at once the second waits for the first one's commit, and finds it."""
        try:
            with self._connection.begin_nested():
                self._connection.execute(insert(repeats).values(place=place, content=content, begun_at=now))
        except IntegrityError:
            row = self._connection.execute(select(repeats).where(repeats.c.place == place)).one()
            return Repeat(row.content, row.status, row.sealed)
        return None

    def finish(self, place: str, status: int, sealed: str) -> None:
        """See Repeats."""
        self._connection.execute(update(repeats).where(repeats.c.place == place).values(status=status, sealed=sealed))

    def forget(self, place: str) -> None:
        """See Repeats."""
        self._connection.execute(delete(repeats).where(repeats.c.place == place))

    def sweep(self, before: int) -> None:
        """See Repeats."""
        self._connection.execute(delete(repeats).where(repeats.c.begun_at <= before))
