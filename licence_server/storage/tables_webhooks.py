"""The tables of webhooks: endpoints, messages on their way, attempts."""

from sqlalchemy import JSON, BigInteger, CheckConstraint, Column, ForeignKey, Index, Integer, String, Table, Text

from licence_server.storage.tables import metadata

webhooks = Table(
    "webhooks",
    metadata,
    Column("id", String(64), primary_key=True),
    Column("url", Text, nullable=False),
    Column("types", JSON, nullable=False),
    Column("created_at", BigInteger, nullable=False),
    Column("sealed", Text, nullable=False),
    Column("previous", Text),
    Column("previous_until", BigInteger),
    Column("failing_since", BigInteger),
    Column("disabled_at", BigInteger),
    Column("why", String(16)),
    Column("removed_at", BigInteger),
)

deliveries = Table(
    "deliveries",
    metadata,
    Column("id", String(64), primary_key=True),
    Column("webhook_id", ForeignKey("webhooks.id"), nullable=False),
    Column("message_id", String(64), nullable=False),
    Column("type", String(64), nullable=False),
    Column("body", Text, nullable=False),
    Column("created_at", BigInteger, nullable=False),
    Column("state", String(16), nullable=False),
    Column("due_at", BigInteger),
    Column("tries", Integer, nullable=False),
    Column("attempts", Integer, nullable=False),
    CheckConstraint("state IN ('waiting', 'delivered', 'given_up')", name="state"),
    CheckConstraint("(state = 'waiting') = (due_at IS NOT NULL)", name="due"),
)
Index("ix_deliveries_webhook_id", deliveries.c.webhook_id, deliveries.c.created_at, deliveries.c.id)
Index("ix_deliveries_due_at", deliveries.c.due_at)
Index("ix_deliveries_created_at", deliveries.c.created_at)

attempts = Table(
    "attempts",
    metadata,
    Column("delivery_id", ForeignKey("deliveries.id"), primary_key=True),
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("at", BigInteger, nullable=False),
    Column("status", Integer),
    Column("fault", String(16)),
    Column("duration", BigInteger, nullable=False),
    Column("answer", Text, nullable=False),
)
