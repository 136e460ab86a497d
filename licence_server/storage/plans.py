"""Plans at rest."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

from sqlalchemy import Connection, Row, Select, bindparam, insert, select, update
from sqlalchemy.exc import IntegrityError

from keys.errors import NotFoundError, StateConflictError
from licence_server.domain.duration import Duration
from licence_server.domain.plan import Offer, Plan
from licence_server.storage.damage import readable
from licence_server.storage.tables import plans

_ALL = select(plans).order_by(plans.c.created_at, plans.c.id)
_BY_ID = select(plans).where(plans.c.id == bindparam("id"))
_LOCK = _BY_ID.with_for_update()
_UPDATE = update(plans).where(plans.c.id == bindparam("which"))
_TAKEN = "A plan of this name was added meanwhile: take another name."


class SqlPlans:
    """Works inside the caller's transaction; never commits."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(self, plan: Plan) -> None:
        """See Plans."""
        row = {"id": plan.id, "created_at": plan.created_at, **_changeable(plan)}
        try:
            self._connection.execute(insert(plans), row)
        except IntegrityError as error:
            raise StateConflictError(_TAKEN) from error

    def get(self, plan_id: str) -> Plan:
        """See Plans."""
        return self._one(_BY_ID, plan_id)

    def lock(self, plan_id: str) -> Plan:
        """See Plans. PostgreSQL locks the row; on SQLite the whole transaction has the write lock already."""
        return self._one(_LOCK, plan_id)

    def all(self) -> Sequence[Plan]:
        """See Plans."""
        with readable("A plan"):
            return [_plan(row) for row in self._connection.execute(_ALL)]

    def put(self, plan: Plan) -> None:
        """See Plans."""
        try:
            self._connection.execute(_UPDATE, {"which": plan.id, **_changeable(plan)})
        except IntegrityError as error:
            raise StateConflictError(_TAKEN) from error

    def _one(self, query: Select[Any], plan_id: str) -> Plan:
        row = self._connection.execute(query, {"id": plan_id}).one_or_none()
        if row is None:
            raise NotFoundError(f"There is no plan {plan_id}.")
        with readable(f"Plan {plan_id}"):
            return _plan(row)


def _changeable(plan: Plan) -> Mapping[str, object]:
    offer = asdict(plan.offer)
    return {"name": offer.pop("name"), "offer": offer, "retired_at": plan.retired_at}


def _plan(row: Row[Any]) -> Plan:
    said = dict(row.offer)
    lasting = None if said["lasting"] is None else Duration(**said["lasting"])
    offer = Offer(row.name, **{**said, "features": tuple(said["features"]), "lasting": lasting})
    return Plan(row.id, offer, row.created_at, row.retired_at)
