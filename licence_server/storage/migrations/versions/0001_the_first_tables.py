"""The first tables."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

_KEEP_CUSTOMER = {
    "sqlite": (
        (
            "CREATE TRIGGER licences_keep_customer BEFORE UPDATE OF customer_id ON licences "
            "WHEN NEW.customer_id <> OLD.customer_id "
            "BEGIN SELECT RAISE(ABORT, 'a licence is never transferred to another customer (T2)'); END"
        ),
    ),
    "postgresql": (
        (
            "CREATE FUNCTION licences_keep_customer() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
            "RAISE EXCEPTION 'a licence is never transferred to another customer (T2)'; END $$"
        ),
        (
            "CREATE TRIGGER licences_keep_customer BEFORE UPDATE OF customer_id ON licences FOR EACH ROW "
            "WHEN (NEW.customer_id IS DISTINCT FROM OLD.customer_id) EXECUTE FUNCTION licences_keep_customer()"
        ),
    ),
}


def upgrade() -> None:
    """Make every table; a licence keeps its customer for ever (T2)."""
    op.create_table(
        "audit",
        sa.Column("seq", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("actor", sa.String(length=128), nullable=False),
        sa.Column("event", sa.String(length=64), nullable=False),
        sa.Column("subject", sa.String(length=64), nullable=False),
        sa.Column("details", sa.Text(), nullable=False),
        sa.Column("previous", sa.String(length=64), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_audit")),
    )
    op.create_index("ix_audit_subject", "audit", ["subject"], unique=False)

    op.create_table(
        "audit_head",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("seal", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit_head")),
    )
    op.create_table(
        "checkpoints",
        sa.Column("seq", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("document", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_checkpoints")),
    )
    op.create_table(
        "customers",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("national_id", sa.String(length=11), nullable=False),
        sa.Column("email", sa.Text(), nullable=False),
        sa.Column("mobile", sa.String(length=20), nullable=False),
        sa.Column("representative", sa.Text(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_customers")),
    )
    op.create_index(
        "uq_customers_national_id",
        "customers",
        ["national_id"],
        unique=True,
        sqlite_where=sa.text("national_id <> ''"),
        postgresql_where=sa.text("national_id <> ''"),
    )

    op.create_table(
        "operators",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("name", sa.String(length=64), nullable=False),
        sa.Column("role", sa.String(length=16), nullable=False),
        sa.Column("password_hash", sa.Text(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_operators")),
        sa.UniqueConstraint("name", name=op.f("uq_operators_name")),
    )
    op.create_table(
        "licences",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("customer_id", sa.String(length=64), nullable=False),
        sa.Column("product", sa.Text(), nullable=False),
        sa.Column("edition", sa.Text(), nullable=False),
        sa.Column("site", sa.Text(), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("reason", sa.String(length=64), nullable=True),
        sa.Column("starts_at", sa.BigInteger(), nullable=False),
        sa.Column("ends_at", sa.BigInteger(), nullable=True),
        sa.Column("terms_grace", sa.BigInteger(), nullable=False),
        sa.Column("support_ends_at", sa.BigInteger(), nullable=True),
        sa.Column("seats", sa.JSON(), nullable=False),
        sa.Column("features", sa.JSON(), nullable=False),
        sa.Column("networks", sa.JSON(), nullable=False),
        sa.Column("threshold", sa.Integer(), nullable=False),
        sa.Column("interval", sa.BigInteger(), nullable=False),
        sa.Column("grace", sa.BigInteger(), nullable=False),
        sa.Column("on_clone", sa.String(length=16), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("changed_at", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("on_clone IN ('suspend', 'report')", name=op.f("ck_licences_on_clone")),
        sa.CheckConstraint(
            "state IN ('issued', 'active', 'suspended', 'revoked', 'recovered')", name=op.f("ck_licences_state")
        ),
        sa.ForeignKeyConstraint(["customer_id"], ["customers.id"], name=op.f("fk_licences_customer_id_customers")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_licences")),
    )
    op.create_index("ix_licences_customer_id", "licences", ["customer_id"], unique=False)

    op.create_table(
        "activations",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("licence_id", sa.String(length=64), nullable=False),
        sa.Column("device_key", sa.String(length=64), nullable=False),
        sa.Column("jwk", sa.JSON(), nullable=False),
        sa.Column("binding", sa.String(length=16), nullable=False),
        sa.Column("activated_at", sa.BigInteger(), nullable=False),
        sa.Column("components", sa.JSON(), nullable=False),
        sa.Column("drifts", sa.JSON(), nullable=False),
        sa.Column("head", sa.String(length=128), nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.Column("chain", sa.JSON(), nullable=False),
        sa.Column("host", sa.JSON(), nullable=False),
        sa.Column("seen_at", sa.BigInteger(), nullable=False),
        sa.Column("first_request", sa.String(length=128), nullable=False),
        sa.Column("first_document", sa.Text(), nullable=False),
        sa.Column("last_request", sa.String(length=128), nullable=False),
        sa.Column("last_document", sa.Text(), nullable=False),
        sa.CheckConstraint("binding IN ('live', 'superseded', 'deactivated')", name=op.f("ck_activations_binding")),
        sa.ForeignKeyConstraint(["licence_id"], ["licences.id"], name=op.f("fk_activations_licence_id_licences")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_activations")),
        sa.UniqueConstraint("device_key", name=op.f("uq_activations_device_key")),
    )
    op.create_index("ix_activations_licence_id", "activations", ["licence_id"], unique=False)
    op.create_index(
        "uq_activations_one_live",
        "activations",
        ["licence_id"],
        unique=True,
        sqlite_where=sa.text("binding = 'live'"),
        postgresql_where=sa.text("binding = 'live'"),
    )

    op.create_table(
        "codes",
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("licence_id", sa.String(length=64), nullable=False),
        sa.Column("purpose", sa.String(length=16), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("expires_at", sa.BigInteger(), nullable=False),
        sa.Column("used_at", sa.BigInteger(), nullable=True),
        sa.Column("used_by", sa.String(length=64), nullable=True),
        sa.Column("void_at", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(["licence_id"], ["licences.id"], name=op.f("fk_codes_licence_id_licences")),
        sa.PrimaryKeyConstraint("digest", name=op.f("pk_codes")),
    )
    op.create_index("ix_codes_licence_id", "codes", ["licence_id"], unique=False)

    op.create_table(
        "documents",
        sa.Column("id", sa.String(length=128), nullable=False),
        sa.Column("activation_id", sa.String(length=64), nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.Column("request_id", sa.String(length=128), nullable=False),
        sa.Column("status", sa.String(length=16), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["activation_id"], ["activations.id"], name=op.f("fk_documents_activation_id_activations")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_documents")),
        sa.UniqueConstraint("activation_id", "request_id", name=op.f("uq_documents_activation_id")),
    )
    op.create_table(
        "usages",
        sa.Column("activation_id", sa.String(length=64), nullable=False),
        sa.Column("hour_at", sa.BigInteger(), nullable=False),
        sa.Column("users", sa.BigInteger(), nullable=False),
        sa.Column("clients", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["activation_id"], ["activations.id"], name=op.f("fk_usages_activation_id_activations")
        ),
        sa.PrimaryKeyConstraint("activation_id", "hour_at", name=op.f("pk_usages")),
    )
    op.execute("INSERT INTO audit_head (id, seq, digest, at, seal) VALUES (1, 0, '', 0, '')")
    for statement in _KEEP_CUSTOMER[op.get_bind().dialect.name]:
        op.execute(statement)


def downgrade() -> None:
    """There is nothing before the first tables."""
    for table in ("usages", "documents", "codes", "activations", "licences", "operators", "customers", "checkpoints"):
        op.drop_table(table)
    op.drop_table("audit_head")
    op.drop_table("audit")
    if op.get_bind().dialect.name == "postgresql":
        op.execute("DROP FUNCTION licences_keep_customer")
