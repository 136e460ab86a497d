"""The tables of imports. Moments are NumericDates; what is only read whole is one JSON column."""

from sqlalchemy import JSON, BigInteger, CheckConstraint, Column, ForeignKey, Integer, String, Table, Text

from licence_server.storage.tables import metadata

imports = Table(
    "imports",
    metadata,
    Column("id", String(64), primary_key=True),
    Column("kind", String(16), nullable=False),
    Column("state", String(16), nullable=False, index=True),
    Column("columns", JSON, nullable=False),
    Column("good", Integer, nullable=False),
    Column("bad", Integer, nullable=False),
    Column("parts", JSON, nullable=False),
    Column("checked_by", String(128), nullable=False),
    Column("checked_at", BigInteger, nullable=False),
    Column("confirmed_by", String(128), nullable=False),
    Column("confirmed_at", BigInteger),
    Column("parts_done", Integer, nullable=False),
    Column("made", Integer, nullable=False),
    Column("left_out", Integer, nullable=False),
    Column("ended_at", BigInteger),
    CheckConstraint("kind IN ('customers', 'licences')", name="kind"),
    CheckConstraint("state IN ('checked', 'running', 'done', 'cancelled', 'failed')", name="state"),
)

import_parts = Table(
    "import_parts",
    metadata,
    Column("import_id", ForeignKey("imports.id"), primary_key=True),
    Column("shelf", String(8), primary_key=True),
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("content", Text, nullable=False),
    CheckConstraint("shelf IN ('rows', 'faults', 'made')", name="shelf"),
)
