"""Activations at rest, and the documents that were signed for them."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, Row, Select, bindparam, insert, or_, select, update
from sqlalchemy.exc import IntegrityError

from keys.documents.licence import Licence as Document
from keys.documents.requests import Host
from keys.errors import LicenceNotActivatableError, RequestReplayedError
from licence_server.domain.activation import Activation, Answer, DeviceKey, Drift, Suspicion
from licence_server.domain.chain import Chain, Displaced, Surrounding, Visit
from licence_server.domain.days import KEPT, Days
from licence_server.storage.damage import readable
from licence_server.storage.tables import activations, documents

_INSERT = insert(activations)
_UPDATE = update(activations).where(activations.c.id == bindparam("which"))
_BY_ID = select(activations).where(activations.c.id == bindparam("id"))
_BY_KEY = select(activations).where(
    or_(activations.c.device_key == bindparam("device_key"), activations.c.moved_key == bindparam("device_key"))
)
_LIVE = select(activations).where(activations.c.binding == "live")
_LIVE_OF = _LIVE.where(activations.c.licence_id == bindparam("licence_id"))
_DAYS_OF = (
    select(activations.c.activated_at, activations.c.days)
    .where(activations.c.licence_id == bindparam("licence_id"))
    .order_by(activations.c.activated_at.desc())
    .limit(KEPT)
)
_PAGE = select(activations).where(activations.c.id > bindparam("last")).order_by(activations.c.id).limit(200)
_ADD_DOCUMENT = insert(documents)
_KNOWN = select(documents.c.id).where(
    documents.c.id == bindparam("id"),
    documents.c.activation_id == bindparam("activation_id"),
    documents.c.status != "refused",
)
_MOVED = select(documents.c.moved).where(
    documents.c.id == bindparam("id"), documents.c.activation_id == bindparam("activation_id")
)


class SqlActivations:
    """Works inside the caller's transaction; never commits."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(self, activation: Activation) -> None:
        """See Activations."""
        fixed = {
            "id": activation.id,
            "licence_id": activation.licence_id,
            "device_key": activation.device_key,
            "jwk": dict(activation.jwk),
            "activated_at": activation.activated_at,
            "first_request": activation.first.request_id,
            "first_document": activation.first.document,
        }
        try:
            self._connection.execute(_INSERT, {**fixed, **_changeable(activation)})
        except IntegrityError as error:
            raise LicenceNotActivatableError(
                "This device key serves another activation. The agent makes a new one when it is activated again."
            ) from error

    def find(self, activation_id: str) -> Activation | None:
        """See Activations."""
        return self._one(_BY_ID, id=activation_id)

    def with_key(self, device_key: str) -> Activation | None:
        """See Activations."""
        return self._one(_BY_KEY, device_key=device_key)

    def live(self, licence_id: str) -> Activation | None:
        """See Activations."""
        return self._one(_LIVE_OF, licence_id=licence_id)

    def live_of(self, licence_ids: Collection[str]) -> Mapping[str, Activation]:
        """See Activations."""
        with readable("An activation"):
            rows = self._connection.execute(_LIVE.where(activations.c.licence_id.in_(licence_ids)))
            return {row.licence_id: _activation(row) for row in rows}

    def days_of(self, licence_id: str) -> tuple[int | None, Days]:
        """See Activations."""
        with readable("An activation"):
            rows = self._connection.execute(_DAYS_OF, {"licence_id": licence_id}).all()
            begun = min((row.activated_at for row in rows), default=None)
            return begun, Days.of(mark for row in rows for mark in Days.read(row.days))

    def all(self) -> Iterator[Activation]:
        """See Activations. In pages: each holds two documents."""
        last = ""
        while page := self._page(last):
            yield from page
            last = page[-1].id

    def put(self, activation: Activation) -> None:
        """See Activations."""
        self._connection.execute(_UPDATE, {"which": activation.id, **_changeable(activation)})

    def _one(self, query: Select[Any], **key: str) -> Activation | None:
        with readable("An activation"):
            row = self._connection.execute(query, key).one_or_none()
            return None if row is None else _activation(row)

    def _page(self, last: str) -> Sequence[Activation]:
        with readable("An activation"):
            return [_activation(row) for row in self._connection.execute(_PAGE, {"last": last})]


