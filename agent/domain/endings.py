"""When each seat ends, or whatever else ends by itself."""

from collections.abc import ItemsView, Iterator
from heapq import heapify, heappop, heappush

_SLACK = 64


class Endings:
    """Moments by id: those of seats on the boot clock.

    A heap that is tidied late: to put a moment off is O(1), because the entry in the heap may be too early and is
    corrected when it comes up; to add and to end is O(log n). So no step costs more because many seats are live.
    """

    def __init__(self) -> None:
        self._ends: dict[str, float] = {}
        self._heap: list[tuple[float, str]] = []

    def __getitem__(self, seat_id: str) -> float:
        return self._ends[seat_id]

    def __contains__(self, seat_id: str) -> bool:
        return seat_id in self._ends

    def __len__(self) -> int:
        return len(self._ends)

    def items(self) -> ItemsView[str, float]:
        """Return all."""
        return self._ends.items()

    def put(self, seat_id: str, ends_at: float) -> None:
        """Note when a seat ends, anew or for the first time."""
        known = self._ends.get(seat_id)
        self._ends[seat_id] = ends_at
        if known is None or ends_at < known:
            heappush(self._heap, (ends_at, seat_id))
            if len(self._heap) > 2 * len(self._ends) + _SLACK:
                self._tidy()

    def remove(self, seat_id: str) -> float:
        """Forget a seat and return when it would have ended."""
        return self._ends.pop(seat_id)

    def past(self, now: float) -> Iterator[str]:
        """Yield the seats that have ended, earliest first; the caller removes each before it asks for the next."""
        heap, ends = self._heap, self._ends
        while heap and heap[0][0] <= now:
            seat_id = heappop(heap)[1]
            ends_at = ends.get(seat_id)
            if ends_at is None:
                continue
            if ends_at <= now:
                yield seat_id
            else:
                heappush(heap, (ends_at, seat_id))

    def cap(self, latest: float) -> None:
        """Let nothing end later than that. Looks at all."""
        for seat_id, ends_at in self._ends.items():
            self._ends[seat_id] = min(ends_at, latest)
        self._tidy()

    def _tidy(self) -> None:
        """Leave out the entries of seats that are gone; its cost is shared by the many additions before it."""
        self._heap = [(ends_at, seat_id) for seat_id, ends_at in self._ends.items()]
        heapify(self._heap)
