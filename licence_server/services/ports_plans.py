"""What plans need from the outside."""

from collections.abc import Sequence
from typing import Protocol

from licence_server.domain.plan import Plan


class Plans(Protocol):
    """Plans at rest."""

    def add(self, plan: Plan) -> None:
        """Store a plan. Raises StateConflictError when one that is not retired has its name."""

    def get(self, plan_id: str) -> Plan:
        """Return a plan to look at. Raises NotFoundError."""

    def lock(self, plan_id: str) -> Plan:
        """Return a plan, which nobody else changes until the unit ends. Raises NotFoundError."""

    def all(self) -> Sequence[Plan]:
        """Return every plan, oldest first, retired ones too."""

    def put(self, plan: Plan) -> None:
        """Store a changed plan. Raises as add."""
