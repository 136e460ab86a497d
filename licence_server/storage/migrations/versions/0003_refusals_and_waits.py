"""How often, in each hour, there was no free seat."""

from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

_COLUMNS = ("refused", "waited")


def upgrade() -> None:
    """Add both counts; agents have told none of the hours that are there.

    In plain SQL, which SQLite and PostgreSQL share, so that SQLite's table is not copied.
    """
    for column in _COLUMNS:
        op.execute(f"ALTER TABLE usages ADD COLUMN {column} BIGINT DEFAULT 0 NOT NULL")


def downgrade() -> None:
    """Drop both."""
    for column in _COLUMNS:
        op.execute(f"ALTER TABLE usages DROP COLUMN {column}")
