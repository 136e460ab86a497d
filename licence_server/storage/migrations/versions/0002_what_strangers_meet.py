"""What clients outside a site's networks meet."""

from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the policy; every licence that is there keeps strangers out, as it did.

    In plain SQL, which SQLite and PostgreSQL share: Alembic would copy SQLite's table for the sake of the check, and
    lose its triggers.
    """
    op.execute(
        "ALTER TABLE licences ADD COLUMN network_policy VARCHAR(16) DEFAULT 'enforce' NOT NULL "
        "CONSTRAINT ck_licences_network_policy CHECK (network_policy IN ('enforce', 'report'))"
    )


def downgrade() -> None:
    """Drop the policy, and its check with it."""
    op.execute("ALTER TABLE licences DROP COLUMN network_policy")
