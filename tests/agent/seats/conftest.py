"""What the tests of the seats share."""

import pytest

from tests.agent.seats.fakes import MemoryJournal, Office


@pytest.fixture
def journal() -> MemoryJournal:
    return MemoryJournal()


@pytest.fixture
def office(journal: MemoryJournal) -> Office:
    return Office(journal)
