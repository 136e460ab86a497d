"""The tables of the vendor's people, and of how they and their programs come in."""

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    ForeignKey,
    Index,
    Integer,
    String,
    Table,
    Text,
    text,
)

from licence_server.storage.tables import metadata

operators = Table(
    "operators",
    metadata,
    Column("id", String(64), primary_key=True),
    Column("name", String(64), nullable=False, unique=True),
    Column("role", String(16), nullable=False),
    Column("password_hash", Text, nullable=False),
    Column("created_at", BigInteger, nullable=False),
    Column("disabled_at", BigInteger),
    Column("password_at", BigInteger),
    Column("password_once", Boolean, nullable=False, server_default=text("false")),
    Column("secret", Text),
    Column("last_step", BigInteger, nullable=False, server_default="0"),
    Column("recovery", JSON, nullable=False, server_default="[]"),
    Column("wrong_codes", Integer, nullable=False, server_default="0"),
    Column("language", String(2)),
    Column("account", String(255)),
    CheckConstraint("language IN ('fa', 'en')", name="language"),
)

Index("uq_operators_account", operators.c.account, unique=True)

sessions = Table(
    "sessions",
    metadata,
    Column("id", String(64), primary_key=True),
    Column("digest", String(64), nullable=False, unique=True),
    Column("operator_id", ForeignKey("operators.id"), nullable=False, index=True),
    Column("step", String(16), nullable=False),
    Column("created_at", BigInteger, nullable=False),
    Column("seen_at", BigInteger, nullable=False),
    Column("address", String(64), nullable=False),
    Column("agent", String(200), nullable=False),
    Column("proposal", Text),
    CheckConstraint("step IN ('password', 'enrolment', 'code', 'open')", name="step"),
)

passkeys = Table(
    "passkeys",
    metadata,
    Column("id", String(64), primary_key=True),
    Column("operator_id", ForeignKey("operators.id"), nullable=False, index=True),
    Column("name", String(100), nullable=False),
    Column("credential", Text, nullable=False, unique=True),
    Column("public_key", Text, nullable=False),
    Column("counter", BigInteger, nullable=False),
    Column("created_at", BigInteger, nullable=False),
    Column("last_used_at", BigInteger),
)

challenges = Table(
    "challenges",
    metadata,
    Column("holder", String(64), primary_key=True),
    Column("text", String(64), nullable=False),
    Column("created_at", BigInteger, nullable=False, index=True),
)

tokens = Table(
    "tokens",
    metadata,
    Column("id", String(64), primary_key=True),
    Column("name", String(100), nullable=False),
    Column("operator_id", ForeignKey("operators.id"), nullable=False, index=True),
    Column("scopes", JSON, nullable=False),
    Column("digest", String(64), nullable=False),
    Column("created_at", BigInteger, nullable=False),
    Column("expires_at", BigInteger, nullable=False),
    Column("revoked_at", BigInteger),
    Column("last_used_at", BigInteger),
)
