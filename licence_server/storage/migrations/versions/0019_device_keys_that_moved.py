"""The device key in a TPM that took the first one's place, and the documents that are bound to it."""

from alembic import op

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add them; none has moved yet. In plain SQL, which SQLite and PostgreSQL share."""
    op.execute("ALTER TABLE activations ADD COLUMN moved_key VARCHAR(64)")
    op.execute("ALTER TABLE activations ADD COLUMN moved_jwk JSON")
    op.create_index("uq_activations_moved_key", "activations", ["moved_key"], unique=True)
    op.execute("ALTER TABLE documents ADD COLUMN moved BOOLEAN DEFAULT false NOT NULL")


def downgrade() -> None:
    """Drop them. What moved can't validate any more: whoever goes back has to move those licences."""
    op.execute("ALTER TABLE documents DROP COLUMN moved")
    op.drop_index("uq_activations_moved_key", "activations")
    op.execute("ALTER TABLE activations DROP COLUMN moved_jwk")
    op.execute("ALTER TABLE activations DROP COLUMN moved_key")
