"""The tables. Moments are NumericDates; what is only read whole is one JSON column."""

from typing import Any

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    Text,
    UniqueConstraint,
    false,
    text,
    true,
)

from licence_server.domain.audit import ROUTINE

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(column_0_label)s",
        "uq": "uq_%(table_name)s_%(column_0_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
        "pk": "pk_%(table_name)s",
    }
)

customers = Table(
    "customers",
    metadata,
    Column("id", String(64), primary_key=True),
    Column("name", Text, nullable=False),
    Column("national_id", String(11), nullable=False),
    Column("email", Text, nullable=False),
    Column("mobile", String(20), nullable=False),
    Column("representative", Text, nullable=False),
    Column("created_at", BigInteger, nullable=False),
    Column("kind", String(8), nullable=False, server_default="legal"),
    Column("phone", Text, nullable=False, server_default=""),
    Column("address", Text, nullable=False, server_default=""),
    Column("language", String(2), nullable=False, server_default="fa"),
    Column("by_email", Boolean, nullable=False, server_default=true()),
    Column("by_sms", Boolean, nullable=False, server_default=true()),
    Column("note", Text, nullable=False, server_default=""),
    Column("representatives", JSON, nullable=False, server_default="[]"),
    Column("search", Text, nullable=False, server_default=""),
    CheckConstraint("kind IN ('legal', 'natural')", name="kind"),
    CheckConstraint("language IN ('fa', 'en')", name="language"),
)
Index("ix_customers_created_at", customers.c.created_at, customers.c.id, customers.c.search)
Index(
    "uq_customers_national_id",
    customers.c.national_id,
    unique=True,
    sqlite_where=text("national_id <> ''"),
    postgresql_where=text("national_id <> ''"),
)

plans = Table(
    "plans",
    metadata,
    Column("id", String(64), primary_key=True),
    Column("name", Text, nullable=False),
    Column("offer", JSON, nullable=False),
    Column("created_at", BigInteger, nullable=False),
    Column("retired_at", BigInteger),
)
_IN_USE = text("retired_at IS NULL")
Index("uq_plans_name", plans.c.name, unique=True, sqlite_where=_IN_USE, postgresql_where=_IN_USE)

licences = Table(
    "licences",
    metadata,
    Column("id", String(64), primary_key=True),
    Column("customer_id", ForeignKey("customers.id"), nullable=False, index=True),
    Column("product", Text, nullable=False),
    Column("edition", Text, nullable=False),
    Column("site", Text, nullable=False),
    Column("state", String(16), nullable=False),
    Column("reason", String(64)),
    Column("starts_at", BigInteger, nullable=False),
    Column("ends_at", BigInteger),
    Column("terms_grace", BigInteger, nullable=False),
    Column("support_ends_at", BigInteger),
    Column("seats", JSON, nullable=False),
    Column("features", JSON, nullable=False),
    Column("networks", JSON, nullable=False),
    Column("threshold", Integer, nullable=False),
    Column("interval", BigInteger, nullable=False),
    Column("grace", BigInteger, nullable=False),
    Column("on_clone", String(16), nullable=False),
    Column("created_at", BigInteger, nullable=False),
    Column("changed_at", BigInteger, nullable=False),
    Column("network_policy", String(16), nullable=False, server_default="enforce"),
    Column("approved_users", BigInteger),
    Column("plan_id", ForeignKey("plans.id")),
    Column("search", Text, nullable=False, server_default=""),
    CheckConstraint("state IN ('issued', 'active', 'suspended', 'revoked', 'recovered')", name="state"),
    CheckConstraint("on_clone IN ('suspend', 'report')", name="on_clone"),
    CheckConstraint("network_policy IN ('enforce', 'report')", name="network_policy"),
)
Index("ix_licences_created_at", licences.c.created_at, licences.c.id, licences.c.search)

codes = Table(
    "codes",
    metadata,
    Column("digest", String(64), primary_key=True),
    Column("licence_id", ForeignKey("licences.id"), nullable=False, index=True),
    Column("purpose", String(16), nullable=False),
    Column("created_at", BigInteger, nullable=False),
    Column("expires_at", BigInteger, nullable=False),
    Column("used_at", BigInteger),
    Column("used_by", String(64)),
    Column("void_at", BigInteger),
    Column("approval", String(64)),
)

approvals = Table(
    "approvals",
    metadata,
    Column("id", String(64), primary_key=True),
    Column("deed", String(16), nullable=False),
    Column("subject", String(64), nullable=False, index=True),
    Column("terms", JSON, nullable=False),
    Column("asked_by", String(128), nullable=False),
    Column("asked_at", BigInteger, nullable=False),
    Column("decided_by", String(128)),
    Column("decided_at", BigInteger),
    Column("granted", Boolean),
    Column("reason", Text, nullable=False),
    Column("used_at", BigInteger),
    CheckConstraint("decided_by <> asked_by", name="two_people"),
)

WAITING = text("granted IS NULL")
Index("ix_approvals_waiting", approvals.c.asked_at, approvals.c.id, sqlite_where=WAITING, postgresql_where=WAITING)
Index("ix_approvals_asked_at", approvals.c.asked_at, approvals.c.id)

