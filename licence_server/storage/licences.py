"""Licences at rest."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, Select, and_, bindparam, insert, not_, select, tuple_, update
from sqlalchemy.exc import IntegrityError

from keys.claims import Reader
from keys.documents.parts import Customer, Seats, Terms
from keys.errors import NotFoundError, StateConflictError
from licence_server.domain.licence import Licence, Picked, State
from licence_server.domain.paging import Place
from licence_server.storage.damage import check_search, readable
from licence_server.storage.pages import holds, page
from licence_server.storage.tables import activations, customers, licences

_INSERT = insert(licences)
_ANY = select(licences, customers.c.name.label("customer_name")).join(customers)
_BY_ID = _ANY.where(licences.c.id == bindparam("id"))
_LOCK = _BY_ID.with_for_update(of=licences)
_UPDATE = update(licences).where(licences.c.id == bindparam("which"))
_ALL = _ANY.order_by(licences.c.created_at, licences.c.id)


class SqlLicences:
    """Works inside the caller's transaction; never commits."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(self, licence: Licence) -> None:
        """See Licences."""
        row = {"id": licence.id, "customer_id": licence.customer.id, **_changeable(licence)}
        try:
            self._connection.execute(_INSERT, row)
        except IntegrityError as error:
            raise StateConflictError(f"There is a licence {licence.id} already.") from error

    def lock(self, licence_id: str) -> Licence:
        """See Licences."""
        return _there(self.find_locked(licence_id), licence_id)

    def find_locked(self, licence_id: str) -> Licence | None:
        """See Licences. PostgreSQL locks the row; on SQLite the whole transaction has the write lock already."""
        return self._one(_LOCK, licence_id)

    def some(self, ids: Collection[str]) -> Mapping[str, Licence]:
        """See Licences."""
        with readable("A licence"):
            rows = self._connection.execute(_ANY.where(licences.c.id.in_(ids)))
            return {row.id: _licence(row) for row in rows}

    def get(self, licence_id: str) -> Licence:
        """See Licences."""
        return _there(self._one(_BY_ID, licence_id), licence_id)

    def put(self, licence: Licence) -> None:
        """See Licences."""
        self._connection.execute(_UPDATE, {"which": licence.id, **_changeable(licence)})

    def all(self) -> Sequence[Licence]:
        """See Licences. Who reads all of them wants to know whether they are as they were stored."""
        with readable("A licence"):
            rows = self._connection.execute(_ALL).all()
            found = [_licence(row) for row in rows]
        for row, licence in zip(rows, found, strict=True):
            check_search(row, "Licence", licence.search)
        return found

    def page(self, picked: Picked, now: int, after: Place | None, most: int) -> Sequence[Licence]:
        """See Licences."""
        with readable("A licence"):
            query = page(_ANY, licences, after, most, *self._conditions(picked, now))
            return [_licence(row) for row in self._connection.execute(query)]

    def ending(self, since: int, before: int, after: Place | None, most: int) -> Sequence[Licence]:
        """See Licences."""
        order = (licences.c.ends_at, licences.c.id)
        due = _ANY.where(licences.c.ends_at >= since, licences.c.ends_at < before, licences.c.state != "revoked")
        if after is not None:
            due = due.where(tuple_(*order) > tuple_(after.created_at, after.id))
        with readable("A licence"):
            return [_licence(row) for row in self._connection.execute(due.order_by(*order).limit(most))]

    def of_customers(self, ids: Collection[str]) -> Sequence[Licence]:
        """See Licences."""
        with readable("A licence"):
            return [_licence(row) for row in self._connection.execute(_ALL.where(licences.c.customer_id.in_(ids)))]

    def _conditions(self, picked: Picked, now: int) -> Iterator[ColumnElement[bool]]:
        if picked.state is not None:
            yield is_in(picked.state, now)
        if picked.customer_id is not None:
            yield licences.c.customer_id == picked.customer_id
        if picked.ends_before is not None:
            yield licences.c.ends_at < picked.ends_before
        if picked.ends_after is not None:
            yield licences.c.ends_at >= picked.ends_after
        if picked.silent_since is not None:
            live = select(activations.c.licence_id).where(activations.c.binding == "live")
            yield licences.c.id.in_(live.where(activations.c.seen_at < picked.silent_since))
        if picked.text:
            yield holds(self._connection, licences, picked.text)

    def _one(self, query: Select[Any], licence_id: str) -> Licence | None:
        with readable(f"Licence {licence_id}"):
            row = self._connection.execute(query, {"id": licence_id}).one_or_none()
            return None if row is None else _licence(row)


def is_in(state: State, now: int) -> ColumnElement[bool]:
    """Say Licence.state_at in SQL: expired is never stored."""
    ended = and_(licences.c.ends_at.is_not(None), licences.c.ends_at + licences.c.terms_grace <= now)
    if state == "expired":
        return and_(ended, licences.c.state.not_in(("revoked", "suspended")))
    stored = licences.c.state == state
    return stored if state in ("revoked", "suspended") else and_(stored, not_(ended))


def _there(licence: Licence | None, licence_id: str) -> Licence:
    if licence is None:
        raise NotFoundError(f"There is no licence {licence_id}.")
    return licence


def _changeable(licence: Licence) -> Mapping[str, object]:
    return {
        "product": licence.product,
        "edition": licence.edition,
        "site": licence.site,
        "state": licence.state,
        "reason": licence.reason,
        "starts_at": licence.terms.starts_at,
        "ends_at": licence.terms.ends_at,
        "terms_grace": licence.terms.grace,
        "support_ends_at": licence.terms.support_ends_at,
        "seats": licence.seats.to_claims(),
        "features": list(licence.features),
        "networks": list(licence.networks),
        "threshold": licence.threshold,
        "interval": licence.interval,
        "grace": licence.grace,
        "on_clone": licence.on_clone,
        "created_at": licence.created_at,
        "changed_at": licence.changed_at,
        "network_policy": licence.network_policy,
        "approved_users": licence.approved_users,
        "plan_id": licence.plan,
        "search": licence.search,
    }


def _licence(row: Row[Any]) -> Licence:
    return Licence(
        id=row.id,
        customer=Customer(row.customer_id, row.customer_name),
        product=row.product,
        edition=row.edition,
        site=row.site,
        state=row.state,
        reason=row.reason,
        terms=Terms(row.starts_at, row.ends_at, row.terms_grace, row.support_ends_at),
        seats=Seats.read(Reader(row.seats)),
        features=tuple(row.features),
        networks=tuple(row.networks),
        threshold=row.threshold,
        interval=row.interval,
        grace=row.grace,
        on_clone=row.on_clone,
        created_at=row.created_at,
        changed_at=row.changed_at,
        network_policy=row.network_policy,
        approved_users=row.approved_users,
        plan=row.plan_id,
    )
