"""The journal on a real disk: what it remembers, and what it makes of damage, a full disk and other versions."""

import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from agent.domain.seats import Assigned, Forgotten, Freed, Overdrawn, Remembered, Rested, Restricted, Seat, Taken
from agent.domain.usage import HOUR, Report
from agent.store.ballast import SIZE, Ballast
from agent.store.seats import SqlJournal, open_journal
from agent.store.seats_schema import MIGRATIONS
from keys.documents.parts import Seats
from keys.documents.requests import Event, Usage
from keys.errors import BusyError, SeatsExhaustedError, StateDamagedError, UnavailableError
from tests.agent.seats.fakes import Office, a_journal
from tests.fakes import START
from tests.faults.smalldisk import fill, make_room, small_disk

NOON = START - START % HOUR


def reopened(journal: SqlJournal, folder: Path, now: int = START) -> SqlJournal:
    journal.close()
    return a_journal(folder, now)


def test_a_restarted_agent_knows_every_seat_place_count_and_number(tmp_path: Path) -> None:
    office = Office(a_journal(tmp_path), seats=Seats("named", 3, 4))
    journal = office.journal
    assert isinstance(journal, SqlJournal)
    for user in "abc":
        office.ask(user)
    office.seating.release(office.ask("a"))
    assert len(office.seating.occupation().assigned) == 3
    with pytest.raises(SeatsExhaustedError):
        office.ask("d")
    before, told = office.seating.occupation(), office.seating.report()
    office.seating.flush()
    again = Office(reopened(journal, tmp_path), office.clock)
    after = again.seating.occupation()
    assert [held.seat for held in after.held] == [held.seat for held in before.held]
    assert after.assigned == before.assigned
    assert again.seating.report() == told
    fences = [held.seat.fence for held in before.held]
    seat = again.seating.occupation().held[-1].seat
    again.seating.release(seat.id)
    again.ask("c")
    assert again.seating.occupation().held[-1].seat.fence > max(fences)


def test_every_change_comes_back_as_it_was_written(tmp_path: Path) -> None:
    journal = a_journal(tmp_path)
    seat = Seat("seat_1", 1 << 50, "sara", "pc", "service")
    hours = (Usage(NOON - HOUR, 3, 4, 9, 2), Usage(NOON, 0, 0, 1))
    report = Report(hours, (Event("seats_refused", NOON, 7),), frozenset({NOON - HOUR}))
    journal.write([Taken(seat), Assigned("sara", START), Restricted(START, None)], report)
    journal = reopened(journal, tmp_path)
    assert journal.remembered() == (Remembered((seat,), (Assigned("sara", START),), 1 << 50, START), report)
    nothing = Report((Usage(NOON - HOUR, 0, 0), Usage(NOON, 0, 0)), (Event("seats_refused", NOON, 0),))
    journal.write([Freed("sara", START, START + 9), Restricted(None, START)], nothing)
    resting = (Rested("sara", START + 9),)
    assert reopened(journal, tmp_path).remembered() == (Remembered((seat,), (), 1 << 50, None, resting), Report())


@pytest.mark.threat(51)
def test_a_freed_name_and_a_day_of_overdraft_come_and_go(tmp_path: Path) -> None:
    journal = a_journal(tmp_path)
    freed = [Freed("sara", START, START + 9), Freed("ali", START, START + 10), Freed("reza", START, START + 11)]
    journal.write([*freed, Overdrawn(9), Overdrawn(7)], Report())
    journal.write([Rested("sara", START + 9), Assigned("ali", START + 12, START + 10), Forgotten(7)], Report())
    assert reopened(journal, tmp_path).remembered()[0] == Remembered(
        assigned=(Assigned("ali", START + 12),),
        fence=START << 16,
        resting=(Rested("reza", START + 11),),
        overdrawn=(9,),
    )


@pytest.mark.threat(46)
def test_the_fence_grows_over_restarts_even_when_its_highest_holder_has_left(tmp_path: Path) -> None:
    fences = []
    for _ in range(3):
        journal = a_journal(tmp_path)
        office = Office(journal)
        seat_id = office.ask("sara")
        fences.append(office.seating.occupation().held[0].seat.fence)
        office.seating.release(seat_id)
        journal.close()
    assert fences == sorted(set(fences))


def test_only_one_process_at_a_time_has_the_journal(tmp_path: Path) -> None:
    journal = a_journal(tmp_path)
    program = (
        "import sys, pathlib; from agent.store.seats import open_journal; open_journal(pathlib.Path(sys.argv[1]), 1)"
    )
    command = [sys.executable, "-c", program, str(tmp_path / "seats.sqlite3")]
    other = subprocess.run(command, capture_output=True, text=True, check=False)
    assert BusyError.__name__ in other.stderr
    journal.close()


def test_nobody_else_can_read_the_journal(tmp_path: Path) -> None:
    a_journal(tmp_path).close()
    assert {path.stat().st_mode & 0o077 for path in tmp_path.iterdir()} == {0}


