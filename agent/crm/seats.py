"""Seats for people: taken once, kept alive in the background, given back; whoever holds one survives a restart."""

import logging
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

from agent.crm.asking import AWAY, Desk
from agent.crm.bounds import Bounds
from agent.crm.knowing import Knowledge
from agent.crm.places import Kind, Pair, Place, Policy, pair_of
from keys.clock import Clock
from keys.errors import (
    AgentNotBelievedError,
    LicenceRestrictedError,
    LicensingError,
    SeatEndedError,
    UnreachableError,
)

_log = logging.getLogger(__name__)
_MOST_IN_ONE_BEAT = 10_000


class Seat:
    """One person's seat, as the CRM has it in its hand."""

    def __init__(self, seats: "Seats", pair: Pair, place: Place) -> None:
        self._seats, self._pair, self._place = seats, pair, place

    @property
    def id(self) -> str | None:
        """The agent's id of it; None while it waits for an agent that is away."""
        return self._place.id

    @property
    def fence(self) -> int:
        """Grows with every seat ever given, so that what guards data can refuse a late holder; 0 without an id."""
        return self._place.fence

    @property
    def user(self) -> str:
        """Whom it is for."""
        return self._place.user

    def check(self) -> None:
        """Make sure that it is still held; costs nothing while the agent has confirmed it lately.

        Raises:
            LicensingError: why not: SeatEndedError, UnreachableError, SeatsExhaustedError, LicenceRestrictedError …
        """
        self._seats.check(self._place)

    def touch(self) -> None:
        """Say that its person does something, and check it. Raises as check."""
        self._seats.check(self._place, is_active=True)

    def release(self) -> None:
        """Give it back at once, whoever else in this process holds it."""
        self._seats.release(*self._pair)


