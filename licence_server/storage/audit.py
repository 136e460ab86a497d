"""The audit record at rest: entries chained by hashes, and a head that is sealed by the signing key."""

import sys
from collections.abc import Iterator, Sequence
from typing import Any

from sqlalchemy import Connection, Row, Select, delete, func, insert, select, update

from keys.errors import AuditBrokenError
from keys.jws import encode
from licence_server.domain.audit import NOTHING, ROUTINE, Entry, Head, Note, chain, check_clock, seal_message
from licence_server.services.ports import Desk
from licence_server.storage.damage import check_kinds
from licence_server.storage.tables import TELLING, audit, audit_head, checkpoints

_HEAD = select(audit_head)
_LOCK_HEAD = _HEAD.with_for_update()
_MOVE_HEAD = update(audit_head).where(audit_head.c.id == 1)
_INSERT = insert(audit)
_PAGE = 1000
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

    def entries(self, subject: str | None = None, after: int = 0, most: int | None = None) -> Iterator[Entry]:
        """See Audit. In pages: who stops reading at a broken entry leaves no cursor open."""
        query = select(audit).order_by(audit.c.seq)
        if subject is not None:
            query = query.where(audit.c.subject == subject)
        left = sys.maxsize if most is None else most
        while left > 0:
            page = min(left, _PAGE)
            rows = self._connection.execute(query.where(audit.c.seq > after).limit(page)).all()
            yield from map(_entry, rows)
            if len(rows) < page:
                return
            left, after = left - page, rows[-1].seq

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
