"""How busy each hour was, what of it the next validation reports, and counted events. Never a name (T13)."""

from dataclasses import dataclass, replace

from keys.documents.requests import Event, Usage

HOUR = 3600
REFUSED = "seats_refused"
OUTSIDE = "outside_network"
MOST_HOURS = 360
"""Hours that one request tells: 15 days. So many, with large counts, fit beside evidence (tested)."""
MOST_EVENTS = 48
KEPT_HOURS = 400 * 24
"""Hours in which anybody was in that are kept for the customer: 400 days or more, told or not."""


@dataclass(frozen=True, slots=True)
class Report:
    """What one validation request tells, oldest first; or, with ``told``, what the journal keeps."""

    usage: tuple[Usage, ...] = ()
    events: tuple[Event, ...] = ()
    told: frozenset[int] = frozenset()
    """Those of the hours that the licence server has answered for as they are; only the journal's have any."""


class Tally:
    """Counts. An event's moment is the beginning of its hour, so that equal ones add up.

    What is told of an hour is all of that hour, never only what came since it was told last, and the server keeps the
    highest: so an hour that is told twice counts once.
    """

    def __init__(self, stored: Report = Report()) -> None:
        self._hours = {hour.hour_at: hour for hour in stored.usage}
        self._told = set(stored.told)
        self._events = {(event.at, event.code): event for event in stored.events}
        self._unwritten_hours: dict[int, Usage] = {}
        self._unwritten_events: dict[tuple[int, str], Event] = {}

    def peak(self, now: int, users: int, clients: int) -> None:
        """Note how many hold a seat now."""
        hour = self._raised(now, users, clients)
        if hour is not None:
            self._put(hour)

    def refused(self, now: int) -> None:
        """Note that somebody was refused for want of a free seat."""
        hour = self._hour(now)
        self._put(replace(hour, refused=hour.refused + 1))
        self.count(REFUSED, now)

    def waited(self, now: int) -> None:
        """Note that somebody began to wait for a seat."""
        hour = self._hour(now)
        self._put(replace(hour, waited=hour.waited + 1))

    def count(self, code: str, now: int) -> None:
        """Note that something happened."""
        key = (now - now % HOUR, code)
        known = self._events.get(key)
        event = Event(code, key[0], known.count + 1 if known else 1)
        self._events[key] = self._unwritten_events[key] = event

    def hours(self) -> tuple[Usage, ...]:
        """Return all hours that are kept, oldest first."""
        return tuple(hour for _, hour in sorted(self._hours.items()))

    def report(self) -> Report:
        """Return what is to be told now; nothing counts as told before ``settle``."""
        hours = sorted(hour_at for hour_at in self._hours if hour_at not in self._told)[:MOST_HOURS]
        events = sorted(self._events.items())[:MOST_EVENTS]
        return Report(tuple(self._hours[hour_at] for hour_at in hours), tuple(event for _, event in events))

    def settle(self, told: Report) -> None:
        """Note what the licence server has answered for. An hour that grew meanwhile is told again, as a whole."""
        for hour in told.usage:
            if hour.hour_at not in self._told and self._hours.get(hour.hour_at) == hour:
                self._told.add(hour.hour_at)
                self._unwritten_hours[hour.hour_at] = hour
        for event in told.events:
            self._subtract(event)

    @property
    def has_unwritten(self) -> bool:
        """Tell whether the journal knows less."""
        return bool(self._unwritten_hours or self._unwritten_events)

    def unwritten(self) -> Report:
        """Return what the journal does not know yet; an hour or event of nothing: to be removed."""
        hours, told = self._unwritten_hours, self._told
        marks = frozenset(hour_at for hour_at in hours if hour_at in told)
        return Report(tuple(hours.values()), tuple(self._unwritten_events.values()), marks)

    def unwritten_with_peak(self, now: int, users: int, clients: int) -> Report:
        """Return what the journal does not know yet, and the peak that holds once it is written."""
        counts, hour = self.unwritten(), self._raised(now, users, clients)
        if hour is None:
            return counts
        others = tuple(each for each in counts.usage if each.hour_at != hour.hour_at)
        return replace(counts, usage=(*others, hour), told=counts.told - {hour.hour_at})

    def written(self, counts: Report) -> None:
        """Note what the journal knows now. The peak that was written with it has been noted before."""
        for hour in counts.usage:
            if self._unwritten_hours.get(hour.hour_at) == hour:
                del self._unwritten_hours[hour.hour_at]
        self._unwritten_events.clear()

    def _subtract(self, told: Event) -> None:
        key = (told.at, told.code)
        known = self._events.pop(key, None)
        if known is None:
            return
        left = Event(told.code, told.at, max(0, known.count - told.count))
        self._unwritten_events[key] = left
        if left.count:
            self._events[key] = left

    def _raised(self, now: int, users: int, clients: int) -> Usage | None:
        """Return the running hour with a higher peak; None: it is not higher."""
        known = self._hours.get(now - now % HOUR)
        if known is None:
            return Usage(now - now % HOUR, users, clients) if users or clients else None
        if users <= known.users and clients <= known.clients:
            return None
        return replace(known, users=max(users, known.users), clients=max(clients, known.clients))

    def _hour(self, now: int) -> Usage:
        hour_at = now - now % HOUR
        return self._hours.get(hour_at) or Usage(hour_at, 0, 0)

    def _put(self, hour: Usage) -> None:
        self._hours[hour.hour_at] = self._unwritten_hours[hour.hour_at] = hour
        self._told.discard(hour.hour_at)
        if len(self._hours) > KEPT_HOURS:
            oldest = min(self._hours)
            del self._hours[oldest]
            self._told.discard(oldest)
            self._unwritten_hours[oldest] = Usage(oldest, 0, 0)
