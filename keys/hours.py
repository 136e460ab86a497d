"""Hours of usage as a chart and as CSV, the same for the customer and for the vendor: counts, never a name (T13)."""

import csv
import io
from collections.abc import Iterable, Sequence
from dataclasses import astuple, dataclass
from datetime import UTC, datetime
from itertools import groupby

from keys.documents.requests import Usage
from keys.sentences import phrase, row, together

HOUR, DAY = 3600, 86_400
HEADINGS = ("hour_utc", "users", "clients", "refused", "waited")
_WIDTH = 14
_HEAD = "                 {users:<22} {clients:<21} {refused:>8} {waited:>7}"
_EIGHTHS = " ▏▎▍▌▋▊▉█"
_LARGE = 100_000
_LATEST = 253_402_300_799
"""The last second of the year 9999."""


@dataclass(frozen=True, slots=True)
class Limits:
    """What was bought; None: any number."""

    users: int | None = None
    clients: int | None = None


def as_values(hours: Iterable[Usage]) -> list[dict[str, int]]:
    """Return what ``--json`` has of hours: every count, of nothing too."""
    names = ("hour", *HEADINGS[1:])
    return [dict(zip(names, astuple(hour), strict=True)) for hour in hours]


def as_csv(hours: Iterable[Usage], separator: str = ",") -> bytes:
    """Return hours as CSV (RFC 4180) with a line of headings.

    All of it is ASCII, so it reads the same in every encoding, and there is no byte order mark: that would become a
    part of the first heading for whoever does not expect one.
    """
    text = io.StringIO(newline="")
    writer = csv.writer(text, delimiter=separator)
    writer.writerow(HEADINGS)
    writer.writerows((_written(hour.hour_at, "%Y-%m-%d %H:%M"), *astuple(hour)[1:]) for hour in hours)
    return text.getvalue().encode("ascii")


def window(hours: Sequence[Usage], now: int, most: int, step: int) -> range:
    """Return when the last periods up to now begin, but none from before the first hour.

    Args:
        hours: oldest first.
        now: a NumericDate.
        most: how many periods at most.
        step: a period's length: ``HOUR`` or ``DAY``.
    """
    if not hours:
        return range(0)
    last = now - now % step
    first = hours[0].hour_at - hours[0].hour_at % step
    return range(max(first, last - (most - 1) * step), last + step, step)


def within(hours: Iterable[Usage], periods: range) -> tuple[Usage, ...]:
    """Return the hours that lie in some periods."""
    return tuple(hour for hour in hours if hour.hour_at - hour.hour_at % periods.step in periods)


def chart(
    hours: Sequence[Usage], limits: Limits, periods: Iterable[int], *, step: int, is_fine: bool = True
) -> list[str]:
    """Draw peaks as bars, a line for each period, at most 80 columns, with refusals and waits beside them.

    Args:
        hours: oldest first.
        limits: what was bought; what is beyond is marked.
        periods: when they begin; those of no hour are drawn empty.
        step: a period's length: ``HOUR`` or ``DAY``.
        is_fine: whether eighths of a block can be shown; else number signs.
    """
    found = {at: _total(at, members) for at, members in groupby(hours, lambda hour: hour.hour_at - hour.hour_at % step)}
    rows = [found.get(at, Usage(at, 0, 0)) for at in periods]
    if not any(astuple(row)[1:] != (0, 0, 0, 0) for row in rows):
        return [phrase("Nobody was in.")]
    full = _full(rows, limits)
    peaks = phrase("Peaks of every hour, UTC.") if step == HOUR else phrase("Peaks of every day, UTC.")
    scale = phrase("A full bar: {users} users, {clients} clients.", users=full[0], clients=full[1])
    lines: list[str] = [
        together(peaks, scale),
        row(
            _HEAD, users=phrase("USERS"), clients=phrase("CLIENTS"), refused=phrase("REFUSED"), waited=phrase("WAITED")
        ),
        *(_line(row, limits, full, step, is_fine) for row in rows),
    ]
    if any(_is_beyond(row.users, limits.users) or _is_beyond(row.clients, limits.clients) for row in rows):
        lines.append(phrase("! more than the licence has"))
    return lines


def can_draw(encoding: str) -> bool:
    """Tell whether text in an encoding can have eighths of a block."""
    try:
        _EIGHTHS.encode(encoding)
    except (UnicodeEncodeError, LookupError):
        return False
    return True


def _total(at: int, members: Iterable[Usage]) -> Usage:
    """Return several hours as one: the highest peaks, and all refusals and waits."""
    hours = tuple(members)
    peaks = max(hour.users for hour in hours), max(hour.clients for hour in hours)
    return Usage(at, *peaks, sum(hour.refused for hour in hours), sum(hour.waited for hour in hours))


def _line(row: Usage, limits: Limits, full: tuple[int, int], step: int, is_fine: bool) -> str:
    when = _written(row.hour_at, "%Y-%m-%d %H:%M" if step == HOUR else "%Y-%m-%d")
    users = _bar(row.users, full[0], is_fine) + _counted(row.users, limits.users)
    clients = _bar(row.clients, full[1], is_fine) + _counted(row.clients, limits.clients)
    return f"{when:<16} {users} {clients} {_marked(row.refused):>8} {_marked(row.waited):>7}".rstrip()


def _bar(count: int, full: int, is_fine: bool) -> str:
    """Draw something, however little, for every count but zero."""
    eighths = -(-count * _WIDTH * 8 // full)
    if not is_fine:
        return ("#" * -(-eighths // 8)).ljust(_WIDTH)
    return (_EIGHTHS[8] * (eighths // 8) + _EIGHTHS[eighths % 8].strip()).ljust(_WIDTH)


def _counted(count: int, limit: int | None) -> str:
    return f"{_short(count):>6}{'!' if _is_beyond(count, limit) else ' '}"


def _marked(count: int) -> str:
    return _short(count) if count else ""


def _short(count: int) -> str:
    return str(count) if count < _LARGE else f"{count // 1000}k" if count < _LARGE * 1000 else "many"


def _is_beyond(count: int, limit: int | None) -> bool:
    return limit is not None and count > limit


def _full(rows: Sequence[Usage], limits: Limits) -> tuple[int, int]:
    """Return what full bars are, of users and of clients: the limit, or the highest peak where that is more."""
    users, clients = max(row.users for row in rows), max(row.clients for row in rows)
    return max(users, limits.users or 1), max(clients, limits.clients or 1)


def _written(at: int, pattern: str) -> str:
    return datetime.fromtimestamp(min(at, _LATEST), UTC).strftime(pattern)
