"""What programs asked for under a key of their own, so that nothing is done twice."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the table."""
    op.create_table(
        "repeats",
        sa.Column("place", sa.String(length=64), nullable=False),
        sa.Column("content", sa.String(length=64), nullable=False),
        sa.Column("begun_at", sa.BigInteger(), nullable=False),
        sa.Column("status", sa.Integer()),
        sa.Column("sealed", sa.Text()),
        sa.PrimaryKeyConstraint("place", name=op.f("pk_repeats")),
    )
    op.create_index("ix_repeats_begun_at", "repeats", ["begun_at"], unique=False)


def downgrade() -> None:
    """Drop it."""
    op.drop_table("repeats")
