"""Reading the hours of an agent that does not run: whatever state its journal is in, nothing in it is changed."""

import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from agent.domain.usage import Report
from agent.store.hours import stored_counts
from agent.store.seats import open_journal
from agent.store.seats_schema import MIGRATIONS
from keys.documents.requests import Event, Usage
from keys.errors import BusyError, StateDamagedError, StateNewerError
from tests.fakes import START

NOON = START - START % 3600
KEPT = Report(
    (Usage(NOON, 3, 4, 5, 6), Usage(NOON + 3600, 1, 1)), (Event("seats_refused", NOON, 5),), frozenset({NOON})
)


@pytest.fixture
def journal(tmp_path: Path) -> Path:
    """The journal of an agent that was killed: most of it is in SQLite's log beside it."""
    folder = tmp_path / "home"
    folder.mkdir()
    with closing(open_journal(folder / "seats.sqlite3", START)) as journal:
        journal.write([], KEPT)
        shutil.copytree(folder, tmp_path / "killed")
    assert (tmp_path / "killed/seats.sqlite3-wal").stat().st_size > 0
    return tmp_path / "killed/seats.sqlite3"


def test_what_a_killed_agent_kept_is_read(journal: Path) -> None:
    assert stored_counts(journal, START) == KEPT
    assert stored_counts(journal, START) == KEPT
    with closing(open_journal(journal, START)) as opened:
        assert opened.remembered()[1] == KEPT


def test_where_there_is_no_journal_nothing_is_kept(tmp_path: Path) -> None:
    assert stored_counts(tmp_path / "seats.sqlite3", START) == Report()
    assert list(tmp_path.iterdir()) == []


def test_a_journal_of_an_earlier_release_is_read_and_stays_as_it_is(tmp_path: Path) -> None:
    path = tmp_path / "seats.sqlite3"
    with closing(sqlite3.connect(path, isolation_level=None)) as first:
        first.executescript(f"{MIGRATIONS[0]} PRAGMA user_version = 1;")
        first.execute("INSERT INTO hour VALUES (?, 3, 4)", (NOON,))
    before = path.read_bytes()
    assert stored_counts(path, START) == Report((Usage(NOON, 3, 4),))
    assert path.read_bytes() == before


def test_a_journal_that_an_agent_has_open_is_left_to_it(tmp_path: Path) -> None:
    path = tmp_path / "seats.sqlite3"
    with closing(open_journal(path, START)), pytest.raises(BusyError):
        stored_counts(path, START)


def test_a_journal_of_a_later_release_and_one_that_is_none_are_said(tmp_path: Path) -> None:
    path = tmp_path / "seats.sqlite3"
    path.write_bytes(b"a letter to the editor" * 400)
    with pytest.raises(StateDamagedError, match="licence-agent run"):
        stored_counts(path, START)
    path.unlink()
    with closing(sqlite3.connect(path)) as later:
        later.execute(f"PRAGMA user_version = {len(MIGRATIONS) + 1}")
    with pytest.raises(StateNewerError):
        stored_counts(path, START)
