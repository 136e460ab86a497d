"""What is kept of each hour, and what the next validation reports of it."""

from collections.abc import Callable
from dataclasses import astuple, replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agent.domain.usage import HOUR, KEPT_HOURS, MOST_EVENTS, MOST_HOURS, OUTSIDE, REFUSED, Report, Tally
from keys.documents.requests import Event, Usage, open_validation_request
from tests.fakes import START
from tests.keys.samples import DEVICE, DEVICES, ISSUER, VALIDATION_REQUEST

NOON = START - START % HOUR


def test_the_highest_of_an_hour_is_told_for_each_dimension() -> None:
    tally = Tally()
    for users, clients in ((1, 1), (5, 2), (2, 7), (0, 0)):
        tally.peak(NOON + 5, users, clients)
    tally.peak(NOON + HOUR, 1, 1)
    assert tally.report().usage == (Usage(NOON, 5, 7), Usage(NOON + HOUR, 1, 1))


@pytest.mark.parametrize(("users", "clients"), [(1, 0), (0, 1), (2, 3)])
def test_the_first_of_an_hour_is_told_as_it_is(users: int, clients: int) -> None:
    tally = Tally()
    tally.peak(NOON + 5, users, clients)
    assert tally.report().usage == (Usage(NOON, users, clients),)
    tally.written(tally.unwritten())
    tally.peak(NOON + 6, users, clients)
    assert not tally.has_unwritten, "the same again is nothing to write"


def test_an_hour_in_which_nobody_was_in_is_not_told() -> None:
    tally = Tally()
    tally.peak(NOON, 0, 0)
    assert tally.report() == Report()


def test_events_of_an_hour_add_up() -> None:
    tally = Tally()
    for _ in range(3):
        tally.count(REFUSED, NOON + 9)
    tally.count(OUTSIDE, NOON + 10)
    assert tally.report().events == (Event(OUTSIDE, NOON, 1), Event(REFUSED, NOON, 3))


def test_refusals_and_waits_of_an_hour_add_up_beside_its_peaks() -> None:
    tally = Tally()
    tally.refused(NOON + 1)
    tally.peak(NOON + 2, 0, 0)
    tally.peak(NOON + 2, 4, 5)
    tally.waited(NOON + 3)
    tally.refused(NOON + 4)
    tally.waited(NOON + HOUR)
    assert tally.report().usage == (Usage(NOON, 4, 5, 2, 1), Usage(NOON + HOUR, 0, 0, 0, 1))
    assert tally.report().events == (Event(REFUSED, NOON, 2),), "a refusal is an event, too; a wait is none"


def test_what_was_answered_for_is_told_no_more_and_the_rest_is() -> None:
    tally = Tally()
    tally.peak(NOON, 5, 5)
    tally.peak(NOON + HOUR, 3, 3)
    tally.count(REFUSED, NOON)
    tally.count(OUTSIDE, NOON)
    told = tally.report()
    tally.count(REFUSED, NOON)
    tally.settle(told)
    assert tally.report() == Report((), (Event(REFUSED, NOON, 1),))
    tally.settle(told)
    assert tally.report() == Report()
    tally.settle(told)
    assert tally.hours() == told.usage, "the customer keeps what was told"


@pytest.mark.parametrize("more", ["users", "clients", "refused", "waited"])
def test_an_hour_that_grew_after_it_was_told_is_told_again_as_a_whole(more: str) -> None:
    grown: dict[str, tuple[Usage, Callable[[Tally], None]]] = {
        "users": (Usage(NOON, 6, 5, 1), lambda tally: tally.peak(NOON, 6, 1)),
        "clients": (Usage(NOON, 5, 6, 1), lambda tally: tally.peak(NOON, 1, 6)),
        "refused": (Usage(NOON, 5, 5, 2), lambda tally: tally.refused(NOON)),
        "waited": (Usage(NOON, 5, 5, 1, 1), lambda tally: tally.waited(NOON)),
    }
    expected, grow = grown[more]
    for is_answered_first in (True, False):
        tally = Tally()
        tally.refused(NOON)
        tally.peak(NOON, 5, 5)
        told = tally.report()
        if is_answered_first:
            tally.settle(told)
            tally.written(tally.unwritten())
        grow(tally)
        if not is_answered_first:
            tally.settle(told)
        assert tally.report().usage == (expected,)
        assert (tally.unwritten().usage, tally.unwritten().told) == ((expected,), frozenset())


def test_what_is_stored_is_taken_up_and_what_changed_is_to_be_written() -> None:
    stored = Report((Usage(NOON, 5, 5), Usage(NOON - HOUR, 1, 1)), (Event(REFUSED, NOON, 2),), frozenset({NOON - HOUR}))
    tally = Tally(stored)
    assert tally.report() == Report((Usage(NOON, 5, 5),), (Event(REFUSED, NOON, 2),))
    assert [hour.hour_at for hour in tally.hours()] == [NOON - HOUR, NOON]
    tally.peak(NOON, 4, 4)
    assert not tally.has_unwritten
    tally.count(REFUSED, NOON + 1)
    assert tally.unwritten() == Report((), (Event(REFUSED, NOON, 3),))
    tally.written(tally.unwritten())
    tally.settle(tally.report())
    assert tally.unwritten() == Report((Usage(NOON, 5, 5),), (Event(REFUSED, NOON, 0),), frozenset({NOON}))
    tally.written(tally.unwritten())
    tally.settle(stored)
    assert not tally.has_unwritten


