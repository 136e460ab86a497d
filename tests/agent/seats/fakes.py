"""Stand-ins for what the seats need: a journal in memory that can fail, and the whole of it put together."""

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

from agent.domain.mode import Standing
from agent.domain.seats import Change, Remembered, Wanted
from agent.domain.usage import Report
from agent.services.bookkeeping import Journal
from agent.services.seating import Seating, SeatSettings
from agent.store.seats import SqlJournal, open_journal
from keys.errors import UnavailableError
from tests.agent.seats.factories import a_standing
from tests.fakes import TurnableClock


class MemoryJournal:
    """A journal (agent.services.bookkeeping.Journal) that keeps what it is told, and fails when it should."""

    def __init__(self) -> None:
        self.written: list[Change] = []
        self.counts: list[Report] = []
        self.reserve: list[Change] = []
        self.is_full = self.has_no_reserve = False
        self.before_writing: Callable[[], object] = lambda: None

    def remembered(self) -> tuple[Remembered, Report]:
        return Remembered(), Report()

    def write(self, changes: Sequence[Change], counts: Report) -> None:
        self.before_writing()
        if self.is_full:
            raise UnavailableError("full", 5)
        self.written += changes
        self.counts.append(counts)

    def write_with_reserve(self, changes: Sequence[Change]) -> None:
        if self.has_no_reserve:
            raise UnavailableError("very full", 5)
        self.reserve += changes


def counting_randomness() -> Callable[[int], bytes]:
    """Return bytes that differ each time."""
    numbers: Iterator[int] = iter(range(1, 10**9))

    def next_bytes(length: int) -> bytes:
        return (next(numbers) << 4).to_bytes(length)

    return next_bytes


class Office:
    """The seats of one home, with a clock that can be turned and a licence that can be changed."""

    def __init__(self, journal: Journal, clock: TurnableClock | None = None, idle: int = 0, **licence: Any) -> None:
        self.clock = clock or TurnableClock()
        self.journal = journal
        self.standing: Callable[[], Standing] = lambda: a_standing(now=self.clock.now(), **licence)
        self.seating = Seating(
            journal,
            clock=self.clock,
            randomness=counting_randomness(),
            standing=self.present,
            settings=SeatSettings(administrator="Root", idle=idle),
        )

    def present(self) -> Standing:
        """Return how the licence stands now."""
        return self.standing()

    def ask(self, user: str, client: str = "pc") -> str:
        return self.seating.check_out(Wanted(user, client)).seat_id

    def users(self) -> list[str]:
        return sorted({held.seat.user for held in self.seating.occupation().held})


def a_journal(folder: Path, now: int = TurnableClock().now()) -> SqlJournal:
    """Open the journal in a folder."""
    return open_journal(folder / "seats.sqlite3", now)
