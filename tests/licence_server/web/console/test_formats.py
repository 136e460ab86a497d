"""Numbers, days and spans of time in both languages; the texts of others set apart."""

from collections.abc import Iterator
from datetime import UTC, date, datetime

import pytest
from flask import Flask, g
from hypothesis import given
from hypothesis import strategies as st

from licence_server.domain.duration import YEAR, Duration
from licence_server.web.console import formats

AT = int(datetime(2027, 1, 15, 8, 5, tzinfo=UTC).timestamp())
DAY = 86_400


@pytest.fixture(params=["fa", "en"])
def language(request: pytest.FixtureRequest) -> Iterator[str]:
    with Flask(__name__).app_context():
        g.language = request.param
        yield request.param


def test_numbers() -> None:
    assert (formats.number(1_234_567, "fa"), formats.number(1_234_567, "en")) == ("۱٬۲۳۴٬۵۶۷", "1,234,567")


def test_days_and_moments() -> None:
    assert (formats.day(AT, "fa"), formats.day(AT, "en")) == ("۱۴۰۵/۱۰/۲۵", "2027-01-15")
    assert (formats.moment(AT, "fa"), formats.moment(AT, "en")) == ("۱۴۰۵/۱۰/۲۵ ۰۸:۰۵", "2027-01-15 08:05")


def test_how_long_a_licence_lasts() -> None:
    said = [(formats.lasting(each, "fa"), formats.lasting(each, "en")) for each in (YEAR, Duration(1, "days"))]
    assert said == [("۱۲ ماه", "12 months"), ("۱ روز", "1 day")]


def test_what_lasts_longer_than_any_calendar_is_shown_all_the_same() -> None:
    assert formats.day(10**15, "en") == "3000-01-01"
    assert formats.day(0, "fa") == "۱۳۴۸/۱۰/۱۱"


@pytest.mark.parametrize(
    ("seconds", "persian", "english"),
    [
        (3 * 3600, "۳ ساعت", "3 hours"),
        (DAY, "۱ روز", "1 day"),
        (14 * DAY, "۲ هفته", "2 weeks"),
        (90, "۲ دقیقه", "2 minutes"),
    ],
)
def test_spans(seconds: int, persian: str, english: str) -> None:
    assert (formats.span(seconds, "fa"), formats.span(seconds, "en")) == (persian, english)


@pytest.mark.parametrize(
    ("at", "persian", "english"),
    [
        (AT - 3 * 3600, "۳ ساعت پیش", "3 hours ago"),
        (AT + 2 * DAY, "۲ روز دیگر", "in 2 days"),
        (AT - 59, "همین حالا", "just now"),
    ],
)
def test_how_long_ago(language: str, at: int, persian: str, english: str) -> None:
    assert formats.ago(at, AT, language) == (persian if language == "fa" else english)  # type: ignore[arg-type]


@given(st.dates(date(1960, 1, 1), date(2400, 1, 1)), st.sampled_from(["fa", "en"]))
def test_a_day_is_read_as_it_is_shown(found: date, language) -> None:
    at = int(datetime(found.year, found.month, found.day, tzinfo=UTC).timestamp())
    assert formats.read_day(formats.day(at, language), language) == found


@pytest.mark.parametrize("text", ["", "1405", "1405/13/01", "1405/10/31x", "a/b/c", "1405/10/25/1", "۱۴۰۵/۱۲/۳۱"])
def test_what_is_no_day_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        formats.read_day(text, "fa")


@pytest.mark.parametrize("text", ["<script>alert(1)</script>", '"><img src=x>', "\u202eevil", "فولاد پارس"])
def test_texts_of_others_are_set_apart_and_harmless(text: str) -> None:
    for made in (formats.apart(text), formats.latin(text)):
        assert made.startswith("<bdi")
        assert made.count("<") == 2
