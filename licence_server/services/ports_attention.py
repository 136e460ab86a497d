"""What waits for people: wishes that need a second person, and signs of what needs somebody."""

from collections.abc import Collection, Sequence
from typing import Protocol

from licence_server.domain.approval import Approval, ApprovalState
from licence_server.domain.attention import Kind, Sign
from licence_server.domain.paging import Place


class Approvals(Protocol):
    """Wishes that need a second person, at rest."""

    def add(self, approval: Approval) -> None:
        """Store a wish."""

    def lock(self, approval_id: str) -> Approval:
        """Return an approval, which nobody else changes until the unit ends. Raises NotFoundError."""

    def about(self, subject: str) -> Sequence[Approval]:
        """Return all about a licence or a customer, oldest first."""

    def all(self) -> Sequence[Approval]:
        """Return every one, oldest first."""

    def waiting(self, now: int, most: int) -> Sequence[Approval]:
        """Return at most so many that somebody can decide about now, oldest first."""

    def page(self, states: Collection[ApprovalState], now: int, after: Place | None, most: int) -> Sequence[Approval]:
        """Return those that are in some states, newest first, beginning after a place."""

    def put(self, approval: Approval) -> None:
        """Store an answer, or that it was used."""


class Attention(Protocol):
    """What needs somebody, as far as stored things show it."""

    def signs(self, kind: Kind, now: int, silence: int) -> Sequence[Sign]:
        """Return at most ``attention.MOST`` signs of a kind, one for each licence, the most urgent first.

        Args:
            kind: of which kind.
            now: the server's time.
            silence: seconds without a validation after which a server is silent.
        """
