"""The days of an activation: which were validated, refused, missed, and how they are kept."""

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from licence_server.domain.days import DAY, KEPT, Days, strip
from tests.licence_server.samples import NOW, activation

TODAY = NOW // DAY
MARKS = st.lists(st.tuples(st.integers(0, 200), st.sampled_from("vr")), max_size=60)


def fates(days: Days, *, begun: int | None = TODAY - 5, interval: int = DAY, bound: bool = True) -> Sequence[str]:
    """What became of the last six days."""
    at = None if begun is None else begun * DAY
    return [shown.fate for shown in strip(days, at, interval, NOW, bound=bound)][-6:]


def days_of(text: str) -> Days:
    """Days of letters, of which the last is today's."""
    return Days.of((TODAY - len(text) + 1 + place, mark) for place, mark in enumerate(text) if mark != ".")


@pytest.mark.parametrize(
    ("text", "changes", "said"),
    [
        ("vvvvvv", {}, ["validated"] * 6),
        ("vvvvv.", {}, [*["validated"] * 5, "today"]),
        ("v.vr.b", {}, ["validated", "missed", "validated", "refused", "missed", "both"]),
        ("v.....", {"interval": 3 * DAY}, ["validated", "not_due", "not_due", "missed", "missed", "today"]),
        ("b.....", {"interval": 3 * DAY}, ["both", "not_due", "not_due", "missed", "missed", "today"]),
        (".b....", {"interval": 3 * DAY}, ["not_due", "both", "not_due", "not_due", "missed", "today"]),
        ("v.....", {"interval": 2 * DAY + 1}, ["validated", "not_due", "not_due", "missed", "missed", "today"]),
        ("vv....", {"interval": 4 * DAY}, ["validated", "validated", *["not_due"] * 3, "today"]),
        ("v.....", {"interval": 60}, ["validated", "missed", "missed", "missed", "missed", "today"]),
        ("...vvv", {"begun": TODAY - 2}, [*["apart"] * 3, *["validated"] * 3]),
        ("vvv...", {"bound": False}, [*["validated"] * 3, *["apart"] * 3]),
        ("", {"begun": None, "bound": False}, ["apart"] * 6),
        ("", {"begun": TODAY - 2, "bound": False}, [*["apart"] * 3, "not_due", "apart", "apart"]),
    ],
)
def test_what_became_of_a_day(text: str, changes: dict, said: list[str]) -> None:
    assert fates(days_of(text), **changes) == said


def test_a_validation_before_the_strip_counts_for_what_is_due() -> None:
    old = Days.of([(TODAY - KEPT - 2, "v"), (TODAY - KEPT - 1, "r")])
    shown = strip(old, (TODAY - 300) * DAY, 5 * DAY, NOW, bound=True)
    assert [day.fate for day in shown[:3]] == ["not_due", "not_due", "missed"]
    assert len(shown) == KEPT
    assert (shown[0].at, shown[-1].at) == ((TODAY - KEPT + 1) * DAY, TODAY * DAY)


def test_the_first_day_of_the_strip_counts_by_itself() -> None:
    """What was heard on it is due from it, and what was refused on it was not heard."""
    first = TODAY - KEPT + 1
    for mark, said in (("v", ["validated", "not_due", "missed"]), ("r", ["refused", "missed", "missed"])):
        shown = strip(Days.of([(first, mark)]), (TODAY - 300) * DAY, 2 * DAY, NOW, bound=True)
        assert [day.fate for day in shown[:3]] == said


def test_so_many_days_are_kept_and_no_more() -> None:
    days = Days.of((TODAY - place, "v") for place in range(KEPT + 1))
    assert days.marks == "v" * KEPT
    assert Days.read(str(days)) == days
    assert Days.of([(TODAY, "v"), (TODAY - 1, "r"), (TODAY - 3, "v")]).marks == "v.rv"


@given(MARKS)
def test_the_last_days_are_kept_each_with_all_that_was_in_it(marks: list[tuple[int, str]]) -> None:
    days = Days()
    for day, mark in marks:
        days = days.marked(day * DAY + 7, refused=mark == "r")
    newest = max((day for day, _ in marks), default=0)
    wanted: dict[int, set[str]] = {}
    for day, mark in marks:
        wanted.setdefault(day, set()).add(mark)
    kept = {day: "b" if len(found) == 2 else found.pop() for day, found in wanted.items() if day > newest - KEPT}
    # A day that fell out once stays out, though older ones come after it.
    assert dict(days).items() <= kept.items()
    assert dict(Days.of(marks)) == kept
    assert Days.read(str(days)) == days
    assert len(str(days)) <= 120


@pytest.mark.parametrize("text", ["", "1", "1 vxv", "x v", "1 v v", f"1 {'v' * (KEPT + 1)}"])
def test_what_are_no_days(text: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - whatever reading them ends in
        Days.read(text)


def test_an_activation_knows_its_days() -> None:
    answered = activation().answered("req", "doc", b"signed", activation().host, NOW)
    assert dict(answered.days) == {TODAY: "v"}
    assert dict(answered.refused(NOW).days) == {TODAY: "b"}
    assert dict(activation().refused(NOW).days) == {TODAY: "r"}
