"""What is known of customers, and what to look in when somebody looks for one or for a licence."""

import sqlalchemy as sa
from alembic import op

from licence_server.domain.finding import searchable

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

_BATCH = 1000
_COLUMNS = {
    "kind": "VARCHAR(8) DEFAULT 'legal' NOT NULL CONSTRAINT ck_customers_kind CHECK (kind IN ('legal', 'natural'))",
    "phone": "TEXT DEFAULT '' NOT NULL",
    "address": "TEXT DEFAULT '' NOT NULL",
    "language": "VARCHAR(2) DEFAULT 'fa' NOT NULL CONSTRAINT ck_customers_language CHECK (language IN ('fa', 'en'))",
    "by_email": "BOOLEAN DEFAULT true NOT NULL",
    "by_sms": "BOOLEAN DEFAULT true NOT NULL",
    "note": "TEXT DEFAULT '' NOT NULL",
    "representatives": "JSON DEFAULT '[]' NOT NULL",
}
_LOOKED_IN = {
    "customers": ("id", "name", "national_id", "email", "mobile", "phone", "representative"),
    "licences": ("id", "site", "edition"),
}
"""Table -> the columns of which its text to look in is made."""


def upgrade() -> None:
    """Add what is known of customers, and the texts to look in, made of the rows that are there.

    In plain SQL, which SQLite and PostgreSQL share: Alembic would copy SQLite's tables for the sake of the checks, and
    lose their triggers.
    """
    for name, kind in _COLUMNS.items():
        op.execute(f"ALTER TABLE customers ADD COLUMN {name} {kind}")
    op.execute("UPDATE customers SET kind = 'natural' WHERE length(national_id) = 10")
    for table, columns in _LOOKED_IN.items():
        op.execute(f"ALTER TABLE {table} ADD COLUMN search TEXT DEFAULT '' NOT NULL")
        _fill(table, columns)
        op.create_index(f"ix_{table}_created_at", table, ["created_at", "id", "search"])
    op.drop_index("ix_audit_subject", "audit")
    op.create_index("ix_audit_subject", "audit", ["subject", "at"])
    op.execute("CREATE INDEX ix_audit_telling ON audit (subject, seq) WHERE event <> 'licence_validated'")


def downgrade() -> None:
    """Drop all of it, and the checks with their columns."""
    op.drop_index("ix_audit_telling", "audit")
    op.drop_index("ix_audit_subject", "audit")
    op.create_index("ix_audit_subject", "audit", ["subject"])
    for table in _LOOKED_IN:
        op.drop_index(f"ix_{table}_created_at", table)
        op.execute(f"ALTER TABLE {table} DROP COLUMN search")
    for name in _COLUMNS:
        op.execute(f"ALTER TABLE customers DROP COLUMN {name}")


def _fill(name: str, columns: tuple[str, ...]) -> None:
    """Write the texts, in batches: all rows of a vendor at once may be too many for the memory."""
    table = sa.table(name, *(sa.column(column) for column in (*columns, "search")))
    page = sa.select(*(table.c[column] for column in columns)).order_by(table.c.id).limit(_BATCH)
    change = table.update().where(table.c.id == sa.bindparam("which")).values(search=sa.bindparam("text"))
    connection, last = op.get_bind(), ""
    while rows := connection.execute(page.where(table.c.id > last)).all():
        connection.execute(change, [{"which": row.id, "text": searchable(*row)} for row in rows])
        last = rows[-1].id
