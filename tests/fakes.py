"""Small real stand-ins for the outside world."""

from dataclasses import dataclass, field

from keys.signing import Signer, SoftwareSigner
from keys.trust import LIFETIME, Envelope, SigningKey, Trust

START = 1_800_000_000
"""When tests begin: 2027-01-15, 08:00 UTC."""


@dataclass(slots=True)
class TurnableClock:
    """A clock (keys.clock.Clock) that stands until somebody turns it."""

    wall: int = START
    booted: float = 1_000.0

    def now(self) -> int:
        return self.wall

    def boot(self) -> float:
        return self.booted

    def advance(self, seconds: float) -> None:
        """Let time pass, for both."""
        self.wall += int(seconds)
        self.booted += seconds

    def turn(self, seconds: int) -> None:
        """Set the wall clock forward or back, while the machine runs on."""
        self.wall += seconds


@dataclass(slots=True)
class MemoryDesk:
    """A desk to sign at (licence_server.services.ports.Desk) with its keys in memory."""

    issuer: str = "https://licence.example.com"
    signer: Signer = field(default_factory=SoftwareSigner.generate)
    root: SoftwareSigner = field(default_factory=SoftwareSigner.generate)

    @property
    def trust(self) -> Trust:
        key = SigningKey(self.signer.key, "active", 0, None)
        return Trust(self.issuer, 1, START, START + LIFETIME, (self.root.key,), 1, (key,))

    @property
    def trust_document(self) -> bytes:
        return Envelope.of(self.trust).signed_by(self.root).to_bytes()
