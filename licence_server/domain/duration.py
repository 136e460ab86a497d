"""How long a licence lasts: days, or months of the calendar, in UTC."""

from calendar import monthrange
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Literal, get_args

from keys.errors import InvalidInputError

DurationUnit = Literal["days", "months"]
UNITS: tuple[DurationUnit, ...] = get_args(DurationUnit)
MOST_DAYS = 36_500
MOST_MONTHS = 1_200
_MOST = {"days": MOST_DAYS, "months": MOST_MONTHS}


@dataclass(frozen=True, slots=True)
class Duration:
    """So many days or months."""

    count: int
    unit: DurationUnit

    def checked(self) -> "Duration":
        """Return it. Raises InvalidInputError that names what is wrong."""
        if self.unit not in UNITS:
            raise InvalidInputError(f"A licence lasts days or months, not {self.unit!r}.")
        if not 1 <= self.count <= _MOST[self.unit]:
            raise InvalidInputError(f"A licence lasts 1 to {MOST_DAYS} days, or 1 to {MOST_MONTHS} months.")
        return self

    def after(self, at: int) -> int:
        """Return when it is over if it begins at a moment (NumericDates).

        From the 31st of a month it goes to the last day of one that is shorter. Raises InvalidInputError: that is
        beyond the year 9999.
        """
        try:
            begin = datetime.fromtimestamp(at, UTC)
            end = begin + timedelta(days=self.count) if self.unit == "days" else _months_on(begin, self.count)
        except (ValueError, OverflowError, OSError) as error:
            raise InvalidInputError("A licence that ends must end before the year 10000.") from error
        return int(end.timestamp())


YEAR = Duration(12, "months")


def _months_on(begin: datetime, count: int) -> datetime:
    years, month = divmod(begin.month - 1 + count, 12)
    year, month = begin.year + years, month + 1
    return begin.replace(year=year, month=month, day=min(begin.day, monthrange(year, month)[1]))
