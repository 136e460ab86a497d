"""Who waits for a seat: first come, first served, persons and service accounts each in a line of their own."""

from collections.abc import Callable
from dataclasses import dataclass

from agent.domain.seats import Kind, Wanted

LONGEST_WAIT = 30
MOST_WAITING = 1000
LAPSE = 5
"""Seconds past its time after which a place that nobody asks about holds up nobody."""


@dataclass(frozen=True, slots=True, eq=False)
class Place:
    """A place in the queue, until a moment on the boot clock. Two callers that want the same have two places."""

    wanted: Wanted
    ends_at: float


class Queue:
    """All who wait. Nothing of it is written down: after a restart of the agent callers ask again.

    A place is left only by who has it, or when it lapses: that its seat was given may still be undone.
    """

    def __init__(self) -> None:
        self._lines: dict[Kind, dict[int, Place]] = {"person": {}, "service": {}}
        self._unsettled: list[Wanted] = []
        self._answered: dict[Kind, set[int]] = {"person": set(), "service": set()}

    def begin(self) -> None:
        """Take out who joined in a batch that was undone, which may now have seats for them."""
        for wanted in self._unsettled:
            self.leave(wanted)
        self._unsettled.clear()
        for answered in self._answered.values():
            answered.clear()

    def settle(self) -> None:
        """Note that the batch is over, and nobody's joining will be undone."""
        self._unsettled.clear()

    def __len__(self) -> int:
        return sum(map(len, self._lines.values()))

    def __contains__(self, place: Place) -> bool:
        return self._lines[place.wanted.kind].get(id(place.wanted)) is place

    def length(self, kind: Kind) -> int:
        """Return how many wait in a line; those who were answered in this batch no more."""
        return len(self._lines[kind]) - len(self._answered[kind])

    def join(self, wanted: Wanted, now: float) -> Place | None:
        """Return the place at the end of the line, or the one that this very caller has; None: nobody more may wait."""
        line = self._lines[wanted.kind]
        place = line.get(id(wanted))
        if place is None and not self._is_full(now):
            place = line[id(wanted)] = Place(wanted, now + wanted.wait)
            self._unsettled.append(wanted)
        return place

    def leave(self, wanted: Wanted) -> None:
        """Take this very caller's place out, whether or not there is one."""
        self._lines[wanted.kind].pop(id(wanted), None)
        self._answered[wanted.kind].discard(id(wanted))

    def give_way(self, place: Place) -> None:
        """Let the next have their turn: this one is answered, unless the batch is undone."""
        if place in self:
            self._answered[place.wanted.kind].add(id(place.wanted))

    def first(self, kind: Kind, now: float, is_served: Callable[[Place], bool]) -> Place | None:
        """Return whose turn it is: the first who was not answered just now, and whose pair has no seat."""
        line, answered = self._lines[kind], self._answered[kind]
        while line and (place := next(iter(line.values()))).ends_at + LAPSE <= now:
            self.leave(place.wanted)
        return next((place for name, place in line.items() if name not in answered and not is_served(place)), None)

    def _is_full(self, now: float) -> bool:
        if len(self) < MOST_WAITING:
            return False
        for line in self._lines.values():
            for place in [place for place in line.values() if place.ends_at + LAPSE <= now]:
                self.leave(place.wanted)
        return len(self) >= MOST_WAITING
