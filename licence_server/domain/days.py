"""On which days a server validated, or was refused: kept with its activation, as a letter for each of the last days."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Literal

DAY = 86_400
KEPT = 90
"""Days that are kept."""
_NOTHING, _VALIDATED, _REFUSED, _BOTH = ".", "v", "r", "b"

Fate = Literal["validated", "refused", "both", "missed", "not_due", "today", "apart"]
"""What became of a day: ``not_due``: longer intervals need no validation on it; ``apart``: on no server then."""
_FATES: Mapping[str, Fate] = {_VALIDATED: "validated", _REFUSED: "refused", _BOTH: "both"}


@dataclass(frozen=True, slots=True)
class Days:
    """The days of one activation, in UTC."""

    last: int = 0
    """Days since 1970, of the last letter."""
    marks: str = ""
    """A letter for each day, the oldest first."""

    def marked(self, at: int, *, refused: bool) -> "Days":
        """Return them with an answer at a moment."""
        return self.of((*self, (at // DAY, _REFUSED if refused else _VALIDATED)))

    @classmethod
    def of(cls, marks: Iterable[tuple[int, str]]) -> "Days":
        """Make them of days with letters, in any order, of which a day may have several."""
        known: dict[int, str] = {}
        for day, mark in marks:
            known[day] = mark if known.get(day, mark) == mark else _BOTH
        if not known:
            return cls()
        last = max(known)
        letters = "".join(known.get(day, _NOTHING) for day in range(last - KEPT + 1, last + 1))
        return cls(last, letters.lstrip(_NOTHING))

    def __iter__(self) -> Iterator[tuple[int, str]]:
        first = self.last - len(self.marks) + 1
        return ((first + place, mark) for place, mark in enumerate(self.marks) if mark != _NOTHING)

    def __str__(self) -> str:
        return f"{self.last} {self.marks}"

    @classmethod
    def read(cls, text: str) -> "Days":
        """Read what ``str`` made. Raises ValueError."""
        last, marks = text.split(" ")
        if len(marks) > KEPT or set(marks) - {_NOTHING, *_FATES}:
            raise ValueError("no days")
        return cls(int(last), marks)


@dataclass(frozen=True, slots=True)
class Shown:
    """A day of the strip."""

    at: int
    """Its beginning."""
    fate: Fate


def strip(days: Days, begun: int | None, interval: int, now: int, *, bound: bool) -> tuple[Shown, ...]:
    """Return what became of each of the last ``KEPT`` days, the oldest first.

    Args:
        days: of all activations of a licence together.
        begun: when it was activated first; None: never.
        interval: seconds from one validation to the next.
        now: the server's time.
        bound: whether it is on a server now.
    """
    today, due, marks = now // DAY, max(1, -(-interval // DAY)), dict(days)
    start = today - KEPT + 1
    first = today + 1 if begun is None else begun // DAY
    until = today if bound else max(marks, default=first)
    heard = max((first, *(day for day, mark in marks.items() if day < start and mark != _REFUSED)))
    shown = []
    for day in range(start, today + 1):
        fate = _FATES.get(marks.get(day, ""))
        if fate in ("validated", "both"):
            heard = day
        elif fate is None:
            fate = _silent(day, heard + due, is_today=day == today) if first <= day <= until else "apart"
        shown.append(Shown(day * DAY, fate))
    return tuple(shown)


def _silent(day: int, due: int, *, is_today: bool) -> Fate:
    """Return what a day without an answer was."""
    if is_today:
        return "today"
    return "missed" if day >= due else "not_due"
