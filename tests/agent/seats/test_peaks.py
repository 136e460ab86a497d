"""A peak is as durable as the seats that make it, and nobody who got none is part of it."""

from pathlib import Path

import pytest

from agent.domain.usage import HOUR, KEPT_HOURS, Report
from keys.documents.requests import Usage
from keys.errors import UnavailableError
from tests.agent.seats.fakes import MemoryJournal, Office, a_journal
from tests.fakes import START

NOON = START - START % HOUR


def test_a_peak_survives_a_kill_in_the_moment_of_its_answer(tmp_path: Path) -> None:
    """The agent comes back when that hour is over: there is nothing that it could count it again from."""
    journal = a_journal(tmp_path)
    office = Office(journal)
    for user in "abc":
        office.ask(user)
    journal.close()
    office.clock.advance(HOUR)
    again = Office(a_journal(tmp_path, office.clock.now()), office.clock)
    assert again.seating.usage()[0] == Usage(NOON, 3, 1)


def test_who_could_not_be_let_in_for_want_of_space_is_in_no_peak() -> None:
    journal = MemoryJournal()
    office = Office(journal)
    office.ask("a")
    journal.is_full = True
    with pytest.raises(UnavailableError):
        office.ask("b")
    assert office.seating.usage() == (Usage(NOON, 1, 1),)
    journal.is_full = False
    office.ask("b")
    assert journal.counts[-1].usage == (Usage(NOON, 2, 1),)


def test_what_makes_place_in_the_journal_is_written_later_though_the_peak_was_written_at_once() -> None:
    class Full(MemoryJournal):
        """A journal of 400 days."""

        def remembered(self):
            hours = tuple(Usage(NOON - (KEPT_HOURS - hour) * HOUR, 1, 1) for hour in range(KEPT_HOURS))
            return super().remembered()[0], Report(hours)

    journal = Full()
    office = Office(journal)
    office.ask("a")
    office.ask("b")
    oldest = Usage(NOON - KEPT_HOURS * HOUR, 0, 0)
    assert [counts.usage for counts in journal.counts] == [(Usage(NOON, 1, 1),), (oldest, Usage(NOON, 2, 1))]