def test_a_report_is_never_too_long_for_a_request_and_the_rest_waits() -> None:
    tally = Tally()
    for hour in range(MOST_HOURS + MOST_EVENTS):
        tally.refused(NOON + hour * HOUR)
    told = tally.report()
    assert (len(told.usage), len(told.events)) == (MOST_HOURS, MOST_EVENTS)
    tally.settle(told)
    assert tally.report().usage[0].hour_at == told.usage[-1].hour_at + HOUR
    assert tally.report().events[0].at == told.events[-1].at + HOUR


def test_the_longest_report_with_large_counts_fits_beside_evidence() -> None:
    hours = tuple(Usage(NOON + hour * HOUR, 999_999, 999_999, 9_999_999, 9_999_999) for hour in range(MOST_HOURS))
    events = tuple(Event(REFUSED, NOON + hour * HOUR, 9_999_999) for hour in range(MOST_EVENTS))
    request = replace(VALIDATION_REQUEST, usage=hours, events=events, held=b"x" * 11_000)
    assert open_validation_request(request.sign(DEVICE), ISSUER, DEVICES)[0] == request


def test_hours_are_kept_for_more_than_a_year_and_the_oldest_go_first() -> None:
    hours = tuple(Usage(NOON + hour * HOUR, 1, 1) for hour in range(KEPT_HOURS))
    tally = Tally(Report(hours, (), frozenset({NOON})))
    tally.peak(NOON + KEPT_HOURS * HOUR, 1, 1)
    assert KEPT_HOURS == 400 * 24
    assert tally.hours() == (*hours[1:], Usage(NOON + KEPT_HOURS * HOUR, 1, 1))
    assert tally.unwritten() == Report((Usage(NOON + KEPT_HOURS * HOUR, 1, 1), Usage(NOON, 0, 0))), (
        "and the journal forgets it"
    )


def test_the_last_of_the_hours_that_are_kept_pushes_none_out() -> None:
    tally = Tally(Report(tuple(Usage(NOON + hour * HOUR, 1, 1) for hour in range(1, KEPT_HOURS))))
    for users in (1, 2):
        tally.peak(NOON, users, 1)
        assert len(tally.hours()) == KEPT_HOURS


def test_an_hour_that_grows_with_the_very_write_that_calls_it_told_is_to_be_told_again() -> None:
    tally = Tally(Report((Usage(NOON, 1, 1),)))
    tally.settle(tally.report())
    assert tally.unwritten_with_peak(NOON, 1, 1) == Report((Usage(NOON, 1, 1),), (), frozenset({NOON}))
    assert tally.unwritten_with_peak(NOON, 2, 1) == Report((Usage(NOON, 2, 1),))


def test_an_hour_that_makes_place_while_it_is_being_written_is_removed_with_the_next_write() -> None:
    hours = tuple(Usage(NOON + hour * HOUR, 1, 1) for hour in range(KEPT_HOURS))
    tally, new = Tally(Report(hours)), Usage(NOON + KEPT_HOURS * HOUR, 2, 3)
    tally.settle(Report(hours[:1]))
    counts = tally.unwritten_with_peak(new.hour_at, new.users, new.clients)
    assert counts == Report((hours[0], new), (), frozenset({NOON}))
    tally.peak(new.hour_at, new.users, new.clients)
    tally.written(counts)
    assert tally.unwritten() == Report((Usage(NOON, 0, 0),))


COUNTS = st.tuples(st.integers(0, 40), st.integers(0, 3), st.integers(0, 9), st.integers(0, 9))


@given(steps=st.lists(st.tuples(st.sampled_from(["peak", "refused", "waited", "tell", "lose", "restart"]), COUNTS)))
@settings(max_examples=60)
def test_whatever_answers_are_lost_the_server_ends_with_what_the_customer_sees(
    steps: list[tuple[str, tuple[int, int, int, int]]],
) -> None:
    tally, server, journal, now = Tally(), dict[int, Usage](), dict[int, tuple[Usage, bool]](), NOON

    def tell() -> Report:
        told = tally.report()
        server.update({hour.hour_at: _higher(hour, server.get(hour.hour_at, hour)) for hour in told.usage})
        return told

    for what, (minutes, later, users, clients) in steps:
        now += minutes * 60 + later * HOUR
        if what == "peak":
            tally.peak(now, users, clients)
        elif what in {"refused", "waited"}:
            getattr(tally, what)(now)
        elif what == "restart":
            kept = tuple(hour for hour, _ in journal.values())
            tally = Tally(Report(kept, (), frozenset(hour.hour_at for hour, is_told in journal.values() if is_told)))
        else:
            told = tell()
            if what == "tell":
                tally.settle(told)
        counts = tally.unwritten()
        journal.update({hour.hour_at: (hour, hour.hour_at in counts.told) for hour in counts.usage})
        tally.written(tally.unwritten())
    while tally.report().usage:
        tally.settle(tell())
    assert tuple(server[at] for at in sorted(server)) == tally.hours()


def _higher(one: Usage, other: Usage) -> Usage:
    """Keep the higher of each, as the licence server's database does."""
    return Usage(*(max(pair) for pair in zip(astuple(one), astuple(other), strict=True)))
