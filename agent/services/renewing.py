"""Use case: the agent's loop. Two steps: decide, which is pure, then do what was decided."""

from collections.abc import Callable

from agent.domain.renewal import after_trust, after_trust_failure, decide, draw_jitter
from agent.services.judging import Judging
from agent.services.ports import Server, Surroundings
from agent.services.trusting import Trusting
from agent.services.validating import Validating
from keys.errors import BusyError, LicensingError

LONGEST_SLEEP = 2
"""Seconds until the loop looks again whether another process replaced anything: a few ``stat`` calls."""


class Renewing:
    """Validates and looks for trust when it is time."""

    def __init__(
        self,
        around: Surroundings,
        judging: Judging,
        validating: Validating,
        trusting: Trusting,
        servers: Callable[[], Server],
    ) -> None:
        """Build the loop. ``servers`` returns the licence server by the address that was given last."""
        self._around, self._judging, self._validating = around, judging, validating
        self._trusting, self._servers = trusting, servers
        self._jitter = ("", 0.0)

    def step(self) -> int:
        """Do what is due, and return the seconds until there may be something again.

        Raises:
            LicensingError: what was tried failed; it is tried again later, and the licence in hand goes on.
        """
        hand = self._judging.holding.hand()
        document = "" if hand.licence is None else hand.licence.document_id
        if self._jitter[0] != document:
            self._jitter = (document, draw_jitter(self._around.randomness))
        now = self._judging.timekeeping.time(hand).now
        progress, _ = self._around.tallies.progress()
        decision = decide(hand, progress, self._jitter[1], now)
        if decision.look_for_trust:
            self._look_for_trust(now)
        if decision.validate:
            self._validate()
        idle = not decision.look_for_trust and not decision.validate
        return max(1, min(LONGEST_SLEEP, decision.wake_at - now)) if idle else 1

    def _look_for_trust(self, now: int) -> None:
        tallies = self._around.tallies
        try:
            with self._around.lock():
                self._trusting.refresh(self._servers())
        except BusyError:
            return
        except LicensingError:
            progress, last = tallies.progress()
            tallies.keep_progress(after_trust_failure(progress, now, self._around.randomness), last)
            raise
        progress, last = tallies.progress()
        tallies.keep_progress(after_trust(progress, now, self._around.randomness), last)

    def _validate(self) -> None:
        try:
            self._validating.validate(self._servers())
        except BusyError:
            return
