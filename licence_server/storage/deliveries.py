"""Messages to webhooks at rest, and the log of attempts."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict
from typing import Any

from sqlalchemy import Connection, Row, Select, delete, insert, select, update

from keys.errors import NotFoundError
from licence_server.domain.attempt import Attempt, Outcome
from licence_server.domain.delivery import Delivery
from licence_server.domain.paging import Place
from licence_server.storage.damage import readable
from licence_server.storage.pages import page
from licence_server.storage.tables_webhooks import attempts, deliveries, webhooks


class SqlDeliveries:
    """Works inside the caller's transaction; never commits."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(self, delivery: Delivery) -> None:
        """See Deliveries."""
        self._connection.execute(insert(deliveries), asdict(delivery))

    def due(self, now: int) -> Sequence[str]:
        """See Deliveries."""
        is_on = webhooks.c.disabled_at.is_(None) & webhooks.c.removed_at.is_(None)
        query = select(webhooks.c.id).join(deliveries).where(deliveries.c.due_at <= now, is_on).distinct()
        return self._connection.execute(query.order_by(webhooks.c.id)).scalars().all()

    def claim(self, webhook_id: str, now: int, until: int) -> Delivery | None:
        """See Deliveries. What another machine has locked just now is left to it."""
        mine = select(deliveries).where(deliveries.c.webhook_id == webhook_id, deliveries.c.due_at <= now)
        oldest = mine.order_by(deliveries.c.due_at, deliveries.c.id).limit(1).with_for_update(skip_locked=True)
        found = next(iter(self._many(oldest)), None)
        if found is not None:
            self._connection.execute(update(deliveries).where(deliveries.c.id == found.id).values(due_at=until))
        return found

    def lock(self, delivery_id: str) -> Delivery:
        """See Deliveries."""
        found = self._many(select(deliveries).where(deliveries.c.id == delivery_id).with_for_update())
        if not found:
            raise NotFoundError(f"There is no delivery {delivery_id}; the log has those of thirty days.")
        return found[0]

    def put(self, delivery: Delivery) -> None:
        """See Deliveries."""
        names = ("state", "due_at", "tries", "attempts")
        changed = {name: getattr(delivery, name) for name in names}
        self._connection.execute(update(deliveries).where(deliveries.c.id == delivery.id).values(**changed))

    def log(self, attempt: Attempt) -> None:
        """See Deliveries."""
        row = {"delivery_id": attempt.delivery_id, "number": attempt.number, "at": attempt.at}
        self._connection.execute(insert(attempts), {**row, **asdict(attempt.outcome)})

    def give_up(self, webhook_id: str) -> None:
        """See Deliveries."""
        waiting = (deliveries.c.webhook_id == webhook_id) & (deliveries.c.state == "waiting")
        self._connection.execute(update(deliveries).where(waiting).values(state="given_up", due_at=None))

    def page(self, webhook_id: str, after: Place | None, most: int) -> Sequence[Delivery]:
        """See Deliveries."""
        return self._many(page(select(deliveries), deliveries, after, most, deliveries.c.webhook_id == webhook_id))

    def attempts(self, delivery_ids: Collection[str]) -> Mapping[str, Sequence[Attempt]]:
        """See Deliveries."""
        query = select(attempts).where(attempts.c.delivery_id.in_(delivery_ids)).order_by(attempts.c.number)
        found: dict[str, list[Attempt]] = {}
        with readable("An attempt of a webhook"):
            for row in self._connection.execute(query):
                outcome = Outcome(row.status, row.fault, row.duration, row.answer)
                found.setdefault(row.delivery_id, []).append(Attempt(row.delivery_id, row.number, row.at, outcome))
        return found

    def forget(self, before: int) -> None:
        """See Deliveries."""
        old = (deliveries.c.created_at <= before) & deliveries.c.due_at.is_(None)
        which = select(deliveries.c.id).where(old)
        self._connection.execute(delete(attempts).where(attempts.c.delivery_id.in_(which)))
        self._connection.execute(delete(deliveries).where(old))

    def _many(self, query: Select[Any]) -> Sequence[Delivery]:
        with readable("A delivery of a webhook"):
            return [_delivery(row) for row in self._connection.execute(query)]


def _delivery(row: Row[Any]) -> Delivery:
    return Delivery(
        id=row.id,
        webhook_id=row.webhook_id,
        message_id=row.message_id,
        type=row.type,
        body=row.body,
        created_at=row.created_at,
        state=row.state,
        due_at=row.due_at,
        tries=row.tries,
        attempts=row.attempts,
    )
