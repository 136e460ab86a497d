"""Hours of usage as people and spreadsheets see them."""

import csv
import io
from collections.abc import Sequence
from dataclasses import astuple

import pytest
from hypothesis import given
from hypothesis import strategies as st

from keys.documents.requests import Usage
from keys.hours import DAY, HEADINGS, HOUR, Limits, as_csv, as_values, can_draw, window, within
from keys.hours import chart as lines_of

MORNING = 1_800_000_000 - 1_800_000_000 % DAY
COUNT = st.integers(0, 2**53)
HOURS = st.lists(
    st.builds(Usage, st.integers(0, 10**9).map(lambda number: number * HOUR), COUNT, COUNT, COUNT, COUNT),
    max_size=9,
    unique_by=lambda hour: hour.hour_at,
).map(lambda hours: sorted(hours, key=lambda hour: hour.hour_at))


def chart(*what, **how) -> str:
    return "\n".join(lines_of(*what, **how))


def test_a_morning_with_refusals_and_waits() -> None:
    hours = (Usage(MORNING, 25, 20), Usage(MORNING + 2 * HOUR, 50, 41, 12, 3), Usage(MORNING + 3 * HOUR, 52, 41))
    drawn = chart(hours, Limits(50, 40), window(hours, MORNING + 4 * HOUR + 5, 24, HOUR), step=HOUR)
    assert drawn.splitlines() == [
        "Peaks of every hour, UTC. A full bar: 52 users, 41 clients.",
        "                 USERS                  CLIENTS                REFUSED  WAITED",
        "2027-01-15 00:00 ██████▊           25  ██████▉           20",
        "2027-01-15 01:00                    0                     0",
        "2027-01-15 02:00 █████████████▌    50  ██████████████    41!       12       3",
        "2027-01-15 03:00 ██████████████    52! ██████████████    41!",
        "2027-01-15 04:00                    0                     0",
        "! more than the licence has",
    ]


def test_a_day_is_its_highest_hour_and_all_its_refusals() -> None:
    hours = (Usage(MORNING, 3, 9, 1, 4), Usage(MORNING + 5 * HOUR, 7, 2, 2), Usage(MORNING + DAY, 1, 1))
    drawn = chart(hours, Limits(10, 10), window(hours, MORNING + DAY, 7, DAY), step=DAY)
    assert drawn.splitlines()[0] == "Peaks of every day, UTC. A full bar: 10 users, 10 clients."
    assert [line.split() for line in drawn.splitlines()[2:]] == [
        ["2027-01-15", "█████████▉", "7", "████████████▋", "9", "3", "4"],
        ["2027-01-16", "█▌", "1", "█▌", "1"],
    ]


def test_where_there_are_no_blocks_there_are_number_signs() -> None:
    drawn = chart((Usage(MORNING, 5, 1),), Limits(10), [MORNING], step=HOUR, is_fine=False)
    assert drawn.isascii()
    assert drawn.splitlines()[2] == "2027-01-15 00:00 #######            5  ##############     1"
    assert [can_draw(encoding) for encoding in ("utf-8", "cp1256", "ascii", "no such")] == [True, False, False, False]


@pytest.mark.parametrize("hours", [(), (Usage(MORNING, 3, 3),)])
def test_when_nobody_was_in_it_is_said(hours: Sequence[Usage]) -> None:
    assert chart((), Limits(10, 10), window(hours, MORNING, 24, HOUR), step=HOUR) == "Nobody was in."


def test_clients_alone_may_be_more_than_the_licence_has() -> None:
    drawn = chart((Usage(MORNING, 1, 2),), Limits(None, 1), [MORNING], step=HOUR).splitlines()
    assert drawn[0] == "Peaks of every hour, UTC. A full bar: 1 users, 2 clients."
    assert drawn[-1] == "! more than the licence has"


def test_somebody_who_was_refused_is_shown_though_nobody_was_in() -> None:
    assert chart((Usage(MORNING, 0, 0, 1),), Limits(0, 0), [MORNING], step=HOUR).splitlines()[2].split()[-1] == "1"


def test_counts_of_six_digits_are_shortened() -> None:
    counts = (99_999, 100_000, 99_999_999, 100_000_000)
    hours = tuple(Usage(MORNING, count, count, count, count) for count in counts)
    drawn = [chart((hour,), Limits(), [MORNING], step=HOUR).splitlines()[2] for hour in hours]
    assert [line.replace("█", " ").split()[2:] for line in drawn] == [
        [written] * 4 for written in ("99999", "100k", "99999k", "many")
    ]


def test_the_window_begins_with_the_first_hour_and_ends_now() -> None:
    hours = [Usage(MORNING + hour * HOUR, 1, 1) for hour in (0, 5, 30)]
    now = MORNING + 31 * HOUR + 5
    assert [at - MORNING for at in window(hours, now, 2, HOUR)] == [30 * HOUR, 31 * HOUR]
    assert len(window(hours, now, 24, HOUR)) == 24
    assert window(hours, now, 400, HOUR)[0] == MORNING
    assert [at - MORNING for at in window(hours, now, 400, DAY)] == [0, DAY]
    assert [at - MORNING for at in window(hours[1:], now, 400, DAY)] == [0, DAY]
    assert list(window((), now, 24, HOUR)) == []
    assert within(hours, window(hours, now, 1, DAY)) == (hours[2],)
    assert within(hours, window(hours, MORNING - DAY, 24, HOUR)) == ()


@given(HOURS, st.sampled_from(",;"))
def test_csv_reads_back_as_it_was_in_every_encoding(hours: Sequence[Usage], separator: str) -> None:
    written = as_csv(hours, separator)
    assert len({written.decode(encoding) for encoding in ("ascii", "utf-8", "utf-8-sig", "cp1256", "cp1252")}) == 1
    heading, *rows = csv.reader(io.StringIO(written.decode(), newline=""), delimiter=separator)
    assert heading == list(HEADINGS)
    assert [[int(cell) for cell in row[1:]] for row in rows] == [list(astuple(hour)[1:]) for hour in hours]
    assert as_values(hours) == [dict(zip(("hour", *HEADINGS[1:]), astuple(hour), strict=True)) for hour in hours]


@pytest.mark.usefixtures("elsewhere")
def test_hours_are_of_utc_in_every_zone() -> None:
    assert as_csv((Usage(MORNING + HOUR, 50, 41, 12, 3),)) == (
        b"hour_utc,users,clients,refused,waited\r\n2027-01-15 01:00,50,41,12,3\r\n"
    )
    assert chart((Usage(MORNING, 1, 1),), Limits(), [MORNING], step=DAY).splitlines()[2].startswith("2027-01-15 ")


@given(HOURS, st.none() | COUNT, st.none() | COUNT, st.sampled_from([HOUR, DAY]), st.booleans())
def test_whatever_the_counts_are_a_chart_has_80_columns(
    hours: Sequence[Usage], users: int | None, clients: int | None, step: int, is_fine: bool
) -> None:
    periods = sorted({hour.hour_at - hour.hour_at % step for hour in hours})
    lines = chart(hours, Limits(users, clients), periods, step=step, is_fine=is_fine).splitlines()
    assert max(map(len, lines[1:]), default=0) <= 80
    assert len(lines) >= len(periods)
