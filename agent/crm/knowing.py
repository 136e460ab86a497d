"""What is known of the licence now: asked for again when it is old, and remembered while the agent is away."""

import threading
from dataclasses import replace

from agent.crm.believing import MODES, Believed, Said, Verifier
from agent.crm.wire import Wire
from keys.clock import Clock
from keys.errors import AgentNotBelievedError, UnavailableError, UnreachableError

LEAVE_WITHIN = 900
"""Seconds after which seats end that were held when the licence stopped (protocol, section 10)."""
_DOUBT = 5
"""Seconds after which an agent that was not believed is asked again."""

_AWAY_FOR = 1
"""Seconds for which an agent that did not answer is taken for away without trying."""


class Knowledge:
    """The licence as it was last believed; used by many threads."""

    def __init__(self, wire: Wire, verifier: Verifier, clock: Clock) -> None:
        self._wire, self._verifier, self._clock = wire, verifier, clock
        self._known: Believed | AgentNotBelievedError | None = None
        self._asked_at = 0.0
        self._stopped_at: float | None = None
        self._failed = 0.0, ""
        self._lock = threading.Lock()

    def ask(self) -> Believed:
        """Ask the agent now.

        Raises:
            AgentNotBelievedError: it says more than a signed licence in force allows.
            UnreachableError, UnavailableError, LicensingError: no answer.
        """
        said = self._wire.call("GET", "/v1/licence", read=Said.read)
        try:
            found: Believed | AgentNotBelievedError = self._verifier.believe(said)
        except AgentNotBelievedError as error:
            found = error
        with self._lock:
            self._known, self._asked_at, self._failed = found, self._clock.boot(), (0.0, "")
            self._note(is_open=isinstance(found, Believed) and found.is_open)
        return _said(found)

    def recent(self, oldest: float) -> Believed:
        """Return what is known, asked for again when it is older than that many seconds.

        While the agent is away, what it last showed counts on, for as long as the signed licence itself does.
        Raises as ask; UnreachableError only if nothing was ever known.
        """
        with self._lock:
            known, asked_at = self._known, self._asked_at
        if not isinstance(known, Believed):
            oldest = min(oldest, _DOUBT)
        if known is not None and self._clock.boot() - asked_at < oldest:
            return _said(known)
        try:
            return self._asked()
        except (UnreachableError, UnavailableError):
            if known is None:
                raise
            return self._aged(_said(known))

    @property
    def stopped_for(self) -> float:
        """Seconds since the licence stopped letting people in; 0: it does let them in, or nothing is known."""
        with self._lock:
            return 0.0 if self._stopped_at is None else self._clock.boot() - self._stopped_at

    def _asked(self) -> Believed:
        """Ask, unless the agent was away just now: one that hangs must not hold up every request of the CRM."""
        with self._lock:
            failed_at, why = self._failed
        if self._clock.boot() - failed_at < _AWAY_FOR and why:
            raise UnreachableError(why)
        try:
            return self.ask()
        except (UnreachableError, UnavailableError) as error:
            with self._lock:
                self._failed = self._clock.boot(), str(error)
            raise

    def _aged(self, known: Believed) -> Believed:
        mode, reason = self._verifier.judge()
        if MODES.index(mode) <= MODES.index(known.mode):
            return known
        aged = replace(known, mode=mode, reason=reason)
        with self._lock:
            self._note(is_open=aged.is_open)
        return aged

    def _note(self, *, is_open: bool) -> None:
        if is_open:
            self._stopped_at = None
        elif self._stopped_at is None:
            self._stopped_at = self._clock.boot()


def _said(found: Believed | AgentNotBelievedError) -> Believed:
    if isinstance(found, AgentNotBelievedError):
        raise type(found)(str(found), found.mode)
    return found
