"""What finds the newest approvals without reading all of them."""

from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the index."""
    op.create_index("ix_approvals_asked_at", "approvals", ["asked_at", "id"])


def downgrade() -> None:
    """Drop it."""
    op.drop_index("ix_approvals_asked_at", "approvals")
