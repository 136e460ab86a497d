"""What needs somebody, found without going through all licences: each question has an index of its own."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Column, ColumnElement, Connection, Index, Select, TextClause, and_, literal, select, text

from licence_server.domain.attention import LATELY, MOST, SOON, Kind, Sign
from licence_server.storage.damage import check_kinds
from licence_server.storage.licences import is_in
from licence_server.storage.tables import activations, licences

_RECOVERED = text("state = 'recovered'")
_CLONED = text("state = 'suspended' AND reason = 'clone_detected'")
_LIVE = text("binding = 'live'")
"""In the words of their indexes, or no database sees that they serve."""
_LOOKED_AT = 5 * MOST
"""Silent servers that are looked at: some are of licences that ended or are suspended."""
_WHOLE = frozenset({"at"})


def _kept(name: str) -> TextClause:
    return text(f"binding = 'live' AND {name} IS NOT NULL")


def _index(name: str, *columns: Column[Any], where: TextClause) -> None:
    Index(name, *columns, sqlite_where=where, postgresql_where=where)


Index("ix_licences_ends_at", licences.c.ends_at, licences.c.state, licences.c.terms_grace, licences.c.id)
_index("ix_licences_recovered", licences.c.created_at, where=_RECOVERED)
_index("ix_licences_cloned", licences.c.changed_at, where=_CLONED)
_index("ix_activations_seen_at", activations.c.seen_at, activations.c.licence_id, where=_LIVE)
_index("ix_activations_finding", activations.c.finding, activations.c.found_at, where=_kept("finding"))
_index("ix_activations_refused_at", activations.c.refused_at, where=_kept("refused_at"))
_index("ix_activations_overdraft_at", activations.c.overdraft_at, where=_kept("overdraft_at"))


class SqlAttention:
    """Works inside the caller's transaction; never commits."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def signs(self, kind: Kind, now: int, silence: int) -> Sequence[Sign]:
        """See Attention."""
        found = [row for query in _queries(kind, now, silence) for row in self._connection.execute(query.limit(MOST))]
        for row in found:
            check_kinds(row, "What needs somebody", _WHOLE)
        signs: dict[str, Sign] = {}
        for row in found:
            signs.setdefault(row.licence_id, Sign(*row))
        return list(signs.values())[:MOST]


def _queries(kind: Kind, now: int, silence: int) -> Sequence[Select[Any]]:
    """Return the questions that find one kind of signs, of which each comes to an end soon."""
    if kind == "clones":
        return _suspected("clone_detected"), _stopped(), _suspected("clone_suspected")
    if kind == "restores":
        return _suspected("state_returned"), _suspected("state_rolled_back")
    if kind == "recovered":
        return (_licences(licences.c.created_at, kind, _RECOVERED, is_in("recovered", now)),)
    if kind == "silent":
        return (_silent(now, now - silence),)
    if kind == "ending":
        return (_ending(now),)
    return (_short(kind, activations.c.refused_at if kind == "refused" else activations.c.overdraft_at, now),)


def _suspected(finding: str) -> Select[Any]:
    at = activations.c.found_at
    return _servers(
        at, finding, _LIVE, at.is_not(None), activations.c.finding == finding, licences.c.state != "revoked"
    )


def _stopped() -> Select[Any]:
    """Those that were stopped before it was kept which findings nobody looked at."""
    return _licences(licences.c.changed_at, "clone_detected", _CLONED)


def _silent(now: int, since: int) -> Select[Any]:
    """Of those that fell silent last: servers of licences that ended long ago would be in the way."""
    newest = (
        select(activations.c.licence_id, activations.c.seen_at.label("at"))
        .where(_LIVE, activations.c.seen_at < since)
        .order_by(activations.c.seen_at.desc())
        .limit(_LOOKED_AT)
        .subquery()
    )
    overdue = and_(newest.c.at + 2 * licences.c.interval < now, is_in("active", now))
    return select(newest.c.licence_id, newest.c.at, literal("silent")).join(
        licences, and_(licences.c.id == newest.c.licence_id, overdue)
    ).order_by(newest.c.at.desc())  # fmt: skip


def _short(kind: Kind, at: Any, now: int) -> Select[Any]:  # noqa: ANN401 - a column of one of two names
    """Whoever changed the licence since then has seen to it."""
    return _servers(at, kind, _LIVE, at > now - LATELY, at > licences.c.changed_at, is_in("active", now))


def _ending(now: int) -> Select[Any]:
    at = licences.c.ends_at
    return _licences(at, "ending", at > now - SOON, at < now + SOON, is_in("active", now), oldest=True)


def _servers(at: Any, code: str, *only: ColumnElement[bool] | TextClause) -> Select[Any]:  # noqa: ANN401 - a column
    found = select(activations.c.licence_id, at.label("at"), literal(code)).join(licences)
    return found.where(*only).order_by(at.desc())


def _licences(at: Any, code: str, *only: ColumnElement[bool] | TextClause, oldest: bool = False) -> Select[Any]:  # noqa: ANN401 - a column
    found = select(licences.c.id.label("licence_id"), at.label("at"), literal(code))
    return found.where(*only).order_by(at if oldest else at.desc())
