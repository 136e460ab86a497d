"""What finds entries of the audit record by person, deed, kind of thing and time."""

from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None

_TELLING = "event <> 'licence_validated'"


def upgrade() -> None:
    """Add the indexes, and let PostgreSQL find subjects by how they begin: its own order of texts can't be used."""
    op.create_index("ix_audit_at", "audit", ["at", "seq"])
    for column in ("actor", "event"):
        op.execute(f"CREATE INDEX ix_audit_{column} ON audit ({column}, seq) WHERE {_TELLING}")
    if op.get_bind().dialect.name == "postgresql":
        op.drop_index("ix_audit_telling", "audit")
        op.execute(f"CREATE INDEX ix_audit_telling ON audit (subject text_pattern_ops, seq) WHERE {_TELLING}")


def downgrade() -> None:
    """Have it as it was."""
    if op.get_bind().dialect.name == "postgresql":
        op.drop_index("ix_audit_telling", "audit")
        op.execute(f"CREATE INDEX ix_audit_telling ON audit (subject, seq) WHERE {_TELLING}")
    for column in ("event", "actor", "at"):
        op.drop_index(f"ix_audit_{column}", "audit")