activations = Table(
    "activations",
    metadata,
    Column("id", String(64), primary_key=True),
    Column("licence_id", ForeignKey("licences.id"), nullable=False, index=True),
    Column("device_key", String(64), nullable=False, unique=True),
    Column("jwk", JSON, nullable=False),
    Column("binding", String(16), nullable=False),
    Column("activated_at", BigInteger, nullable=False),
    Column("components", JSON, nullable=False),
    Column("drifts", JSON, nullable=False),
    Column("head", String(128), nullable=False),
    Column("seq", BigInteger, nullable=False),
    Column("chain", JSON, nullable=False),
    Column("host", JSON, nullable=False),
    Column("seen_at", BigInteger, nullable=False),
    Column("first_request", String(128), nullable=False),
    Column("first_document", Text, nullable=False),
    Column("last_request", String(128), nullable=False),
    Column("last_document", Text, nullable=False),
    Column("days", String(120), nullable=False, server_default="0 "),
    Column("finding", String(32)),
    Column("found_at", BigInteger),
    Column("refused_at", BigInteger),
    Column("overdraft_at", BigInteger),
    Column("moved_key", String(64)),
    Column("moved_jwk", JSON(none_as_null=True)),
    CheckConstraint("binding IN ('live', 'superseded', 'deactivated')", name="binding"),
)
Index(
    "uq_activations_one_live",
    activations.c.licence_id,
    unique=True,
    sqlite_where=text("binding = 'live'"),
    postgresql_where=text("binding = 'live'"),
)
"""T4 in the database: a licence has at most one live activation, whatever the code above does."""

Index("uq_activations_moved_key", activations.c.moved_key, unique=True)

documents = Table(
    "documents",
    metadata,
    Column("id", String(128), primary_key=True),
    Column("activation_id", ForeignKey("activations.id"), nullable=False),
    Column("seq", BigInteger, nullable=False),
    Column("request_id", String(128), nullable=False),
    Column("status", String(16), nullable=False),
    Column("at", BigInteger, nullable=False),
    Column("moved", Boolean, nullable=False, server_default=false()),
    UniqueConstraint("activation_id", "request_id"),
)

usages = Table(
    "usages",
    metadata,
    Column("activation_id", ForeignKey("activations.id"), primary_key=True),
    Column("hour_at", BigInteger, primary_key=True),
    Column("users", BigInteger, nullable=False),
    Column("clients", BigInteger, nullable=False),
    Column("refused", BigInteger, nullable=False, server_default="0"),
    Column("waited", BigInteger, nullable=False, server_default="0"),
)

repeats = Table(
    "repeats",
    metadata,
    Column("place", String(64), primary_key=True),
    Column("content", String(64), nullable=False),
    Column("begun_at", BigInteger, nullable=False, index=True),
    Column("status", Integer),
    Column("sealed", Text),
)

outages = Table(
    "outages",
    metadata,
    Column("id", String(64), primary_key=True),
    Column("from_at", BigInteger, nullable=False),
    Column("until_at", BigInteger, nullable=False),
    Column("days", Integer, nullable=False),
    Column("licences", JSON(none_as_null=True)),
    Column("reason", Text, nullable=False),
    Column("declared_by", String(128), nullable=False),
    Column("declared_at", BigInteger, nullable=False),
    Column("approval", String(64)),
    Column("document", Text, nullable=False),
)

audit = Table(
    "audit",
    metadata,
    Column("seq", BigInteger().with_variant(Integer, "sqlite"), primary_key=True, autoincrement=False),
    Column("at", BigInteger, nullable=False),
    Column("actor", String(128), nullable=False),
    Column("event", String(64), nullable=False),
    Column("subject", String(64), nullable=False),
    Column("details", Text, nullable=False),
    Column("previous", String(64), nullable=False),
    Column("digest", String(64), nullable=False),
)
Index("ix_audit_subject", audit.c.subject, audit.c.at)
TELLING = text(f"event <> '{ROUTINE}'")
"""In the words of the index, or no database sees that it serves."""
_TELLING: Any = {"sqlite_where": TELLING, "postgresql_where": TELLING}
Index("ix_audit_telling", audit.c.subject, audit.c.seq, postgresql_ops={"subject": "text_pattern_ops"}, **_TELLING)
"""Finds what happened to a licence among thousands of its daily validations, and things of a kind by how they begin."""
Index("ix_audit_at", audit.c.at, audit.c.seq)
Index("ix_audit_actor", audit.c.actor, audit.c.seq, **_TELLING)
Index("ix_audit_event", audit.c.event, audit.c.seq, **_TELLING)

audit_head = Table(
    "audit_head",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("seq", BigInteger, nullable=False),
    Column("digest", String(64), nullable=False),
    Column("at", BigInteger, nullable=False),
    Column("seal", Text, nullable=False),
)

checkpoints = Table(
    "checkpoints",
    metadata,
    Column("seq", BigInteger().with_variant(Integer, "sqlite"), primary_key=True, autoincrement=False),
    Column("at", BigInteger, nullable=False),
    Column("document", Text, nullable=False),
)
