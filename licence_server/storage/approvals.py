"""Wishes that need a second person, at rest."""

from collections.abc import Collection, Sequence
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, and_, bindparam, false, insert, not_, or_, select, update

from keys.errors import NotFoundError
from licence_server.domain.approval import LIFETIME, Approval, ApprovalState
from licence_server.domain.paging import Place
from licence_server.storage.damage import readable
from licence_server.storage.pages import page
from licence_server.storage.tables import WAITING, approvals

_ALL = select(approvals).order_by(approvals.c.asked_at, approvals.c.id)
_ABOUT = _ALL.where(approvals.c.subject == bindparam("subject"))
_LOCK = select(approvals).where(approvals.c.id == bindparam("id")).with_for_update()
_UPDATE = update(approvals).where(approvals.c.id == bindparam("which"))


class SqlApprovals:
    """Works inside the caller's transaction; never commits."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(self, approval: Approval) -> None:
        """See Approvals."""
        fixed = {
            "id": approval.id,
            "deed": approval.deed,
            "subject": approval.subject,
            "terms": dict(approval.terms),
            "asked_by": approval.asked_by,
            "asked_at": approval.asked_at,
        }
        self._connection.execute(insert(approvals), {**fixed, **_changeable(approval)})

    def lock(self, approval_id: str) -> Approval:
        """See Approvals. PostgreSQL locks the row; on SQLite the whole transaction has the write lock already."""
        row = self._connection.execute(_LOCK, {"id": approval_id}).one_or_none()
        if row is None:
            raise NotFoundError(f"There is no approval {approval_id}.")
        with readable(f"Approval {approval_id}"):
            return _approval(row)

    def about(self, subject: str) -> Sequence[Approval]:
        """See Approvals."""
        with readable("An approval"):
            return [_approval(row) for row in self._connection.execute(_ABOUT, {"subject": subject})]

    def all(self) -> Sequence[Approval]:
        """See Approvals."""
        with readable("An approval"):
            return [_approval(row) for row in self._connection.execute(_ALL)]

    def waiting(self, now: int, most: int) -> Sequence[Approval]:
        """See Approvals."""
        query = _ALL.where(WAITING, approvals.c.asked_at > now - LIFETIME).limit(most)
        with readable("An approval"):
            return [_approval(row) for row in self._connection.execute(query)]

    def page(self, states: Collection[ApprovalState], now: int, after: Place | None, most: int) -> Sequence[Approval]:
        """See Approvals."""
        wanted = or_(false(), *(_is_in(state, now) for state in states))
        query = page(select(approvals), approvals, after, most, wanted, since="asked_at")
        with readable("An approval"):
            return [_approval(row) for row in self._connection.execute(query)]

    def put(self, approval: Approval) -> None:
        """See Approvals."""
        self._connection.execute(_UPDATE, {"which": approval.id, **_changeable(approval)})


def _is_in(state: ApprovalState, now: int) -> ColumnElement[bool]:
    """Say Approval.state_at in SQL."""
    columns = approvals.c
    if state == "used":
        return columns.used_at.is_not(None)
    unused = columns.used_at.is_(None)
    if state == "refused":
        return and_(unused, columns.granted.is_(False))
    is_late = columns.asked_at <= now - LIFETIME
    if state == "lapsed":
        return and_(unused, is_late, or_(columns.granted.is_(None), columns.granted.is_(True)))
    return and_(unused, not_(is_late), columns.granted.is_(None if state == "waiting" else True))


def _changeable(approval: Approval) -> dict[str, object]:
    return {
        "decided_by": approval.decided_by,
        "decided_at": approval.decided_at,
        "granted": approval.granted,
        "reason": approval.reason,
        "used_at": approval.used_at,
    }


def _approval(row: Row[Any]) -> Approval:
    return Approval(
        id=row.id,
        deed=row.deed,
        subject=row.subject,
        terms=dict(row.terms),
        asked_by=row.asked_by,
        asked_at=row.asked_at,
        decided_by=row.decided_by,
        decided_at=row.decided_at,
        granted=row.granted,
        reason=row.reason,
        used_at=row.used_at,
    )
