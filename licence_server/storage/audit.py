"""The audit record at rest: entries chained by hashes, and a head that is sealed by the signing key."""

from collections.abc import Iterator, Sequence
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, Select, TextClause, delete, func, insert, select, tuple_, update

from keys.errors import AuditBrokenError
from keys.jws import encode
from licence_server.domain.audit import (
    KINDS,
    NOTHING,
    ROUTINE,
    Entry,
    Head,
    Note,
    Sought,
    chain,
    check_clock,
    seal_message,
)
from licence_server.services.ports_desk import Desk
from licence_server.storage.damage import check_kinds
from licence_server.storage.tables import TELLING, audit, audit_head, checkpoints

_HEAD = select(audit_head)
_LOCK_HEAD = _HEAD.with_for_update()
_MOVE_HEAD = update(audit_head).where(audit_head.c.id == 1)
_INSERT = insert(audit)
_PAGE = 1000
_BY_LETTERS = {"sqlite": (">=", "<"), "postgresql": ("~>=~", "~<~")}
"""What compares texts letter by letter, as an index may be read, whatever language a database is set to."""
_WHOLE = frozenset({"id", "seq", "at"})
"""Columns of whole numbers; the others are texts."""


class SqlAudit:
    """Gathers notes, and writes them last: the head is the one row that everybody needs, so it is held shortest."""

    def __init__(self, connection: Connection, desk: Desk) -> None:
        self._connection, self._desk = connection, desk
        self._notes: list[Note] = []
        self._clock_allowed_at: int | None = None

    def note(self, note: Note) -> None:
        """See Audit."""
        self._notes.append(note)

    def write(self) -> Sequence[Entry]:
        """Chain and store the notes, seal the new head, and return the entries.

        Raises UnavailableError when the clock went back.
        """
        if not self._notes:
            return ()
        head = self._read(_LOCK_HEAD)
        if head is None:
            raise AuditBrokenError("The end of the audit record was removed from the database.")
        if self._clock_allowed_at is None:
            check_clock(head.at, self._notes[-1].at)
        entries = chain(self._notes, head.seq, head.digest)
        self._connection.execute(_INSERT, [_row(entry) for entry in entries])
        last = entries[-1]
        latest = max(note.at for note in self._notes)
        at = self._clock_allowed_at if self._clock_allowed_at is not None else max(head.at, latest)
        values = {"seq": last.seq, "digest": last.digest, "at": at, "seal": self._seal(last)}
        self._connection.execute(_MOVE_HEAD, values)
        self._notes.clear()
        return entries

    def head(self) -> Head | None:
        """See Audit."""
        head = self._read(_HEAD)
        return head if head is not None and head.seq else None

    def entries(self, after: int = 0) -> Iterator[Entry]:
        """See Audit. In pages: who stops reading at a broken entry leaves no cursor open."""
        query = select(audit).order_by(audit.c.seq).limit(_PAGE)
        while rows := self._connection.execute(query.where(audit.c.seq > after)).all():
            yield from map(_entry, rows)
            after = rows[-1].seq

    def search(
        self, sought: Sought, actors: Sequence[str], after: int, most: int, *, newest: bool = False
    ) -> Sequence[Entry]:
        """See Audit. By the columns of its index alone the rows are chosen: whole ones are large."""
        by_time = sought.since is not None or sought.until is not None
        order = (audit.c.at, audit.c.seq) if by_time else (audit.c.seq,)
        query = select(audit.c.seq).where(*self._conditions(sought, actors))
        if after:
            place = self._place(after) if by_time else (after,)
            query = query.where(tuple_(*order) < tuple_(*place) if newest else tuple_(*order) > tuple_(*place))
        ordered = [column.desc() if newest else column for column in order]
        chosen = query.order_by(*ordered).limit(most).subquery()
        rows = self._connection.execute(select(audit).join(chosen, chosen.c.seq == audit.c.seq).order_by(*ordered))
        return [_entry(row) for row in rows]

    def _place(self, seq: int) -> tuple[int, int]:
        """Return where the entry of a number stands by time; of one that is not there, where the one before stands."""
        query = select(audit.c.at, audit.c.seq).where(audit.c.seq <= seq).order_by(audit.c.seq.desc()).limit(1)
        found = self._connection.execute(query).one_or_none()
        return (0, 0) if found is None else (found.at, found.seq)

    def _conditions(self, sought: Sought, actors: Sequence[str]) -> Iterator[ColumnElement[bool] | TextClause]:
        """Say what is sought in SQL. TELLING is said wherever it changes nothing: indexes leave out what is routine."""
        if sought.by:
            yield audit.c.actor.in_(actors)
        if sought.deed:
            yield audit.c.event == sought.deed
        if sought.of in KINDS:
            first = KINDS[sought.of]
            is_from, is_before = _BY_LETTERS[self._connection.dialect.name]
            yield audit.c.subject.op(is_from, is_comparison=True)(first)
            yield audit.c.subject.op(is_before, is_comparison=True)(first[:-1] + chr(ord(first[-1]) + 1))
        elif sought.of:
            yield audit.c.subject == sought.of
        if sought.since is not None:
            yield audit.c.at >= sought.since
        if sought.until is not None:
            yield audit.c.at < sought.until
        of_agents = sought.by.startswith("agent:") or sought.deed == ROUTINE or sought.of == "licence"
        if not of_agents and (sought.by or sought.deed or sought.of in KINDS):
            yield TELLING

    def telling(self, subject: str, most: int) -> Sequence[Entry]:
        """See Audit."""
        query = select(audit).where(audit.c.subject == subject, TELLING).order_by(audit.c.seq.desc())
        return self._newest(query, most)

    def routine(self, subject: str, since: int, most: int) -> Sequence[Entry]:
        """See Audit."""
        query = select(audit).where(audit.c.subject == subject, audit.c.at > since, audit.c.event == ROUTINE)
        return self._newest(query.order_by(audit.c.at.desc(), audit.c.seq.desc()), most)

    def _newest(self, query: Select[Any], most: int) -> Sequence[Entry]:
        return [_entry(row) for row in self._connection.execute(query.limit(most))][::-1]

    def count(self) -> int:
        """See Audit."""
        return self._connection.execute(select(func.count()).select_from(audit)).scalar_one()

    def allow_clock(self, now: int) -> None:
        """See Audit."""
        self._clock_allowed_at = now

    def add_checkpoint(self, seq: int, at: int, document: str) -> None:
        """See Audit."""
        self._connection.execute(delete(checkpoints).where(checkpoints.c.seq == seq))
        self._connection.execute(insert(checkpoints).values(seq=seq, at=at, document=document))

    def checkpoints(self) -> Sequence[tuple[int, str]]:
        """See Audit."""
        query = select(checkpoints.c.seq, checkpoints.c.document).order_by(checkpoints.c.seq)
        found = self._connection.execute(query).all()
        for row in found:
            check_kinds(row, "A checkpoint of the audit record", _WHOLE)
        return [(row.seq, row.document) for row in found]

    def _read(self, query: Select[Any]) -> Head | None:
        row = self._connection.execute(query).one_or_none()
        if row is not None:
            check_kinds(row, "The end of the audit record", _WHOLE)
        return None if row is None else Head(row.seq, row.digest or NOTHING, row.at, row.seal)

    def _seal(self, last: Entry) -> str:
        signer = self._desk.signer
        signature = signer.sign(seal_message(self._desk.trust.issuer, last.seq, last.digest))
        return f"{signer.key.kid}.{encode(signature).decode()}"


def _entry(row: Row[Any]) -> Entry:
    check_kinds(row, "Entry of the audit record", _WHOLE)
    return Entry(row.seq, row.at, row.actor, row.event, row.subject, row.details, row.previous, row.digest)


def _row(entry: Entry) -> dict[str, object]:
    return {
        "seq": entry.seq,
        "at": entry.at,
        "actor": entry.actor,
        "event": entry.event,
        "subject": entry.subject,
        "details": entry.details,
        "previous": entry.previous,
        "digest": entry.digest,
    }
