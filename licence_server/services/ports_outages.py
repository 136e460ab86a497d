"""What declared outages need from the outside."""

from collections.abc import Sequence
from typing import Protocol

from licence_server.domain.outage import Declared


class Outages(Protocol):
    """Declared outages at rest; none is ever changed."""

    def add(self, outage: Declared) -> None:
        """Store one."""

    def get(self, outage_id: str) -> Declared:
        """Return one. Raises NotFoundError."""

    def all(self) -> Sequence[Declared]:
        """Return every one, newest first."""
