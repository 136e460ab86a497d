"""Which licences are due, and what end each of several gets."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from keys.errors import InvalidInputError, LicensingError, StateConflictError
from licence_server.domain.duration import YEAR, Duration
from licence_server.domain.renewal import MOST_WITHIN, RECENTLY, Extension, Window
from tests.licence_server.samples import DAY, NOW, licence, until

END = NOW + 9 * DAY


def test_what_is_due() -> None:
    assert Window.of(30, NOW) == Window(NOW - 90 * DAY, NOW + 30 * DAY)
    assert Window.of(0, NOW) == Window(NOW - RECENTLY, NOW)
    assert Window.of(MOST_WITHIN, NOW).before == NOW + MOST_WITHIN * DAY
    for days in (-1, MOST_WITHIN + 1):
        with pytest.raises(InvalidInputError, match=r"^Look 0 to 3660 days ahead"):
            Window.of(days, NOW)


@pytest.mark.parametrize(
    ("extension", "about"),
    [
        (Extension(), "^Say by how long"),
        (Extension(YEAR, END), "^Say by how long"),
        (Extension(Duration(0, "months")), "^A licence lasts"),
    ],
)
def test_an_extension_says_one_of_both(extension: Extension, about: str) -> None:
    with pytest.raises(InvalidInputError, match=about):
        extension.check()


def test_a_year_goes_on_from_the_end_and_a_day_is_for_all() -> None:
    for extension, end in ((Extension(YEAR), YEAR.after(END)), (Extension(ends_at=END + 1), END + 1)):
        extension.check()
        renewed = extension.of(until(END), END, NOW)
        assert renewed == until(END).renewed(end, NOW)
    ended = NOW - 60 * DAY
    assert Extension(YEAR).of(until(ended), ended, NOW).terms.ends_at == YEAR.after(ended)


REFUSED: list[tuple[Any, int, Extension, type[LicensingError], str]] = [
    (until(YEAR.after(END)), END, Extension(YEAR), StateConflictError, "has this end already"),
    (until(END + 1), END, Extension(YEAR), StateConflictError, "another end meanwhile"),
    (licence(), END, Extension(YEAR), StateConflictError, "another end meanwhile"),
    (until(END, state="revoked", reason="x"), END, Extension(YEAR), StateConflictError, "revoked"),
    (until(END), END, Extension(ends_at=END - 1), InvalidInputError, "later than it does now"),
    (until(NOW - 9), NOW - 9, Extension(ends_at=NOW), InvalidInputError, "later than today"),
    (until(END), END, Extension(), InvalidInputError, "later than it does now"),
    (until(NOW - 400 * DAY), NOW - 400 * DAY, Extension(YEAR), InvalidInputError, "later than today"),
    (until(2**50), 2**50, Extension(YEAR), InvalidInputError, "year 10000"),
]


@pytest.mark.parametrize(("before", "seen", "extension", "kind", "about"), REFUSED)
def test_what_is_refused(before: Any, seen: int, extension: Extension, kind: type[LicensingError], about: str) -> None:
    with pytest.raises(kind, match=about):
        extension.of(before, seen, NOW)


@given(days=st.integers(-80, 1_000), months=st.integers(1, 60))
def test_what_is_sent_twice_renews_once(days: int, months: int) -> None:
    end, extension = NOW + days * DAY, Extension(Duration(months, "months"))
    try:
        renewed = extension.of(until(end), end, NOW)
    except InvalidInputError:
        return
    assert renewed.terms.ends_at
    assert renewed.terms.ends_at > max(end, NOW)
    with pytest.raises(StateConflictError):
        extension.of(renewed, end, NOW)
