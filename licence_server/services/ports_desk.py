"""What the use cases need from the outside: a desk to sign at."""

from typing import Protocol

from keys.signing import Signer
from keys.trust import Trust


class Desk(Protocol):
    """Where documents are signed."""

    @property
    def trust(self) -> Trust:
        """The trust document in force."""

    @property
    def trust_document(self) -> bytes:
        """The same, as bytes to hand out."""

    @property
    def signer(self) -> Signer:
        """The active signing key."""
