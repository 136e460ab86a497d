"""Files that were checked to be imported, and how far the work on them has come."""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add imports, and the rows that are left of them."""
    op.create_table(
        "imports",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("columns", sa.JSON(), nullable=False),
        sa.Column("good", sa.Integer(), nullable=False),
        sa.Column("bad", sa.Integer(), nullable=False),
        sa.Column("parts", sa.JSON(), nullable=False),
        sa.Column("checked_by", sa.String(length=128), nullable=False),
        sa.Column("checked_at", sa.BigInteger(), nullable=False),
        sa.Column("confirmed_by", sa.String(length=128), nullable=False),
        sa.Column("confirmed_at", sa.BigInteger()),
        sa.Column("parts_done", sa.Integer(), nullable=False),
        sa.Column("made", sa.Integer(), nullable=False),
        sa.Column("left_out", sa.Integer(), nullable=False),
        sa.Column("ended_at", sa.BigInteger()),
        sa.CheckConstraint("kind IN ('customers', 'licences')", name=op.f("ck_imports_kind")),
        sa.CheckConstraint(
            "state IN ('checked', 'running', 'done', 'cancelled', 'failed')", name=op.f("ck_imports_state")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_imports")),
    )
    op.create_index("ix_imports_state", "imports", ["state"], unique=False)
    op.create_table(
        "import_parts",
        sa.Column("import_id", sa.String(length=64), nullable=False),
        sa.Column("shelf", sa.String(length=8), nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("content", sa.Text(), nullable=False),
        sa.CheckConstraint("shelf IN ('rows', 'faults', 'made')", name=op.f("ck_import_parts_shelf")),
        sa.ForeignKeyConstraint(["import_id"], ["imports.id"], name=op.f("fk_import_parts_import_id_imports")),
        sa.PrimaryKeyConstraint("import_id", "shelf", "number", name=op.f("pk_import_parts")),
    )


def downgrade() -> None:
    """Drop both."""
    op.drop_table("import_parts")
    op.drop_table("imports")
