"""Sessions at rest, as digests of their tokens."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, Row, and_, delete, insert, or_, select, update

from licence_server.domain.session import SIGNING_IN, Lifetimes, Place, Session
from licence_server.storage.tables_access import sessions


class SqlSessions:
    """Works inside the caller's transaction; never commits."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(self, session: Session) -> None:
        """See Sessions."""
        row = {
            "id": session.id,
            "digest": session.digest,
            "operator_id": session.operator_id,
            "step": session.step,
            "created_at": session.created_at,
            "seen_at": session.seen_at,
            "address": session.place.address,
            "agent": session.place.agent,
            "proposal": session.proposal,
        }
        self._connection.execute(insert(sessions).values(row))

    def find(self, digest: str) -> Session | None:
        """See Sessions."""
        row = self._connection.execute(select(sessions).where(sessions.c.digest == digest)).one_or_none()
        return None if row is None else _session(row)

    def of(self, operator_id: str) -> Sequence[Session]:
        """See Sessions."""
        query = select(sessions).where(sessions.c.operator_id == operator_id, sessions.c.step == "open")
        return [_session(row) for row in self._connection.execute(query.order_by(sessions.c.created_at, sessions.c.id))]

    def seen(self, session_id: str, now: int) -> None:
        """See Sessions."""
        self._connection.execute(update(sessions).where(sessions.c.id == session_id).values(seen_at=now))

    def propose(self, session_id: str, proposal: str) -> None:
        """See Sessions."""
        self._connection.execute(update(sessions).where(sessions.c.id == session_id).values(proposal=proposal))

    def end(self, session_id: str, operator_id: str) -> bool:
        """See Sessions."""
        which = and_(sessions.c.id == session_id, sessions.c.operator_id == operator_id)
        return bool(self._connection.execute(delete(sessions).where(which)).rowcount)

    def end_all(self, operator_id: str | None, keep: str | None = None) -> int:
        """See Sessions."""
        query = delete(sessions)
        if operator_id is not None:
            query = query.where(sessions.c.operator_id == operator_id)
        if keep is not None:
            query = query.where(sessions.c.id != keep)
        return self._connection.execute(query).rowcount

    def sweep(self, now: int, lifetimes: Lifetimes) -> None:
        """See Sessions."""
        unfinished = and_(sessions.c.step != "open", sessions.c.created_at <= now - SIGNING_IN)
        idle, old = sessions.c.seen_at <= now - lifetimes.idle, sessions.c.created_at <= now - lifetimes.absolute
        self._connection.execute(
            delete(sessions).where(or_(unfinished, and_(sessions.c.step == "open", or_(idle, old))))
        )


def _session(row: Row[Any]) -> Session:
    return Session(
        id=row.id,
        digest=row.digest,
        operator_id=row.operator_id,
        step=row.step,
        created_at=row.created_at,
        seen_at=row.seen_at,
        place=Place(row.address, row.agent),
        proposal=row.proposal,
    )
