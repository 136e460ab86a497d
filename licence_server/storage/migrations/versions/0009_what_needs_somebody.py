"""What needs somebody: what chains showed, when seats were short, and indexes that find each of it at once."""

from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

_COLUMNS = {"finding": "VARCHAR(32)", "found_at": "BIGINT", "refused_at": "BIGINT", "overdraft_at": "BIGINT"}
_INDEXES = {
    "ix_activations_seen_at": "activations (seen_at, licence_id) WHERE binding = 'live'",
    "ix_activations_finding": "activations (finding, found_at) WHERE binding = 'live' AND finding IS NOT NULL",
    "ix_activations_refused_at": "activations (refused_at) WHERE binding = 'live' AND refused_at IS NOT NULL",
    "ix_activations_overdraft_at": "activations (overdraft_at) WHERE binding = 'live' AND overdraft_at IS NOT NULL",
    "ix_licences_ends_at": "licences (ends_at, state, terms_grace, id)",
    "ix_licences_recovered": "licences (created_at) WHERE state = 'recovered'",
    "ix_licences_cloned": "licences (changed_at) WHERE state = 'suspended' AND reason = 'clone_detected'",
    "ix_approvals_waiting": "approvals (asked_at, id) WHERE granted IS NULL",
}
_REFUSED = (
    "UPDATE activations SET refused_at = (SELECT max(hour_at) FROM usages WHERE activation_id = activations.id "
    "AND hour_at > seen_at - 604800 AND hour_at <= seen_at AND refused > 0)"
)
_OVERDRAFT = (
    "UPDATE activations SET overdraft_at = (SELECT max(hour_at) FROM usages JOIN licences "
    "ON licences.id = activations.licence_id WHERE activation_id = activations.id "
    "AND hour_at > seen_at - 604800 AND hour_at <= seen_at AND users > CAST(seats ->> 'users' AS BIGINT) "
    "AND CAST(seats -> 'overdraft' ->> 'users' AS BIGINT) > 0)"
)


def upgrade() -> None:
    """Add both, with what servers told of the last week before they were heard of last.

    What chains showed before is in the record alone: the digests there say nothing else of the activations.
    """
    for name, kind in _COLUMNS.items():
        op.execute(f"ALTER TABLE activations ADD COLUMN {name} {kind}")
    op.execute(_REFUSED)
    op.execute(_OVERDRAFT)
    for name, on in _INDEXES.items():
        op.execute(f"CREATE INDEX {name} ON {on}")


def downgrade() -> None:
    """Drop all of it."""
    for name in _INDEXES:
        op.execute(f"DROP INDEX {name}")
    for name in _COLUMNS:
        op.execute(f"ALTER TABLE activations DROP COLUMN {name}")
