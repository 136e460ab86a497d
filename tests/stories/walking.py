"""A walk over every position of an operation: it is killed at each, and what its start finds afterwards is judged."""

import hashlib
import json
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, NullPool, create_engine, text

from tests.faults import strace
from tests.faults.strace import Position
from tests.stories.callers import promise
from tests.stories.processes import Cradle
from tests.threats.plugin import Rounds

SUSPICIONS = frozenset(
    {
        *("state_rolled_back", "state_returned", "clone_suspected", "clone_detected"),
        *("activation_rebuilt", "evidence_accepted", "licence_recovered", "activation_conflict"),
    }
)
"""What the server writes down where the chain of an agent is not what it expects."""

_TRIES = 3
"""So often a position is looked for: not every run makes every call, such as SQLite's for one page more."""
_MISSED = 0.2


@dataclass(frozen=True, slots=True)
class Once:
    """One run of an operation."""

    hit: bool
    """It was killed."""
    counts: Counter[str]
    """How often each call was made, by the thread that made it most often."""
    said: str = ""
    """What it printed."""


@dataclass(frozen=True, slots=True)
class Walked:
    """What came of a walk in which no promise was broken."""

    positions: int
    killed: int

    def __str__(self) -> str:
        return f"{self.killed} kills at {self.positions} positions"


def walk(once: Callable[[Position | None], Once], rounds: Rounds, *, sample: int, most: int = 1_000) -> Walked:
    """Count the positions of an operation in runs without a kill, then kill it at each, or at a sample of them.

    The first run only warms up what later ones find warm, such as caches and SQLite's log. Of three more the one in the
    middle counts, call by call: beside one of them the program may do something else that it seldom does.
    ``once`` brings about what the operation needs, runs it, starts what was killed anew, and raises BrokenPromiseError
    where something acknowledged is gone or something is there twice. ``most``: so many positions at most, spread.
    """
    once(None)
    counts = [once(None).counts for _ in range(3)]
    found = strace.positions({call: sorted(each[call] for each in counts)[1] for call in counts[0] | counts[1]})
    chosen = strace.spread(found, rounds(min(len(found), most), sample=sample))
    missed = [position for position in chosen if not any(at(once, position).hit for _ in range(_TRIES))]
    promise(len(missed) <= _MISSED * len(chosen), f"of {len(chosen)} positions, these were never reached: {missed}")
    return Walked(len(chosen), len(chosen) - len(missed))


def at(once: Callable[[Position | None], Once], position: Position) -> Once:
    """Run an operation that is killed at a position; say which, where a promise is broken."""
    try:
        return once(position)
    except BaseException as error:
        error.add_note(f"killed at {position}")
        raise


def run_to_its_end(cradle: Cradle, position: Position | None, *arguments: object) -> Once:
    """Run a command until it ends or is killed at a position."""
    pid = cradle.start(*map(str, arguments), held=True)
    strace.held(pid)
    with strace.attached([pid], cradle.folder / "trace", position) as trace:
        strace.let_go(pid)
        hit = trace.until_over()
    cradle.kill()
    return Once(hit, trace.counts(), cradle.out.read_text())


def drafts(home: Path) -> int:
    """Return how many drafts of files the kills have left behind: litter, which counts for nothing."""
    return sum(1 for _ in home.rglob(".*.draft"))


def check_undamaged(home: Path) -> None:
    """Raise BrokenPromiseError where something was taken for damaged and set aside: a kill damages nothing."""
    aside = [path.name for path in home.rglob("*.damaged-*")]
    promise(not aside, f"a kill was taken for damage: {aside}")


@dataclass(frozen=True, slots=True)
class Record:
    """What the licence server's database says, read beside its running process."""

    engine: Engine

    @classmethod
    def of(cls, home: Path, url: str | None = None) -> "Record":
        """Read the SQLite file of a home, or another database."""
        file = f"sqlite:///file:{home / 'licences.sqlite3'}?mode=ro&uri=true"
        return cls(create_engine(url or file, poolclass=NullPool))

    def rows(self, query: str, **values: object) -> list[tuple[Any, ...]]:
        """Return what a query finds."""
        with self.engine.connect() as connection:
            return [tuple(row) for row in connection.execute(text(query), values)]

    def events(self, licence: str) -> list[tuple[str, dict[str, Any]]]:
        """Return what was written down about a licence: word and details."""
        found = self.rows("SELECT event, details FROM audit WHERE subject = :licence ORDER BY seq", licence=licence)
        return [(event, json.loads(details)) for event, details in found]

    def check(self, licence: str, *held: str) -> int:
        """Compare all that is stored of a licence; return the number of the last document.

        One activation has the licence and its code, its documents are numbered without gap, each has its row in the
        audit record once, and nobody is suspected.

        Args:
            licence: its id.
            held: documents that the agent was answered, the last of which has to be the head.
        """
        rows = self.rows("SELECT id, seq, last_document FROM activations WHERE licence_id = :licence", licence=licence)
        promise(len(rows) == 1, f"{licence} has {len(rows)} activations")
        activation, head, last = rows[0]
        query = "SELECT used_by FROM codes WHERE licence_id = :licence AND used_at IS NOT NULL"
        used = self.rows(query, licence=licence)
        promise(used == [(activation,)], f"the code is used by {used}, and the licence by {activation}")
        numbers = self.rows("SELECT seq FROM documents WHERE activation_id = :id ORDER BY seq", id=activation)
        promise([seq for (seq,) in numbers] == list(range(1, head + 1)), f"documents {numbers}, and the head is {head}")
        self._check_events(licence, head, held)
        promise(not held or held[-1] == last, f"the agent holds another document than the server's {head}th")
        return int(head)

    def _check_events(self, licence: str, head: int, held: Iterable[str]) -> None:
        events = self.events(licence)
        written = {details["seq"]: details["document"] for _, details in events if "document" in details}
        rows = sum("document" in details for _, details in events)
        promise(rows == head and sorted(written) == list(range(1, head + 1)), f"the record has the documents {written}")
        digests = [hashlib.sha256(document.encode()).hexdigest() for document in held]
        promise(set(digests) <= set(written.values()), "the record lacks a document that was answered")
        promise(not [word for word, _ in events if word in SUSPICIONS], f"the agent is suspected: {events}")