class SqlDocuments:
    """Works inside the caller's transaction; never commits."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(self, document: Document, request_id: str, *, moved: bool = False) -> None:
        """See Documents."""
        row = {
            "id": document.document_id,
            "activation_id": document.activation_id,
            "seq": document.seq,
            "request_id": request_id,
            "status": document.status,
            "at": document.issued_at,
            "moved": moved,
        }
        try:
            self._connection.execute(_ADD_DOCUMENT, row)
        except IntegrityError as error:
            raise RequestReplayedError("This request was answered before. The agent makes another one.") from error

    def knows(self, activation_id: str, document_id: str) -> bool:
        """See Documents. A refused document is no link of the chain, so nobody can hold it as one."""
        found = self._connection.execute(_KNOWN, {"id": document_id, "activation_id": activation_id})
        return found.one_or_none() is not None

    def is_moved(self, activation_id: str, document_id: str) -> bool | None:
        """See Documents."""
        found = self._connection.execute(_MOVED, {"id": document_id, "activation_id": activation_id})
        return found.scalar_one_or_none()


def _changeable(activation: Activation) -> Mapping[str, object]:
    return {
        "binding": activation.binding,
        "components": dict(activation.components),
        "drifts": [(drift.at, drift.weight) for drift in activation.drifts],
        "head": activation.chain.head,
        "seq": activation.chain.seq,
        "chain": _packed(activation.chain),
        "host": activation.host.to_claims(),
        "seen_at": activation.seen_at,
        "last_request": activation.last.request_id,
        "last_document": activation.last.document,
        "days": str(activation.days),
        "finding": None if activation.suspicion is None else activation.suspicion.finding,
        "found_at": None if activation.suspicion is None else activation.suspicion.at,
        "refused_at": activation.refused_at,
        "overdraft_at": activation.overdraft_at,
        "moved_key": None if activation.moved is None else activation.moved.kid,
        "moved_jwk": None if activation.moved is None else dict(activation.moved.jwk),
    }


def _packed(chain: Chain) -> Mapping[str, object]:
    return {
        "displaced": [(entry.document_id, entry.how, entry.at) for entry in chain.displaced],
        "switches": chain.switches,
        "visits": [(visit.boot, visit.uptime, visit.at) for visit in chain.visits],
        "surroundings": [(entry.boot, entry.at) for entry in chain.surroundings],
        "anchored": chain.anchored,
    }


def _activation(row: Row[Any]) -> Activation:
    stored = row.chain
    chain = Chain(
        head=row.head,
        seq=row.seq,
        displaced=tuple(Displaced(*entry) for entry in stored["displaced"]),
        switches=tuple(stored["switches"]),
        visits=tuple(Visit(*visit) for visit in stored["visits"]),
        surroundings=tuple(Surrounding(*entry) for entry in stored["surroundings"]),
        anchored=stored["anchored"],
    )
    return Activation(
        id=row.id,
        licence_id=row.licence_id,
        device_key=row.device_key,
        jwk=row.jwk,
        binding=row.binding,
        activated_at=row.activated_at,
        components=row.components,
        drifts=tuple(Drift(*drift) for drift in row.drifts),
        chain=chain,
        host=Host(**row.host),
        seen_at=row.seen_at,
        first=Answer(row.first_request, row.first_document),
        last=Answer(row.last_request, row.last_document),
        days=Days.read(row.days),
        suspicion=None if row.finding is None else Suspicion(row.finding, row.found_at),
        refused_at=row.refused_at,
        overdraft_at=row.overdraft_at,
        moved=_moved(row),
    )


def _moved(row: Row[Any]) -> DeviceKey | None:
    if row.moved_key is None and row.moved_jwk is None:
        return None
    return DeviceKey(row.moved_key, dict(row.moved_jwk))
