"""How long licences last."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from keys.errors import InvalidInputError
from licence_server.domain.duration import MOST_DAYS, MOST_MONTHS, YEAR, Duration, DurationUnit

_CENTURIES = 4_102_444_800


def at(text: str) -> int:
    return int(datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp())


@pytest.mark.parametrize(
    ("lasting", "begin", "end"),
    [
        (Duration(1, "days"), "2028-02-28T12:30:15", "2028-02-29T12:30:15"),
        (Duration(365, "days"), "2027-03-21", "2028-03-20"),
        (Duration(1, "months"), "2027-01-31T23:59:59", "2027-02-28T23:59:59"),
        (Duration(1, "months"), "2028-01-31", "2028-02-29"),
        (Duration(1, "months"), "2027-12-05", "2028-01-05"),
        (Duration(11, "months"), "2027-01-05", "2027-12-05"),
        (Duration(13, "months"), "2027-12-31", "2029-01-31"),
        (YEAR, "2028-02-29", "2029-02-28"),
        (YEAR, "2027-03-21", "2028-03-21"),
        (Duration(1, "months"), "9999-11-30", "9999-12-30"),
    ],
)
def test_days_and_months_of_the_calendar(lasting: Duration, begin: str, end: str) -> None:
    assert lasting.after(at(begin)) == at(end)


@pytest.mark.usefixtures("elsewhere")
def test_a_month_lasts_as_long_in_every_zone() -> None:
    assert Duration(1, "months").after(at("2027-01-31T23:59:59")) == at("2027-02-28T23:59:59")
    assert Duration(1, "months").after(at("2027-01-31T00:00:01")) == at("2027-02-28T00:00:01")


@pytest.mark.parametrize("begin", [at("9999-12-05"), 2**40, 2**62, -(2**62)])
@pytest.mark.parametrize("unit", ["days", "months"])
def test_no_licence_ends_beyond_the_calendar(begin: int, unit: DurationUnit) -> None:
    with pytest.raises(InvalidInputError, match=r"^A licence that ends must end before the year 10000\.$"):
        Duration(30, unit).after(begin)


@given(begin=st.integers(0, _CENTURIES), months=st.integers(1, MOST_MONTHS))
def test_months_end_on_the_same_day_or_the_last_one(begin: int, months: int) -> None:
    first, last = (datetime.fromtimestamp(each, UTC) for each in (begin, Duration(months, "months").after(begin)))
    assert (last.year - first.year) * 12 + last.month - first.month == months
    assert last.time() == first.time()
    assert last.day == first.day or (last.day < first.day and last.day >= 28)


@given(begin=st.integers(0, _CENTURIES), count=st.integers(1, 1_000), unit=st.sampled_from(["days", "months"]))
def test_longer_ends_later(begin: int, count: int, unit: DurationUnit) -> None:
    assert begin < Duration(count, unit).after(begin) < Duration(count + 1, unit).after(begin)


@pytest.mark.parametrize("lasting", [Duration(1, "days"), Duration(MOST_DAYS, "days"), Duration(MOST_MONTHS, "months")])
def test_what_may_be(lasting: Duration) -> None:
    assert lasting.checked() == lasting


@pytest.mark.parametrize(
    ("count", "unit", "about"),
    [
        (0, "days", "1 to 36500 days"),
        (-1, "months", "1 to 1200 months"),
        (MOST_DAYS + 1, "days", "1 to 36500 days"),
        (MOST_MONTHS + 1, "months", "1 to 1200 months"),
        (1, "years", "days or months, not 'years'"),
    ],
)
def test_what_may_not_be_is_named(count: int, unit: DurationUnit, about: str) -> None:
    with pytest.raises(InvalidInputError, match=about):
        Duration(count, unit).checked()
