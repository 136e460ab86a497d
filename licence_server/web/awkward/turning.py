"""Trust that moves on while agents work: another signing key, another version of the trust document."""

from dataclasses import dataclass

from keys.ceremony import renewed, signed
from keys.clock import Clock
from keys.keyfolder import KeyFolder
from keys.rotating import Rotating
from keys.trust import MOST_KEYS
from licence_server.web.awkward.exchange import Answer, Exchange


@dataclass(frozen=True, slots=True)
class Turning:
    """Does in the server's home what ``licence-keys`` does, between two requests."""

    folder: KeyFolder
    clock: Clock

    @property
    def is_possible(self) -> bool:
        """Tell whether enough roots are in the home."""
        trust = self.folder.trust()
        return len(self.folder.roots(trust.roots)) >= trust.threshold

    def has_room(self, _: Exchange) -> bool:
        """Tell whether another signing key fits in; the oldest must not fall out while a licence needs it."""
        return len(self.folder.trust().signing) < MOST_KEYS

    def rotated(self, exchange: Exchange) -> Answer:
        """Rotate the signing key, then answer: under a key that the agent has never heard of."""
        Rotating(self.folder, self.clock, ()).rotate()
        return exchange.forward()

    def renewed(self, exchange: Exchange) -> Answer:
        """Put a newer trust document with the same keys in force, then answer."""
        with self.folder.alone():
            trust = self.folder.trust()
            self.folder.install(signed(renewed(trust, self.clock.now()), self.folder.roots(trust.roots)))
        return exchange.forward()
