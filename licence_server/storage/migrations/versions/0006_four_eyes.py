"""What needs a second person, and what that person decided."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add approvals. Of licences that are there nobody asks for one: they were issued before there was a rule."""
    op.create_table(
        "approvals",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("deed", sa.String(length=16), nullable=False),
        sa.Column("subject", sa.String(length=64), nullable=False),
        sa.Column("terms", sa.JSON(), nullable=False),
        sa.Column("asked_by", sa.String(length=128), nullable=False),
        sa.Column("asked_at", sa.BigInteger(), nullable=False),
        sa.Column("decided_by", sa.String(length=128)),
        sa.Column("decided_at", sa.BigInteger()),
        sa.Column("granted", sa.Boolean()),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("used_at", sa.BigInteger()),
        sa.CheckConstraint("decided_by <> asked_by", name=op.f("ck_approvals_two_people")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_approvals")),
    )
    op.create_index("ix_approvals_subject", "approvals", ["subject"], unique=False)
    op.execute("ALTER TABLE licences ADD COLUMN approved_users BIGINT")
    op.execute("ALTER TABLE codes ADD COLUMN approval VARCHAR(64)")


def downgrade() -> None:
    """Drop all of it."""
    op.execute("ALTER TABLE codes DROP COLUMN approval")
    op.execute("ALTER TABLE licences DROP COLUMN approved_users")
    op.drop_table("approvals")