@pytest.mark.threat(50)
@pytest.mark.parametrize("damage", ["not sqlite", "zeroes", "flipped", "cut", "no table", "no utf-8", "twice"])
def test_a_damaged_journal_is_set_aside_and_begun_anew(tmp_path: Path, damage: str) -> None:
    path = tmp_path / "seats.sqlite3"
    office = Office(a_journal(tmp_path))
    for number in range(3):
        office.ask(f"user-{number}")
    fence = office.seating.occupation().held[-1].seat.fence
    assert isinstance(office.journal, SqlJournal)
    office.journal.close()
    _harm(path, damage)
    journal = open_journal(path, START + 60)
    assert journal.warning is not None
    assert path.name in journal.warning
    assert (tmp_path / f"seats.sqlite3.damaged-{START + 60}").exists()
    again = Office(journal)
    again.ask("sara")
    assert again.seating.occupation().held[0].seat.fence > fence
    journal.close()
    assert a_journal(tmp_path).warning is None


def _harm(path: Path, damage: str) -> None:
    if damage in {"no table", "no utf-8", "twice"}:
        statement = {
            "no table": "DROP TABLE hour",
            "no utf-8": "UPDATE seat SET user = CAST(x'ff' AS TEXT)",
            "twice": "UPDATE seat SET user = 'sara', client = 'pc'",
        }[damage]
        connection = sqlite3.connect(path, isolation_level=None)
        connection.execute(statement)
        connection.close()
        return
    content = path.read_bytes()
    path.write_bytes({
        "not sqlite": b"a letter to the editor" * 400,
        "zeroes": bytes(len(content)),
        "flipped": content[:4096] + bytes(byte ^ 0x5A for byte in content[4096:]),
        "cut": content[: len(content) // 2],
    }[damage])  # fmt: skip


@pytest.mark.threat(51)
def test_a_journal_of_a_later_release_is_left_alone(tmp_path: Path) -> None:
    a_journal(tmp_path).close()
    path = tmp_path / "seats.sqlite3"
    connection = sqlite3.connect(path)
    connection.execute(f"PRAGMA user_version = {len(MIGRATIONS) + 1}")
    connection.close()
    before = path.read_bytes()
    with pytest.raises(StateDamagedError, match="newer release"):
        a_journal(tmp_path)
    assert path.read_bytes() == before


def test_a_folder_that_is_not_there_is_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(UnavailableError, match="can't be opened"):
        open_journal(tmp_path / "nowhere" / "seats.sqlite3", START)


def test_the_ballast_is_real_bytes_and_comes_back(tmp_path: Path) -> None:
    path = tmp_path / "seats.ballast"
    ballast = Ballast(path)
    ballast.load()
    assert path.stat().st_blocks * 512 >= SIZE
    ballast.drop()
    assert not path.exists()
    ballast.load()
    ballast.load()
    assert path.stat().st_size == SIZE


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    with small_disk(tmp_path / "disk") as folder:
        yield folder


@pytest.mark.threat(43)
def test_on_a_full_disk_heartbeats_and_releases_go_on_and_nobody_new_gets_in(disk: Path) -> None:
    journal = a_journal(disk)
    office = Office(journal)
    seats = {user: office.ask(user) for user in "abc"}
    for user in "abc":
        fill(disk)
        office.seating.release(seats.pop(user))
        fill(disk)
        with pytest.raises(UnavailableError):
            office.ask("d")
        assert office.seating.heartbeat(list(seats.values())) == (list(seats.values()), [])
    assert office.users() == []
    make_room(disk)
    office.ask("e")
    journal.close()
    assert [seat.user for seat in a_journal(disk).remembered()[0].seats] == ["e"]


@pytest.mark.threat(43)
def test_after_a_full_disk_the_reserve_is_there_again(disk: Path) -> None:
    journal = a_journal(disk)
    office = Office(journal)
    seat_id = office.ask("a")
    fill(disk)
    office.seating.release(seat_id)
    assert not (disk / "seats.ballast").exists()
    make_room(disk)
    office.ask("b")
    assert (disk / "seats.ballast").stat().st_size == SIZE
    journal.close()


@pytest.mark.threat(43)
def test_an_agent_that_starts_on_a_full_disk_keeps_who_is_in(disk: Path) -> None:
    journal = a_journal(disk)
    seat_id = Office(journal).ask("a")
    journal.close()
    (disk / "seats.ballast").unlink()
    fill(disk)
    office = Office(a_journal(disk))
    assert office.seating.heartbeat([seat_id]) == ([seat_id], [])
    with pytest.raises(UnavailableError):
        office.ask("b")


@pytest.mark.threat(51)
def test_a_journal_of_the_first_release_keeps_its_seats(tmp_path: Path) -> None:
    path = tmp_path / "seats.sqlite3"
    with closing(sqlite3.connect(path, isolation_level=None)) as first:
        first.executescript(f"{MIGRATIONS[0]} PRAGMA user_version = 1;")
        first.execute("INSERT INTO seat VALUES (7, 'seat_1', 'sara', 'pc', 'person')")
        first.execute("INSERT INTO mark VALUES ('fence', 7)")
        first.execute("INSERT INTO hour VALUES (?, 3, 4)", (NOON,))
    for _ in range(2):
        with closing(a_journal(tmp_path)) as journal:
            assert journal.warning is None
            assert journal.remembered()[0] == Remembered((Seat("seat_1", 7, "sara", "pc", "person"),), (), 7)
            assert journal.remembered()[1] == Report((Usage(NOON, 3, 4),)), "and what it has still to tell"
            assert journal.ledger() is None
