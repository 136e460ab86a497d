"""The days on which somebody got in beyond the limit: so many of any 30 as the licence says (protocol, section 7)."""

from bisect import bisect_left, bisect_right, insort
from collections.abc import Iterable

from keys.documents.parts import Seats

WINDOW = 30
MOST_DAYS = 4 * WINDOW
_DAY = 86_400


class OverdraftDays:
    """Days of UTC since 1970, in the agent's time.

    Days that lie ahead, of a clock that was wrong, count like those that lie back: setting the clock back and forth
    gains no day. The earliest are forgotten when there are more than could count.
    """

    def __init__(self, days: Iterable[int] = ()) -> None:
        self._days = sorted(days)

    def left(self, limits: Seats, now: int) -> int:
        """Return on how many days more of these 30 somebody may get in beyond the limit; a used today is none."""
        today = now // _DAY
        used = bisect_right(self._days, today + WINDOW - 1) - bisect_left(self._days, today - WINDOW + 1)
        return max(0, limits.overdraft_days - used)

    def is_open(self, limits: Seats, now: int) -> bool:
        """Tell whether somebody may get in beyond the limit today."""
        return limits.overdraft_days > 0 and (self._is_used(now // _DAY) or self.left(limits, now) > 0)

    def use(self, now: int) -> int | None:
        """Note that somebody gets in beyond the limit today, and return the day; None: it was used before."""
        today = now // _DAY
        if self._is_used(today):
            return None
        insort(self._days, today)
        return today

    def surplus(self) -> int | None:
        """Forget the earliest of too many days, and return it."""
        return self._days.pop(0) if len(self._days) > MOST_DAYS else None

    def remember(self, day: int) -> None:
        """Take a day up again."""
        insort(self._days, day)

    def forget(self, day: int) -> None:
        """Leave a day out again."""
        self._days.remove(day)

    def _is_used(self, day: int) -> bool:
        place = bisect_left(self._days, day)
        return place < len(self._days) and self._days[place] == day
