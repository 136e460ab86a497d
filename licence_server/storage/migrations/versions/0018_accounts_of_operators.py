"""The account of an operator at the provider of single sign-on."""

from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add it; nobody is linked yet. In plain SQL, which SQLite and PostgreSQL share."""
    op.execute("ALTER TABLE operators ADD COLUMN account VARCHAR(255)")
    op.create_index("uq_operators_account", "operators", ["account"], unique=True)


def downgrade() -> None:
    """Drop it."""
    op.drop_index("uq_operators_account", "operators")
    op.execute("ALTER TABLE operators DROP COLUMN account")
