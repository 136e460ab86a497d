"""licence-agent usage, while the agent does not run; while it does: tests/contract/test_usage_http.py."""

from contextlib import closing
from pathlib import Path

import pytest

from agent.domain.usage import Report
from agent.store.seats import open_journal
from keys.clock import SystemClock
from keys.documents.requests import Event, Usage
from tests.agent.cli.program import Program

HOUR = 3600


@pytest.fixture
def used(activated: Program) -> Program:
    """A server on which people worked in this hour and the one before, which was told."""
    now = SystemClock().now()
    this = now - now % HOUR
    hours = (Usage(this - HOUR, 2, 2, 1), Usage(this, 4, 1, 0, 3))
    told = frozenset({this - HOUR})
    with closing(open_journal(activated.home / "seats.sqlite3", now)) as journal:
        journal.write([], Report(hours, (Event("seats_refused", this, 7),), told))
    return activated


def test_peaks_are_drawn_against_what_was_bought(used: Program) -> None:
    drawn = used("usage").stdout.splitlines()
    assert drawn[0] == "Peaks of every hour, UTC. A full bar: 4 users, 4 clients."
    assert [line.split()[3::2] for line in drawn[2:4]] == [["2", "2"], ["4!", "1"]]
    assert drawn[-1].startswith("!"), "3 users were bought"
    found = used.json("usage")
    assert found["limits"] == {"users": 3, "clients": 4}
    assert [(hour["users"], hour["refused"], hour["waited"]) for hour in found["hours"]] == [(2, 1, 0), (4, 0, 3)]


def test_the_next_report_has_what_was_not_told_yet(used: Program) -> None:
    found = used.json("usage", "--next")
    assert [sorted(hour) for hour in found["usage"]] == [["clients", "hour", "users", "waited"]]
    assert [(event["code"], event["count"]) for event in found["events"]] == [("seats_refused", 7)]
    assert len(used("usage", "--next", "--csv", "-").stdout.splitlines()) == 2
    said = used("usage", "--next").stdout
    assert "4!" in said
    assert "seats_refused, 7 times" in said


def test_words_that_contradict_each_other(used: Program) -> None:
    assert used("usage", "--next", "--days", "3").exit_code == 2


def test_without_a_licence_there_are_hours_but_no_next_report(program: Program) -> None:
    assert program("usage").stdout == "Nobody was in.\n"
    result = program("usage", "--next")
    assert (result.exit_code, result.stderr.splitlines()[-1].partition(":")[0]) == (1, "not-activated")


def test_a_journal_that_can_not_be_read_is_said(used: Program) -> None:
    path: Path = used.home / "seats.sqlite3"
    path.write_bytes(b"a letter to the editor" * 400)
    result = used("usage")
    assert result.exit_code == 1
    assert "seats.sqlite3 can't be read" in result.stderr