class Seats:
    """All seats of this process. Every method may be called from any thread."""

    def __init__(
        self, desk: Desk, knowledge: Knowledge, clock: Clock, policy: Policy, on_use: Callable[[], None]
    ) -> None:
        """Take what to call, too, before each seat is asked for: it makes sure that somebody calls beat()."""
        self._desk, self._knowledge, self._clock, self.policy = desk, knowledge, clock, policy
        self._on_use, self._bounds = on_use, Bounds(desk, knowledge, clock, policy)
        self._places: dict[Pair, Place] = {}
        self._unwanted: set[str] = set()
        """Ids to give back as soon as the agent answers again."""
        self._beaten_at = 0.0
        self._lock, self._beating = threading.RLock(), threading.RLock()

    @contextmanager
    def hold(
        self, user: str, client: str, *, address: str | None = None, kind: Kind = "person", wait: int = 0
    ) -> Iterator[Seat]:
        """Hold a seat for as long as a ``with`` block runs. Arguments and errors as of take."""
        pair, place = self._taken(Place(user, client, address, kind), wait)
        with self._lock:
            place.pins += 1
        try:
            yield Seat(self, pair, place)
        finally:
            with self._lock:
                place.pins -= 1
                is_over = place.pins == 0 and self._places.get(pair) is place
            if is_over:
                self.release(user, client)

    def take(
        self,
        user: str,
        client: str,
        *,
        address: str | None = None,
        kind: Kind = "person",
        wait: int = 0,
        seen: int | None = None,
    ) -> Seat:
        """Return the pair's seat, asked for only if this process does not hold it already.

        Args:
            user: a name; the agent compares names whatever their case.
            client: the computer or browser.
            address: the IP address that it comes from, checked against the licence's networks.
            kind: ``service`` for an integration's account, which costs no user.
            wait: seconds, at most 30, to stand in the agent's queue while no seat is free.
            seen: how many seconds ago another process had the seat, if that is certain: whoever was in stays in.

        Raises:
            SeatsExhaustedError, OutsideNetworkError, LicenceRestrictedError, LicenceBlockedError: the agent's no.
            AgentNotBelievedError: the agent's yes is worth nothing.
            UnreachableError, UnavailableError: it is away, and ``newcomers`` says refuse.
        """
        return Seat(self, *self._taken(Place(user, client, address, kind, seen=seen), wait))

    def release(self, user: str, client: str) -> None:
        """Give a pair's seat back at once; fine if there is none. While the agent is away, as soon as it is back."""
        with self._lock:
            place = self._places.pop(pair_of(user, client), None)
            if place is not None:
                place.ended = place.ended or SeatEndedError("The seat was given back.")
                self._unwanted |= {place.id} if place.id is not None else set()
        self._give_back()

    def free(self, user: str, client: str, *, address: str | None = None, kind: Kind = "person") -> None:
        """Give a pair's seat back that another process may have taken: asking for it again says which it is."""
        with self._lock:
            is_here = pair_of(user, client) in self._places
        if not is_here:
            with suppress(LicensingError):
                wanted = Place(user, client, address, kind)
                self._desk.ask(wanted)
                self._unwanted.add(str(wanted.id))
        self.release(user, client)

    def check(self, place: Place, *, is_active: bool = False) -> None:
        """See Seat.check and Seat.touch."""
        now = self._clock.boot()
        if self._bounds.has_stopped(place):
            place.ended = LicenceRestrictedError("The licence has stopped; only the administrator can sign in.")
        if place.ended is None and self._bounds.is_stale(place):
            with self._beating:  # after a pause longer than a seat lives somebody else may have it
                if self._bounds.is_stale(place):
                    self.beat()
            self._give_up(place)
        if place.ended is not None:
            raise place.ended
        if is_active:
            place.active_at = now

    def beat(self) -> None:
        """Send one heartbeat for all seats that are in use, and mend what an outage has torn. Refusals end seats."""
        with self._beating:
            now = self._clock.boot()
            self._forget(now)
            self._give_back()
            with self._lock:
                by_id = {place.id: place for place in self._places.values() if place.id is not None}
                torn = [place for place in self._places.values() if place.id is None]
                since, self._beaten_at = self._beaten_at, now
            ids = list(by_id)
            for start in range(0, len(ids), _MOST_IN_ONE_BEAT):
                torn += self._renew({seat: by_id[seat] for seat in ids[start : start + _MOST_IN_ONE_BEAT]}, since, now)
            for place in torn:
                self._mend(place, now)

    @property
    def held(self) -> int:
        """How many seats this process holds."""
        with self._lock:
            return sum(place.ended is None for place in self._places.values())

    def _taken(self, wanted: Place, wait: int) -> tuple[Pair, Place]:
        pair = pair_of(wanted.user, wanted.client)
        with self._lock:
            place = self._places.get(pair)
        if place is not None:
            with suppress(LicensingError):
                self.check(place, is_active=True)
                return pair, place
        self._on_use()
        now = wanted.active_at = self._clock.boot()
        try:
            self._knowledge.recent(2 * self.policy.interval)
            self._desk.check_out(wanted, wait)
        except AWAY as error:
            self._admit(pair, wanted, error)
            return pair, wanted
        with self._lock:
            known = self._places.get(pair)
            if known is not None and known.id == wanted.id and known.ended is None:
                known.confirmed_at, known.active_at = wanted.confirmed_at, now  # another thread asked at the same time
                return pair, known
            self._places[pair] = wanted
        self._bound(wanted)
        return pair, wanted

    def _admit(self, pair: Pair, wanted: Place, error: LicensingError) -> None:
        """Let a newcomer in while the agent is away, if the policy and the signed licence do."""
        sentence = "The licence agent does not answer just now, so nobody new can come in. Try again in a minute."
        now, most = self._clock.boot(), self._bounds.most_while_away(wanted)
        with self._lock:
            if len(self._users(wanted.kind) | {pair[0]}) > most:
                raise UnreachableError(sentence) from error
            wanted.taken_at = wanted.confirmed_at = now - (wanted.seen or 0 if self._bounds.was_in(wanted) else 0)
            self._places[pair] = wanted

    def _users(self, kind: Kind) -> set[str]:
        return {pair[0] for pair, place in self._places.items() if place.kind == kind and place.ended is None}

    def _bound(self, place: Place, *, may_beat: bool = True) -> None:
        """Hold no more seats than an honest agent could have given; raise AgentNotBelievedError rather."""
        most = self._bounds.most(place.kind)
        if may_beat and len(self._users(place.kind)) > most:
            self.beat()  # some of them may have ended at the agent
        if len(self._users(place.kind)) > most:
            self.release(place.user, place.client)
            raise AgentNotBelievedError(f"The licence agent has given more seats than the {most} that can be right.")

    # The heartbeat.

    def _give_up(self, place: Place) -> None:
        if place.ended is None and self._bounds.is_stale(place):
            place.ended = UnreachableError("The licence agent has not confirmed the seat for too long.")

    def _forget(self, now: float) -> None:
        """Drop what has ended, and whose people are gone: their seats run out unless another process keeps them."""
        with self._lock:
            for pair, place in list(self._places.items()):
                is_idle = not place.pins and now - place.active_at >= self.policy.active_for
                if is_idle or (place.ended is not None and not place.pins):
                    del self._places[pair]

    def _give_back(self) -> None:
        for seat in list(self._unwanted):
            try:
                self._desk.give_back(seat)
            except AWAY:
                return
            except LicensingError as error:
                _log.warning("A seat could not be given back: %s", error)
            self._unwanted.discard(seat)

    def _renew(self, places: dict[str, Place], since: float, now: float) -> list[Place]:
        """Send one heartbeat; return the places that the agent knows no more."""
        active = [seat for seat, place in places.items() if place.pins or place.active_at >= since]
        try:
            lost = self._desk.renew(list(places), active)
        except LicensingError as error:
            _log.warning("The heartbeat to the licence agent failed: %s", error)
            return []
        for seat, place in places.items():
            if seat not in lost:
                place.confirmed_at = now
        return [place for seat, place in places.items() if seat in lost]

    def _mend(self, place: Place, now: float) -> None:
        """Take a seat up again that an outage or a pause has cost; what the agent ended by itself stays ended."""
        is_torn = place.id is None or self._desk.last_away_at >= place.confirmed_at
        if place.ended is not None:
            return
        if not is_torn and now - place.confirmed_at < place.ttl:
            place.ended = SeatEndedError("The seat ran out, or was freed by the administrator.")
            return
        try:
            self._desk.ask(place)
            self._bound(place, may_beat=False)
        except AWAY:
            return
        except LicensingError as error:
            place.ended = error
