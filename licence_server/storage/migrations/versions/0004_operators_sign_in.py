"""Operators sign in: second factor, sessions, API tokens."""

from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

_COLUMNS = {
    "disabled_at": "BIGINT",
    "password_at": "BIGINT",
    "password_once": "BOOLEAN DEFAULT false NOT NULL",
    "secret": "TEXT",
    "last_step": "BIGINT DEFAULT 0 NOT NULL",
    "recovery": "JSON DEFAULT '[]' NOT NULL",
    "wrong_codes": "INTEGER DEFAULT 0 NOT NULL",
}


def upgrade() -> None:
    """Add what is known of a sign-in. Operators that are there keep their passwords, and set a second factor up.

    In plain SQL, which SQLite and PostgreSQL share.
    """
    for name, kind in _COLUMNS.items():
        op.execute(f"ALTER TABLE operators ADD COLUMN {name} {kind}")
    op.execute(
        "CREATE TABLE sessions ("
        "id VARCHAR(64) NOT NULL, digest VARCHAR(64) NOT NULL, operator_id VARCHAR(64) NOT NULL, "
        "step VARCHAR(16) NOT NULL, created_at BIGINT NOT NULL, seen_at BIGINT NOT NULL, "
        "address VARCHAR(64) NOT NULL, agent VARCHAR(200) NOT NULL, proposal TEXT, "
        "CONSTRAINT pk_sessions PRIMARY KEY (id), "
        "CONSTRAINT uq_sessions_digest UNIQUE (digest), "
        "CONSTRAINT ck_sessions_step CHECK (step IN ('password', 'enrolment', 'code', 'open')), "
        "CONSTRAINT fk_sessions_operator_id_operators FOREIGN KEY(operator_id) REFERENCES operators (id))"
    )
    op.execute("CREATE INDEX ix_sessions_operator_id ON sessions (operator_id)")
    op.execute(
        "CREATE TABLE tokens ("
        "id VARCHAR(64) NOT NULL, name VARCHAR(100) NOT NULL, operator_id VARCHAR(64) NOT NULL, "
        "scopes JSON NOT NULL, digest VARCHAR(64) NOT NULL, created_at BIGINT NOT NULL, expires_at BIGINT NOT NULL, "
        "revoked_at BIGINT, last_used_at BIGINT, "
        "CONSTRAINT pk_tokens PRIMARY KEY (id), "
        "CONSTRAINT fk_tokens_operator_id_operators FOREIGN KEY(operator_id) REFERENCES operators (id))"
    )
    op.execute("CREATE INDEX ix_tokens_operator_id ON tokens (operator_id)")


def downgrade() -> None:
    """Drop all of it."""
    op.execute("DROP TABLE tokens")
    op.execute("DROP TABLE sessions")
    for name in _COLUMNS:
        op.execute(f"ALTER TABLE operators DROP COLUMN {name}")
