"""What the vendor sells again and again, and which licences were issued from it."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add plans. Licences that are there were issued from none."""
    op.create_table(
        "plans",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("offer", sa.JSON(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("retired_at", sa.BigInteger()),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_plans")),
    )
    op.execute("CREATE UNIQUE INDEX uq_plans_name ON plans (name) WHERE retired_at IS NULL")
    op.execute(
        "ALTER TABLE licences ADD COLUMN plan_id VARCHAR(64) CONSTRAINT fk_licences_plan_id_plans REFERENCES plans (id)"
    )


def downgrade() -> None:
    """Drop all of it."""
    op.execute("ALTER TABLE licences DROP COLUMN plan_id")
    op.drop_table("plans")
