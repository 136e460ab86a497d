"""The language in which an operator is shown the console."""

from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add it; nobody has chosen one yet. In plain SQL, which SQLite and PostgreSQL share."""
    op.execute(
        "ALTER TABLE operators ADD COLUMN language VARCHAR(2) "
        "CONSTRAINT ck_operators_language CHECK (language IN ('fa', 'en'))"
    )


def downgrade() -> None:
    """Drop it, and the check with it."""
    op.execute("ALTER TABLE operators DROP COLUMN language")
