"""The live seats: found by id, by pair and by user, and when each of them ends."""

from collections.abc import Iterator, Sequence

from agent.domain.endings import Endings
from agent.domain.seats import Allowance, Ended, Held, Seat


class LiveSeats:
    """Seats by what they are asked for by; no step but a list of all costs more because many are live."""

    def __init__(self) -> None:
        self._seats: dict[str, Seat] = {}
        self._pairs: dict[tuple[str, str], Seat] = {}
        self._users: dict[str, dict[str, Seat]] = {}
        self._endings = Endings()
        self._idle_ends: dict[str, float] = {}

    def __iter__(self) -> Iterator[Held]:
        """Yield every live seat, oldest first."""
        return (Held(seat, self._endings[seat.id]) for seat in self._seats.values())

    def by_id(self, seat_id: str) -> Seat | None:
        """Return a seat; None: it has ended, or never was."""
        return self._seats.get(seat_id)

    def of_pair(self, user: str, client: str) -> Seat | None:
        """Return the seat of a user on a client; None: there is none."""
        return self._pairs.get((user, client))

    def of_user(self, user: str) -> Sequence[Seat]:
        """Return all seats of a user."""
        return list(self._users.get(user, {}).values())

    def is_in(self, user: str) -> bool:
        """Tell whether a user has a seat on any client."""
        return user in self._users

    def past(self, now: float) -> Iterator[Seat]:
        """Yield the seats that have ended, earliest first; the caller removes each before it asks for the next."""
        return (self._seats[seat_id] for seat_id in self._endings.past(now))

    def insert(self, seat: Seat, ends_at: float, idle_ends_at: float | None = None) -> None:
        """Take a seat up; moments are on the boot clock, ``idle_ends_at`` is as of Ended."""
        self._seats[seat.id] = self._pairs[seat.user, seat.client] = seat
        self._users.setdefault(seat.user, {})[seat.id] = seat
        self._endings.put(seat.id, ends_at)
        if idle_ends_at is not None:
            self._idle_ends[seat.id] = idle_ends_at

    def remove(self, seat: Seat) -> Ended:
        """Leave a seat out, and return what it takes to insert it again."""
        del self._seats[seat.id], self._pairs[seat.user, seat.client], self._users[seat.user][seat.id]
        if not self._users[seat.user]:
            del self._users[seat.user]
        return Ended(seat, self._endings.remove(seat.id), self._idle_ends.pop(seat.id, None))

    def renew(self, seat: Seat, allowance: Allowance, ends_at: float, now: float, *, is_active: bool) -> float:
        """Put the end of a seat off, and return it: with ``idle``, no later than so long after the last activity."""
        if allowance.idle and seat.kind == "person":
            if is_active or seat.id not in self._idle_ends:
                self._idle_ends[seat.id] = now + allowance.idle
            ends_at = min(ends_at, self._idle_ends[seat.id])
        self._endings.put(seat.id, ends_at)
        return ends_at
