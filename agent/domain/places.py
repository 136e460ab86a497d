"""Places of named users: kept for good, and given to somebody else only when they have rested (protocol, section 7)."""

import math
from collections.abc import Iterable, Iterator

from agent.domain.endings import Endings
from agent.domain.seats import REST, Assigned, Rested


class Places:
    """Who has a named place, and whose place rests. Moments are in the agent's time."""

    def __init__(self, assigned: Iterable[Assigned] = (), resting: Iterable[Rested] = ()) -> None:
        self.assigned = {entry.user: entry.assigned_at for entry in assigned}
        self._resting = Endings()
        self._now = math.inf
        for entry in resting:
            self.rest(entry.user, entry.freed_at)

    def __contains__(self, user: str) -> bool:
        return user in self.assigned or user in self._resting

    def __len__(self) -> int:
        return len(self.assigned) + len(self._resting)

    def assign(self, user: str, assigned_at: int) -> int | None:
        """Give a user a place and return when the user's own was freed; None: it does not rest."""
        self.assigned[user] = assigned_at
        return self.wake(user) if user in self._resting else None

    def rest(self, user: str, freed_at: int) -> None:
        """Keep a place that has become free for its user alone."""
        self._resting.put(user, freed_at + REST)

    def wake(self, user: str) -> int:
        """End the rest of a place and return when it was freed."""
        return int(self._resting.remove(user)) - REST

    def resting(self) -> Iterator[tuple[str, int]]:
        """Yield the freed names, and when their places will have rested."""
        return ((user, int(ends_at)) for user, ends_at in self._resting.items())

    def rested(self, now: int) -> Iterator[str]:
        """Yield whose places have rested; the caller wakes each before it asks for the next.

        A name that was freed while the clock was ahead rests from now on: it must not rest for years.
        """
        if now < self._now:
            self._resting.cap(now + REST)
        self._now = now
        return self._resting.past(now)
