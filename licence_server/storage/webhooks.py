"""Webhooks at rest."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, Row, Select, insert, select, update

from keys.errors import NotFoundError
from licence_server.domain.webhook import Webhook
from licence_server.storage.damage import readable
from licence_server.storage.tables_webhooks import webhooks

_THERE = select(webhooks).where(webhooks.c.removed_at.is_(None))


class SqlWebhooks:
    """Works inside the caller's transaction; never commits."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(self, webhook: Webhook) -> None:
        """See Webhooks."""
        self._connection.execute(insert(webhooks), {"id": webhook.id, **_changeable(webhook)})

    def all(self) -> Sequence[Webhook]:
        """See Webhooks."""
        return self._many(select(webhooks).order_by(webhooks.c.created_at, webhooks.c.id))

    def get(self, webhook_id: str) -> Webhook:
        """See Webhooks."""
        return self._one(_THERE.where(webhooks.c.id == webhook_id), webhook_id)

    def lock(self, webhook_id: str) -> Webhook:
        """See Webhooks. The weaker lock: whoever tells of an event refers to the row, and must not wait for us."""
        return self._one(_THERE.where(webhooks.c.id == webhook_id).with_for_update(key_share=True), webhook_id)

    def put(self, webhook: Webhook) -> None:
        """See Webhooks."""
        self._connection.execute(update(webhooks).where(webhooks.c.id == webhook.id).values(**_changeable(webhook)))

    def _one(self, query: Select[Any], webhook_id: str) -> Webhook:
        found = self._many(query)
        if not found:
            raise NotFoundError(f"There is no webhook {webhook_id}.")
        return found[0]

    def _many(self, query: Select[Any]) -> Sequence[Webhook]:
        with readable("A webhook"):
            return [_webhook(row) for row in self._connection.execute(query)]


def _changeable(webhook: Webhook) -> Mapping[str, object]:
    return {
        "url": webhook.url,
        "types": list(webhook.types),
        "created_at": webhook.created_at,
        "sealed": webhook.sealed,
        "previous": webhook.previous,
        "previous_until": webhook.previous_until,
        "failing_since": webhook.failing_since,
        "disabled_at": webhook.disabled_at,
        "why": webhook.why,
        "removed_at": webhook.removed_at,
    }


def _webhook(row: Row[Any]) -> Webhook:
    return Webhook(
        id=row.id,
        url=row.url,
        types=tuple(row.types),
        created_at=row.created_at,
        sealed=row.sealed,
        previous=row.previous,
        previous_until=row.previous_until,
        failing_since=row.failing_since,
        disabled_at=row.disabled_at,
        why=row.why,
        removed_at=row.removed_at,
    )
