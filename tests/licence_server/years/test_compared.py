"""What the years of test_years.py leave out, put back: the database, the text of the documents, the services."""

import json
import random
from collections import Counter as Count
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from keys.signing import SoftwareSigner
from licence_server.domain.audit import Note
from licence_server.storage.engine import Database
from tests.contract.serving import in_memory
from tests.licence_server.years.conftest import New
from tests.licence_server.years.counter import Counter, Vendor
from tests.licence_server.years.histories import CLONES, DAY, START, VERY_OFTEN, clone_rounds, honest_year
from tests.licence_server.years.memory import Memory
from tests.licence_server.years.quick import QuickDesk
from tests.licence_server.years.rule import Rule
from tests.threats.plugin import Figure, Rounds


@dataclass
class Told:
    """All that a server said and wrote down in one year."""

    answers: str
    found: Count[str]
    record: list[tuple[int, str, str, str, str]]


def as_recorded(note: Note) -> tuple[int, str, str, str, str]:
    details = json.dumps(note.details, sort_keys=True, separators=(",", ":"), ensure_ascii=True)
    return note.at, note.actor, note.event, note.subject, details


def beginning(seed: int) -> int:
    """One year after the other, since a database's record takes nothing that is older than its end."""
    return START + seed * 400 * DAY


def told_in_memory(desk: QuickDesk, signer: SoftwareSigner, seed: int) -> Told:
    """A year with written documents, stored in memory."""
    memory = Memory()
    vendor = Vendor(memory.units, random.Random(seed).randbytes, desk)
    vendor.clock.wall = beginning(seed)
    server = Counter(vendor, signer, lambda _: [note.event for note in memory.audit.notes], f"cus_{seed}")
    honest_year(server, seed, VERY_OFTEN, beginning(seed))
    return Told(server.answers.hexdigest(), server.found, [as_recorded(note) for note in memory.audit.notes])


def told_in_database(database: Database, desk: QuickDesk, signer: SoftwareSigner, seed: int) -> Told:
    """The same year over a real database."""

    def events(licence_id: str) -> list[str]:
        with database.reading() as unit:
            return [entry.event for entry in unit.audit.entries() if entry.subject == licence_id]

    vendor = Vendor(database.unit, random.Random(seed).randbytes, desk)
    vendor.clock.wall = beginning(seed)
    with database.reading() as unit:
        before = unit.audit.count()
    server = Counter(vendor, signer, events, f"cus_{seed}")
    honest_year(server, seed, VERY_OFTEN, beginning(seed))
    with database.reading() as unit:
        entries = list(unit.audit.entries(before))
    record = [(entry.at, entry.actor, entry.event, entry.subject, entry.details) for entry in entries]
    return Told(server.answers.hexdigest(), server.found, record)


@pytest.fixture
def database(migrated_file: Path, desk: QuickDesk) -> Iterator[Database]:
    with in_memory() as folder:
        copy = folder / "server.sqlite3"
        copy.write_bytes(migrated_file.read_bytes())
        database = Database(f"sqlite:///{copy}", desk)
        yield database
        database.close()


@pytest.mark.long
@pytest.mark.threat(5)
def test_memory_says_and_records_what_a_database_does(
    database: Database, desk: QuickDesk, rounds: Rounds, figure: Figure
) -> None:
    """Every answer is the same, byte for byte, and so is every entry of the record."""
    years, entries = rounds(20, sample=3), 0
    for seed in range(years):
        signer = SoftwareSigner.generate()
        told = told_in_database(database, desk, signer, seed)
        assert told == told_in_memory(desk, signer, seed)
        assert told.found
        entries += len(told.record)
    figure(f"{years} years on SQLite and in memory: the same answers, and the same {entries:,} entries of the record")


@pytest.mark.long
@pytest.mark.threat(5)
def test_years_without_the_text_of_documents_find_the_same(
    new: New, desk: QuickDesk, rounds: Rounds, figure: Figure
) -> None:
    """The rule of the chain alone finds the same, too."""
    years, found = rounds(100, sample=10), Count[str]()
    for seed in range(years):
        written = told_in_memory(desk, SoftwareSigner.generate(), seed).found
        unwritten, rule = new(seed), Rule()
        for server in (unwritten, rule):
            honest_year(server, seed, VERY_OFTEN, beginning(seed))
        assert unwritten.found == rule.found == written
        found += written
    figure(f"{years} years with and without the text of documents: the same {found.total():,} findings")


@pytest.mark.parametrize("kind", CLONES)
def test_clones_show_at_the_use_cases_when_they_do_in_the_rule(new: New, kind: str) -> None:
    for seed in range(8):
        assert clone_rounds(new(seed), seed, kind) == clone_rounds(Rule(), seed, kind)
