"""Whether what a journal says can be what we wrote: SQLite's own check sees its pages, not what they mean."""

import re
from collections.abc import Iterator

from agent.domain.seats import Remembered
from agent.domain.usage import HOUR, Report
from keys.sentences import phrase

_LARGEST = 2**53
_MOST = 2**31
_CODE = re.compile(r"[a-z][a-z0-9_-]{0,63}")


def nonsense(remembered: Remembered, report: Report) -> str:
    """Say what can't be; empty: nothing.

    A count that no licence server understands would keep every later validation from being understood.
    """
    return next((sentence for sentence, is_wrong in (*_of_seats(remembered), *_of_counts(report)) if is_wrong), "")


def _of_seats(remembered: Remembered) -> Iterator[tuple[str, bool]]:
    seats, fence = remembered.seats, remembered.fence
    pairs, ids = {(seat.user, seat.client) for seat in seats}, {seat.id for seat in seats}
    named = all(seat.id and seat.user and seat.client for seat in seats)
    dated = all(0 <= entry.assigned_at < _LARGEST for entry in remembered.assigned)
    freed = {entry.user: entry.freed_at for entry in remembered.resting}
    known = all(0 < seat.fence <= fence for seat in seats)
    yield phrase("a pair of user and client holds two seats"), len(pairs) != len(seats)
    yield phrase("a seat has no id, user or client of its own"), len(ids) != len(seats) or not named
    yield phrase("a fencing number is larger than the largest that was given"), not (0 <= fence < _LARGEST and known)
    yield phrase("an assignment has no date"), not dated
    yield phrase("a freed name has no date"), not all(0 <= at < _LARGEST for at in freed.values())
    yield phrase("a place is assigned and free"), any(entry.user in freed for entry in remembered.assigned)
    yield phrase("a day of overdraft is none"), not all(0 <= day < _LARGEST // 86_400 for day in remembered.overdrawn)


def _of_counts(report: Report) -> Iterator[tuple[str, bool]]:
    hours, events = report.usage, report.events
    people = all(0 <= hour.users < _MOST and 0 <= hour.clients < _MOST for hour in hours)
    turned_away = all(0 <= hour.refused < _LARGEST and 0 <= hour.waited < _LARGEST for hour in hours)
    yield (
        phrase("a count is of no hour"),
        any(hour.hour_at % HOUR or not 0 <= hour.hour_at < _LARGEST for hour in hours),
    )
    yield phrase("a count is no number of people"), not people
    yield phrase("a count is no number of refusals or waits"), not turned_away
    yield phrase("an event has no name"), not all(_CODE.fullmatch(event.code) for event in events)
    yield phrase("an event has no date"), not all(0 <= event.at < _LARGEST for event in events)
    yield phrase("an event has no count"), not all(0 < event.count < _LARGEST for event in events)
