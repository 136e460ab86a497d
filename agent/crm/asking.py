"""What a CRM asks its agent about seats, and since when the agent has been away."""

import threading
from collections.abc import Callable, Collection, Mapping, Sequence

from agent.crm.places import Place
from agent.crm.wire import Answer, Wire
from keys.claims import Reader
from keys.clock import Clock
from keys.errors import MalformedError, UnavailableError, UnreachableError

AWAY = (UnreachableError, UnavailableError)
"""How an agent looks that is down, is being restarted, or can't write to its disk."""
_HEARTBEAT = "/v1/seats/heartbeat"
_REST = 1
"""Seconds for which an agent that has been away is not tried again."""
_PAUSE = 0.2
"""Seconds between two tries while the agent is away."""


class Desk:
    """Check-out, heartbeat and release; every method raises what the agent refuses with, or one of AWAY."""

    def __init__(self, wire: Wire, clock: Clock, patience: float) -> None:
        """Take how many seconds a check-out waits for an agent that has just gone."""
        self._wire, self._clock, self._patience = wire, clock, patience
        self.away_since: float | None = None
        """Since when it has not answered; None: it answers. Moments are on the boot clock."""
        self.last_away_at = -1.0
        """When it last failed to answer."""
        self.heard_at: float | None = None
        """When it last answered."""

    def check_out(self, place: Place, wait: int = 0) -> None:
        """Ask for a seat and write down what came of it; wait a moment for an agent that is being restarted.

        One that has been away for longer is tried once a second: if it hangs, it must not hold up every newcomer.
        """
        if self._is_long_gone() and self._clock.boot() - self.last_away_at < _REST:
            raise UnreachableError("The licence agent did not answer just now.")
        tries = 1 + int(self._patience / _PAUSE)
        for tried in range(1, tries + 1):
            try:
                self.ask(place, wait)
                return
            except AWAY:
                if tried == tries or self._is_long_gone():
                    raise
            threading.Event().wait(_PAUSE)

    def ask(self, place: Place, wait: int = 0) -> None:
        """Ask for a seat once, and write down what came of it."""
        body: dict[str, object] = {"user": place.user, "client": place.client, "kind": place.kind}
        body |= {} if place.address is None else {"address": place.address}
        body |= {"wait": wait} if wait else {}
        asked_at = self._clock.boot()
        place.id, place.fence, place.ttl = self._call("POST", "/v1/seats", body, _read_seat, wait)
        place.taken_at = place.confirmed_at = asked_at

    def renew(self, seats: Sequence[str], active: Collection[str]) -> set[str]:
        """Send a heartbeat; ``active`` are those whose people did something. Return the seats that are lost."""
        body: dict[str, object] = {"seats": list(seats)}
        if len(active) < len(seats):
            body["active"] = list(active)
        try:
            return self._call("POST", _HEARTBEAT, body, _read_lost)
        except MalformedError:  # an agent of the first release does not know of activity
            return self._call("POST", _HEARTBEAT, {"seats": list(seats)}, _read_lost)

    def give_back(self, seat: str) -> None:
        """Release a seat."""
        self._call("DELETE", f"/v1/seats/{seat}", None, lambda _: None)

    def _call(
        self,
        method: str,
        path: str,
        body: Mapping[str, object] | None,
        read: Callable[[Reader], Answer],
        wait: int = 0,
    ) -> Answer:
        try:
            answer = self._wire.call(method, path, body, read=read, wait=wait)
        except AWAY:
            self.last_away_at = self._clock.boot()
            self.away_since = self.last_away_at if self.away_since is None else self.away_since
            raise
        self.heard_at, self.away_since = self._clock.boot(), None
        return answer

    def _is_long_gone(self) -> bool:
        return self.away_since is not None and self._clock.boot() - self.away_since > self._patience


def _read_seat(answer: Reader) -> tuple[str, int, float]:
    return answer.ident("seat"), answer.whole("fence"), answer.number("expires_in")


def _read_lost(answer: Reader) -> set[str]:
    lost = answer.raw("lost")
    if not isinstance(lost, list):
        raise MalformedError("The lost seats must be a list.")
    return {str(seat) for seat in lost}
