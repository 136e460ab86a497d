"""The ledger of seats: decides who gets in, and notes every change so that it can be written down, or undone."""

from collections.abc import Callable, Iterator

from agent.domain import network
from agent.domain.live_seats import LiveSeats
from agent.domain.occupancy import Occupancy, exhausted
from agent.domain.overdraft import OverdraftDays
from agent.domain.places import Places
from agent.domain.seats import (
    LEAVE_WITHIN,
    Allowance,
    Assigned,
    Change,
    Count,
    Ended,
    Forgotten,
    Freed,
    Held,
    Overdraft,
    Overdrawn,
    Remembered,
    Rested,
    Restricted,
    Seat,
    Taken,
    Wanted,
)
from agent.domain.waiting import Place, Queue
from keys.errors import LicenceBlockedError, LicenceRestrictedError, OutsideNetworkError
from keys.sentences import phrase


class Ledger:
    """All live seats, and the named places. Not for two threads at once; ``now`` is on the boot clock, and only grows.

    Every method costs the same with 10 and with 10,000 live seats, save those that list or free many.
    """

    def __init__(self, remembered: Remembered, now: float, ttl: int) -> None:
        """Take up what the journal remembers; after a restart every seat has one more ``ttl`` (seconds)."""
        self.changes: list[Change] = []
        self.queue = Queue()
        self._seats = LiveSeats()
        self._places = Places(remembered.assigned, remembered.resting)
        self._overdraft = OverdraftDays(remembered.overdrawn)
        self._occupancy = Occupancy(self._places)
        self._restricted_since = remembered.restricted_since
        self._leave_at: float | None = None
        self._fence = max((remembered.fence, *(seat.fence for seat in remembered.seats)))
        for seat in remembered.seats:
            self._insert(seat, now + ttl)

    def begin(self, allowance: Allowance, now: float) -> None:
        """Bring the ledger up to this moment: seats that have run out end, places have rested, a restriction begins."""
        self.queue.begin()
        for seat in self._seats.past(now):
            self._end(seat)
        for user in self._places.rested(allowance.now):
            self.changes.append(Rested(user, self._wake(user)))
        restricted = allowance.mode == "restricted"
        self._leave_at = self._restriction_s_end(allowance, now) if restricted else None
        if restricted != (self._restricted_since is not None):
            change = Restricted(allowance.now if restricted else None, self._restricted_since)
            self._restricted_since = change.since
            self.changes.append(change)

    def check_out(
        self, wanted: Wanted, allowance: Allowance, now: float, new_id: Callable[[], str], place: Place | None = None
    ) -> Held:
        """Give a seat, or renew the one that the pair holds, or refuse.

        Raises:
            LicenceBlockedError, LicenceRestrictedError: the mode lets this user in no more.
            OutsideNetworkError: the address is outside the site (T5), and the licence says that this is refused.
            SeatsExhaustedError: no room for one more user or client (T1), or others wait for what there is.
            MalformedError: the address is none.
        """
        if allowance.mode == "blocked":
            raise LicenceBlockedError(phrase("The licence lets nobody in; GET /v1/licence says why."))
        held = self._seats.of_pair(wanted.user, wanted.client)
        ends_at = self._ends_at(wanted.user, allowance, now)
        if ends_at <= now or (held is None and self._is_turned_away(wanted.user, allowance)):
            raise LicenceRestrictedError(
                phrase("The licence lets only the administrator in; GET /v1/licence says why.")
            )
        is_outside = wanted.address is not None and _is_outside(wanted.address, allowance)
        seat, is_beyond = held, False
        if seat is None:
            is_beyond = wanted.user != allowance.administrator and self._check_room(wanted, allowance, now, place)
            seat = self._take(wanted, allowance, new_id(), is_beyond=is_beyond)
            self._insert(seat, ends_at)
        ends_at = self._seats.renew(seat, allowance, ends_at, now, is_active=True)
        return Held(seat, ends_at, is_new=held is None, is_beyond=is_beyond, is_outside=is_outside)

    def renew(self, seat_id: str, allowance: Allowance, now: float, *, is_active: bool = True) -> float | None:
        """Renew a seat at its heartbeat and return until when it lives; None: it is lost."""
        seat = self._seats.by_id(seat_id)
        if seat is None:
            return None
        ends_at = now if allowance.mode == "blocked" else self._ends_at(seat.user, allowance, now)
        if ends_at <= now:
            self._end(seat)
            return None
        return self._seats.renew(seat, allowance, ends_at, now, is_active=is_active)

    def release(self, seat_id: str) -> None:
        """Give a seat back; that it is gone already is fine."""
        seat = self._seats.by_id(seat_id)
        if seat is not None:
            self._end(seat)

    def free(self, user: str, agent_now: int) -> int:
        """Take a user's named place and all seats back; return how many seats there were.

        Args:
            user: whose; as names.user_key makes it.
            agent_now: since when the place rests, in the agent's time.
        """
        seats = self._seats.of_user(user)
        for seat in seats:
            self._end(seat)
        if user in self._places.assigned:
            assigned_at = self._places.assigned.pop(user)
            self._places.rest(user, agent_now)
            self.changes.append(Freed(user, assigned_at, agent_now))
        return len(seats)

    def held(self) -> Iterator[Held]:
        """Yield every live seat, oldest first."""
        return iter(self._seats)

    def assigned(self) -> dict[str, int]:
        """Return who has a named place, and since when in the agent's time."""
        return dict(self._places.assigned)

    def resting(self) -> dict[str, int]:
        """Return the freed names, and from when on their places may be anybody's."""
        return dict(self._places.resting())

    def counts(self, allowance: Allowance) -> tuple[Count, Count, Count]:
        """Return users, clients and service accounts."""
        occupancy, limits = self._occupancy, allowance.limits
        users = Count(occupancy.census(allowance).used, limits.users)
        return users, occupancy.clients(limits), occupancy.services(limits)

    def overdraft(self, allowance: Allowance) -> Overdraft | None:
        """Return how far beyond the limit it is; None: not at all, or nothing was agreed on that."""
        limits = allowance.limits
        if not limits.overdraft_users:
            return None
        beyond = self._occupancy.census(allowance).beyond
        if not beyond:
            return None
        return Overdraft(beyond, limits.overdraft_users, self._overdraft.left(limits, allowance.now))

    def undo(self, length: int = 0) -> None:
        """Undo the changes noted after the first ``length``, last first. A fencing number is never given again."""
        while len(self.changes) > length:
            self._undo(self.changes.pop())

    def _ends_at(self, user: str, allowance: Allowance, now: float) -> float:
        """Return until when a seat renewed now lives: one ttl, but not past the 15 minutes of a restriction."""
        if self._leave_at is None or user == allowance.administrator:
            return now + allowance.ttl
        return min(now + allowance.ttl, self._leave_at)

    def _restriction_s_end(self, allowance: Allowance, now: float) -> float:
        """Return when the seats of a restriction end, on the boot clock: the wall clock can be turned meanwhile."""
        if self._leave_at is not None:
            return self._leave_at
        passed = 0 if self._restricted_since is None else allowance.now - self._restricted_since
        return now + min(LEAVE_WITHIN, LEAVE_WITHIN - passed)

    def _is_turned_away(self, user: str, allowance: Allowance) -> bool:
        return allowance.mode == "restricted" and user != allowance.administrator

    def _check_room(self, wanted: Wanted, allowance: Allowance, now: float, place: Place | None) -> bool:
        """Refuse who has no room, or whose turn it is not; tell whether the user gets in beyond the limit.

        Who waits is overtaken by nobody who takes room for a user. One who takes only room for a client may go ahead
        where that leaves enough for all who wait.
        """
        needs = self._occupancy.needs(wanted, allowance)
        is_beyond = self._occupancy.check(needs, allowance, self._overdraft)
        first = self.queue.first(wanted.kind, now, self._is_served)
        if first is not None and first is not place:
            waiting = self.queue.length(wanted.kind)
            for dimension, count in needs:
                is_enough = count.limit is None or count.used + waiting < count.limit
                if dimension != "clients" or not is_enough:
                    raise exhausted(dimension, count, waiting)
        return is_beyond

    def must_wait(self, place: Place, allowance: Allowance, now: float) -> bool:
        """Tell at little cost whether somebody else's turn comes before this place's, so that trying is in vain."""
        user = place.wanted.user
        if self._seats.is_in(user) or user in self._places or allowance.mode not in {"full", "grace"}:
            return False
        return self.queue.first(place.wanted.kind, now, self._is_served) is not place

    def _is_served(self, place: Place) -> bool:
        return self._seats.of_pair(place.wanted.user, place.wanted.client) is not None

    def _take(self, wanted: Wanted, allowance: Allowance, seat_id: str, *, is_beyond: bool) -> Seat:
        self._fence += 1
        seat = Seat(seat_id, self._fence, wanted.user, wanted.client, wanted.kind)
        if is_beyond:
            self._use_overdraft(allowance.now)
        elif wanted.kind == "person" and self._occupancy.may_assign(wanted.user, allowance):
            self.changes.append(Assigned(wanted.user, allowance.now, self._assign(wanted.user, allowance.now)))
        self.changes.append(Taken(seat))
        return seat

    def _use_overdraft(self, agent_now: int) -> None:
        used, surplus = self._overdraft.use(agent_now), self._overdraft.surplus()
        if used is not None:
            self.changes.append(Overdrawn(used))
        if surplus is not None:
            self.changes.append(Forgotten(surplus))

    def _assign(self, user: str, assigned_at: int) -> int | None:
        if user not in self._places:
            self._occupancy.note_place(user, 1)
        return self._places.assign(user, assigned_at)

    def _wake(self, user: str) -> int:
        self._occupancy.note_place(user, -1)
        return self._places.wake(user)

    def _end(self, seat: Seat) -> None:
        self.changes.append(self._remove(seat))

    def _insert(self, seat: Seat, ends_at: float, idle_ends_at: float | None = None) -> None:
        self._seats.insert(seat, ends_at, idle_ends_at)
        self._occupancy.add(seat)

    def _remove(self, seat: Seat) -> Ended:
        self._occupancy.remove(seat)
        return self._seats.remove(seat)

    def _undo(self, change: Change) -> None:
        match change:
            case Taken(seat):
                self._remove(seat)
            case Ended(seat, ends_at, idle_ends_at):
                self._insert(seat, ends_at, idle_ends_at)
            case Restricted(before=since):
                self._restricted_since = since
            case Overdrawn(day):
                self._overdraft.forget(day)
            case Forgotten(day):
                self._overdraft.remember(day)
            case _:
                self._undo_place(change)

    def _undo_place(self, change: Assigned | Freed | Rested) -> None:
        match change:
            case Freed(user, assigned_at):
                self._places.assign(user, assigned_at)
            case Rested(user, freed_at):
                self._occupancy.note_place(user, 1)
                self._places.rest(user, freed_at)
            case _:
                del self._places.assigned[change.user]
                if change.freed_at is None:
                    self._occupancy.note_place(change.user, -1)
                else:
                    self._places.rest(change.user, change.freed_at)


def _is_outside(address: str, allowance: Allowance) -> bool:
    """Tell whether an address is outside the site, where the licence wants that told. Raises OutsideNetworkError."""
    try:
        network.check_address(address, allowance.networks)
    except OutsideNetworkError:
        if allowance.network_policy == "enforce":
            raise
        return True
    return False
