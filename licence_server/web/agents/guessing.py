"""Guessing is slowed down, and nothing else (protocol, section 6)."""

import threading

from keys.addresses import Address
from keys.clock import Clock
from keys.errors import LicensingError, RateLimitedError
from licence_server.domain.limits import Guesses, group


class Guessing:
    """Counts the refusals that guessing produces, for all threads of one process.

    Whoever is right is never asked here, whatever others do from the same address.
    """

    def __init__(self, guesses: Guesses, clock: Clock) -> None:
        self._guesses, self._clock = guesses, clock
        self._turn = threading.Lock()

    def judge(self, refusal: LicensingError, address: Address | None) -> LicensingError:
        """Return the refusal, or RateLimitedError in its place where the limit is reached."""
        with self._turn:
            wait = self._guesses.take(group(address), self._clock.boot())
        if wait == 0:
            return refusal
        return RateLimitedError("Too many requests were refused. Wait, then try again.", int(wait) + 1)
