"""Who is in: counted, not listed, so that no answer costs more because many are."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from agent.domain.overdraft import OverdraftDays
from agent.domain.places import Places
from agent.domain.seats import Allowance, Count, Dimension, Seat, Wanted
from keys.documents.parts import Seats
from keys.errors import SeatsExhaustedError

Need = tuple[Dimension, Count]
_WHAT = {"users": "users", "clients": "clients", "service": "service accounts"}


@dataclass(frozen=True, slots=True)
class Census:
    """Persons, the administrator left out. In the concurrent model everybody is a guest, and there are no places."""

    limit: int
    places: int
    """Named places that are taken or rest, whether or not their users are in."""
    seated: int
    """Users who are in and have a named place."""
    guests: int
    """Users who are in and have none."""

    @property
    def used(self) -> int:
        """Who is in, or has a place."""
        return self.places + self.guests

    @property
    def beyond(self) -> int:
        """How many of those who are in are too many."""
        return max(0, self.seated - self.limit) + max(0, self.guests - max(0, self.limit - self.places))


class Occupancy:
    """Distinct users, service accounts and clients that hold seats, and the users who have a named place."""

    def __init__(self, places: Places) -> None:
        self._places = places
        self._persons: Counter[str] = Counter()
        self._services: Counter[str] = Counter()
        self._clients: Counter[str] = Counter()
        self._guests = 0

    def add(self, seat: Seat) -> None:
        """Count a seat in."""
        if seat.kind == "service":
            self._services[seat.user] += 1
        else:
            self._persons[seat.user] += 1
            if self._persons[seat.user] == 1 and seat.user not in self._places:
                self._guests += 1
        self._clients[seat.client] += 1

    def remove(self, seat: Seat) -> None:
        """Count a seat out."""
        if seat.kind == "service":
            _less(self._services, seat.user)
        elif _less(self._persons, seat.user) and seat.user not in self._places:
            self._guests -= 1
        _less(self._clients, seat.client)

    def note_place(self, user: str, change: int) -> None:
        """Note that a user got a first place (1) or lost the last hold on one (-1)."""
        if user in self._persons:
            self._guests -= change

    def census(self, allowance: Allowance) -> Census:
        """Count persons."""
        limits, root = allowance.limits, allowance.administrator
        users, guests, places = len(self._persons), self._guests, len(self._places)
        if root is not None:
            is_in, has_place = root in self._persons, root in self._places
            users -= is_in
            guests -= is_in and not has_place
            places -= has_place
        if limits.model == "named":
            return Census(limits.users, places, users - guests, guests)
        return Census(limits.users, 0, 0, users)

    def services(self, limits: Seats) -> Count:
        """Count integration accounts, which cost no user."""
        return Count(len(self._services), limits.service)

    def clients(self, limits: Seats) -> Count:
        """Count clients, of persons and of integration accounts."""
        return Count(len(self._clients), limits.clients)

    def needs(self, wanted: Wanted, allowance: Allowance) -> Sequence[Need]:
        """Return what one more seat would take room of; who is in already, or has a place to sit on, takes none."""
        found: list[Need] = []
        if wanted.kind == "service":
            if wanted.user not in self._services:
                found.append(("service", self.services(allowance.limits)))
        elif wanted.user not in self._persons:
            census = self.census(allowance)
            if allowance.limits.model == "concurrent" or wanted.user not in self._places:
                found.append(("users", Count(census.used, census.limit)))
            elif census.seated >= census.limit:
                found.append(("users", Count(census.seated, census.limit)))
        if wanted.client not in self._clients:
            found.append(("clients", self.clients(allowance.limits)))
        return found

    def check(self, needs: Sequence[Need], allowance: Allowance, days: OverdraftDays) -> bool:
        """Refuse what there is no room for (T1), and tell whether it is beyond the limit, within the overdraft.

        Raises:
            SeatsExhaustedError: names the dimension that is full.
        """
        is_beyond = False
        for dimension, count in needs:
            if count.limit is None or count.used < count.limit:
                continue
            if dimension != "users" or not self._may_overdraw(allowance, days):
                raise exhausted(dimension, count)
            is_beyond = True
        return is_beyond

    def may_assign(self, user: str, allowance: Allowance) -> bool:
        """Tell whether the user should get a named place now."""
        if allowance.limits.model != "named" or user in self._places.assigned or user == allowance.administrator:
            return False
        return user in self._places or self.census(allowance).places < allowance.limits.users

    def _may_overdraw(self, allowance: Allowance, days: OverdraftDays) -> bool:
        is_open = days.is_open(allowance.limits, allowance.now)
        return is_open and self.census(allowance).beyond < allowance.limits.overdraft_users


def exhausted(dimension: Dimension, count: Count, waiting: int = 0) -> SeatsExhaustedError:
    """Return the refusal that says what is full, and how many wait for it already."""
    said = f"{count.used} of {count.limit} {_WHAT[dimension]} of this licence are in use"
    said += f", and {waiting} wait already." if waiting else "."
    return SeatsExhaustedError(said, dimension, count.used, count.limit or 0)


def _less(counter: Counter[str], name: str) -> bool:
    """Count one less and tell whether it was the last."""
    counter[name] -= 1
    if counter[name]:
        return False
    del counter[name]
    return True
