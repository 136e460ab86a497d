"""The seats' journal damaged page by page: never a traceback, never more users than the licence has."""

import random
import sqlite3
from collections.abc import Callable
from contextlib import closing
from functools import partial
from pathlib import Path

import pytest

from agent.domain.seats import Overdrawn
from agent.store.seats import journal_flaw, open_journal
from keys.documents.parts import Seats
from keys.errors import SeatsExhaustedError, UnavailableError
from tests.agent.seats.fakes import Office, a_journal
from tests.fakes import START
from tests.threats.plugin import Figure, Rounds

PAGE = 4096
LIMIT = 400
Damage = Callable[[bytes, random.Random], bytes]


def one_bit(page: bytes, chance: random.Random) -> bytes:
    place, bit = chance.randrange(len(page)), 1 << chance.randrange(8)
    return page[:place] + bytes([page[place] ^ bit]) + page[place + 1 :]


def some_bytes(page: bytes, chance: random.Random) -> bytes:
    place = chance.randrange(len(page) - 64)
    return page[:place] + chance.randbytes(64) + page[place + 64 :]


DAMAGES: tuple[Damage, ...] = (
    lambda page, _: bytes(byte ^ 0xFF for byte in page),
    lambda page, _: bytes(len(page)),
    lambda page, chance: chance.randbytes(len(page)),
    lambda page, _: page[: len(page) // 2] + bytes(len(page) - len(page) // 2),
    *[some_bytes] * 4,
    *[one_bit] * 8,
)


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """A journal with a full house, assignments, counts and the ledger, all in one file."""
    folder = tmp_path_factory.mktemp("whole")
    office = Office(a_journal(folder), seats=Seats("named", LIMIT, None))
    for number in range(LIMIT - 30):
        office.ask(f"user-{number}", f"a client with a long name, number {number}")
    for number in range(20):
        office.ask(f"freed-{number}")
        office.seating.free(f"freed-{number}")
        office.seating.books.submit(partial(office.seating.books.ledger.changes.append, Overdrawn(number)))
    office.seating.flush()
    office.journal.close()  # type: ignore[attr-defined]
    with closing(sqlite3.connect(folder / "seats.sqlite3")) as database:
        database.execute("INSERT INTO running VALUES ('doc_1', 'boot', 1.0, 2.0, 3.0, 0)")
        database.commit()
        database.execute("PRAGMA journal_mode = DELETE")
    return (folder / "seats.sqlite3").read_bytes()


def outlived(folder: Path) -> str:
    """Open a journal, let people in, release, close, open again; return what was made of it."""
    flaw = journal_flaw(folder / "seats.sqlite3")
    journal = open_journal(folder / "seats.sqlite3", START + 60)
    anew, found = journal.warning is not None, "as it was"
    assert anew or not flaw, "doctor sees no more than the start does"
    office = Office(journal, seats=Seats("named", LIMIT, None))
    try:
        for number in (1, 2, 10_001, 10_002):
            office.seating.release(office.ask(f"user-{number}"))
            office.ask(f"user-{number}")
    except UnavailableError:
        assert journal.is_damaged, "or it would never be mended"
        found = "refused, and begun anew"
    except SeatsExhaustedError:
        raise AssertionError("a place was lost") from None
    occupied = office.seating.occupation().occupied.users
    assert (occupied.limit, occupied.used <= LIMIT) == (LIMIT, True)
    journal.close()
    with closing(open_journal(folder / "seats.sqlite3", START + 120, is_damaged=journal.is_damaged)):
        pass
    return "begun anew" if anew else found


@pytest.mark.long
@pytest.mark.timeout(600)
@pytest.mark.threat(50)
def test_a_journal_with_any_page_damaged(whole: bytes, tmp_path: Path, figure: Figure, rounds: Rounds) -> None:
    chance, outcomes = random.Random(50), dict[str, int]()
    cases = [(place, damage) for place in range(0, len(whole), PAGE) for damage in DAMAGES]
    for number, (place, damage) in enumerate(chance.sample(cases, min(len(cases), rounds(len(cases), sample=60)))):
        folder = tmp_path / str(number)
        folder.mkdir()
        page = damage(whole[place : place + PAGE], chance)
        (folder / "seats.sqlite3").write_bytes(whole[:place] + page + whole[place + PAGE :])
        outcome = outlived(folder)
        outcomes[outcome] = outcomes.get(outcome, 0) + 1
        for path in folder.iterdir():
            path.unlink()
    assert outcomes["begun anew"] > sum(outcomes.values()) / 3
    told = ", ".join(f"{count} {outcome}" for outcome, count in sorted(outcomes.items()))
    figure(f"journal, {sum(outcomes.values())} damages to {len(whole) // PAGE} pages: {told}; no traceback")


@pytest.mark.threat(50)
@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE seat SET client = ''",
        "UPDATE seat SET id = 'seat_x'",
        "UPDATE mark SET value = 5 WHERE name = 'fence'",
        "UPDATE mark SET value = value * 256 * 256 WHERE name = 'fence'",
        "UPDATE assignment SET assigned_at = -1",
        "INSERT INTO resting VALUES ('a', -1)",
        "INSERT INTO resting VALUES ('user-1', 5)",
        "INSERT INTO overdrawn VALUES (-1)",
        "INSERT INTO hour VALUES (3601, 1, 1, 0, 0, 0)",
        "INSERT INTO hour VALUES (3600, -1, 1, 0, 0, 0)",
        "INSERT INTO hour VALUES (3600, 1, 4000000000, 0, 0, 0)",
        "INSERT INTO event VALUES (1, 'a name' || char(7), 1)",
        "INSERT INTO event VALUES (1, 'clock_behind', 0)",
    ],
)
def test_what_no_server_would_understand_is_damage(whole: bytes, tmp_path: Path, statement: str) -> None:
    """A flipped bit in a count must not keep the agent from validating until its lease ends."""
    path = tmp_path / "seats.sqlite3"
    path.write_bytes(whole)
    assert journal_flaw(path) == ""
    with closing(sqlite3.connect(path)) as database:
        database.execute(statement)
        database.commit()
    assert journal_flaw(path)
    with closing(open_journal(path, START + 60)) as journal:
        assert journal.warning is not None
        assert not journal.remembered()[0].seats
