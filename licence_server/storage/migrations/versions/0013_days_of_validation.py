"""On which days each server validated, or was refused: a letter for each of the last days."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

from licence_server.domain.days import DAY, KEPT, Days

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

_BATCH = 500
_ANSWERS = {"licence_activated": "v", "licence_validated": "v", "licence_deactivated": "v", "validation_refused": "r"}


def upgrade() -> None:
    """Add the days, with what the record says of those before the last signature."""
    op.execute("ALTER TABLE activations ADD COLUMN days VARCHAR(120) DEFAULT '0 ' NOT NULL")
    connection = op.get_bind()
    activations = sa.table("activations", *(sa.column(name) for name in ("id", "licence_id", "days")))
    change = activations.update().where(activations.c.id == sa.bindparam("which")).values(days=sa.bindparam("text"))
    page = sa.select(activations.c.licence_id).distinct().order_by(activations.c.licence_id).limit(_BATCH)
    last = ""
    while licences := connection.execute(page.where(activations.c.licence_id > last)).scalars().all():
        found = _answers(connection, licences)
        if found:
            connection.execute(change, [{"which": which, "text": str(Days.of(days))} for which, days in found.items()])
        last = licences[-1]


def downgrade() -> None:
    """Drop them."""
    op.execute("ALTER TABLE activations DROP COLUMN days")


def _answers(connection: sa.Connection, licences: Sequence[str]) -> dict[str, list[tuple[int, str]]]:
    """Return the days of each activation of some licences, from the end of the record on back."""
    audit = sa.table("audit", *(sa.column(name) for name in ("subject", "at", "event", "actor")))
    latest = connection.execute(sa.text("SELECT at FROM audit_head")).scalar_one()
    day: sa.ColumnElement[int] = sa.literal_column(f"at / {DAY}").label("day")
    query = (
        sa.select(audit.c.actor, audit.c.event, day)
        .distinct()
        .where(audit.c.subject.in_(licences), audit.c.at > latest - KEPT * DAY, audit.c.event.in_(_ANSWERS))
    )
    found: dict[str, list[tuple[int, str]]] = {}
    for actor, event, number in connection.execute(query):
        found.setdefault(actor.removeprefix("agent:"), []).append((number, _ANSWERS[event]))
    return found
