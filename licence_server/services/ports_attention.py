"""What the desk needs from the outside: signs of what needs somebody."""

from collections.abc import Sequence
from typing import Protocol

from licence_server.domain.attention import Kind, Sign


class Attention(Protocol):
    """What needs somebody, as far as stored things show it."""

    def signs(self, kind: Kind, now: int, silence: int) -> Sequence[Sign]:
        """Return at most ``attention.MOST`` signs of a kind, one for each licence, the most urgent first.

        Args:
            kind: of which kind.
            now: the server's time.
            silence: seconds without a validation after which a server is silent.
        """
