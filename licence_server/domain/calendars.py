"""Days as people write them, in either calendar."""

from datetime import UTC, date, datetime

from persiantools.jdatetime import JalaliDate

from licence_server.domain.finding import latin_digits

_LAST_JALALI_YEAR = 1_700
"""A later year is one of the other calendar: the two are 621 years apart."""


def day_ends(text: str) -> int:
    """Return the last second of a day in UTC: 2027-03-21 or, the same, 1406-01-01, with - or / in any digits.

    Raises ValueError: it is no day.
    """
    year, month, day = (int(part) for part in latin_digits(text.strip()).replace("/", "-").split("-"))
    found = date(year, month, day) if year > _LAST_JALALI_YEAR else _gregorian(year, month, day)
    return int(datetime(found.year, found.month, found.day, 23, 59, 59, tzinfo=UTC).timestamp())


def _gregorian(year: int, month: int, day: int) -> date:
    found: date = JalaliDate(year, month, day).to_gregorian()  # type: ignore[no-untyped-call]
    return found
