"""The books of the seats: work is done in order, stored in one commit for all who wait, and only then answered."""

import math
from collections.abc import Callable, Sequence
from typing import Protocol, TypeVar

from agent.domain.ledger import Ledger
from agent.domain.seats import Allowance, Assigned, Change, Overdrawn, Remembered, Taken
from agent.domain.usage import Report, Tally
from agent.services.committing import GroupCommit, Waiting
from keys.clock import Clock
from keys.errors import UnavailableError

T = TypeVar("T")

_TELL_EVERY = 60
"""Seconds after which counts are written even where no seat changes hands."""


class Journal(Protocol):
    """Where changes survive kill -9 and power cuts."""

    def remembered(self) -> tuple[Remembered, Report]:
        """Return what is stored."""
        ...

    def write(self, changes: Sequence[Change], counts: Report) -> None:
        """Store all of it, durably, or nothing. Raises UnavailableError."""
        ...

    def write_with_reserve(self, changes: Sequence[Change]) -> None:
        """Store what makes room, if need be in the space that was kept free for it. Raises UnavailableError."""
        ...


class Books:
    """The ledger in memory and the journal on disk, which never say different things for longer than one batch.

    The attributes are for the work that is submitted, and for nobody else: it runs in one thread at a time.
    """

    def __init__(self, journal: Journal, clock: Clock, allow: Callable[[], Allowance]) -> None:
        """Take up what the journal remembers. ``allow`` is asked once for every batch; what it raises, callers get."""
        remembered, counts = journal.remembered()
        self.now, self.allowance = clock.boot(), allow()
        self.ledger = Ledger(remembered, self.now, self.allowance.ttl)
        self.tally = Tally(counts)
        self.commits = self.failed_commits = 0
        self._journal, self._clock, self._allow = journal, clock, allow
        self._told_at = self.now
        self._unwritten: list[Change] = []
        self._aftermath: list[Callable[[], None]] = []
        self._queue = GroupCommit(self._run)

    def begin(self, work: Callable[[], T]) -> Waiting[T]:
        """Have work done on the ledger, in its order, together with what else is begun before anybody finishes.

        Work may run twice, when the disk was full at first: what it counts it must leave to ``afterwards``.
        """
        return self._queue.begin(work)

    def finish(self, waiting: Waiting[T]) -> T:
        """Return what came of it, once it is stored. Raises UnavailableError: it could not be, and was undone."""
        return self._queue.finish(waiting)

    def submit(self, work: Callable[[], T]) -> T:
        """Begin and finish in one."""
        return self.finish(self.begin(work))

    def afterwards(self, note: Callable[[], None]) -> None:
        """Have something counted when the batch is over."""
        self._aftermath.append(note)

    def hurry(self) -> None:
        """Write the counts with this batch, whether or not anything else is to be written."""
        self._told_at = -math.inf

    def _run(self, batch: Sequence[Waiting[object]]) -> None:
        try:
            self.now, self.allowance = self._clock.boot(), self._allow()
            self._work(batch)
            if self.ledger.changes or self._unwritten or self._counts_are_due():
                self._store(batch)
            for note in self._aftermath:
                note()
            self.tally.peak(self.allowance.now, *self._in())
        except BaseException:
            self.ledger.undo()
            raise

    def _work(self, batch: Sequence[Waiting[object]], failure: UnavailableError | None = None) -> None:
        """Do the work of all; after a ``failure`` to write, refuse whatever has to be written before it is told."""
        changes = self.ledger.changes
        self._aftermath.clear()
        self.ledger.begin(self.allowance, self.now)
        for waiting in batch:
            before, noted = len(changes), len(self._aftermath)
            waiting.error = None
            try:
                waiting.value = waiting.work()
                if failure is not None and not _only_makes_room(changes[before:]):
                    del self._aftermath[noted:]
                    self.ledger.undo(before)
                    waiting.error = failure
            except Exception as error:  # noqa: BLE001 - raised again in the one who asked
                self.ledger.undo(before)
                waiting.error = error

    def _store(self, batch: Sequence[Waiting[object]]) -> None:
        now, people = self.allowance.now, self._in()
        counts = self.tally.unwritten_with_peak(now, *people)
        try:
            self._journal.write([*self._unwritten, *self.ledger.changes], counts)
        except UnavailableError as failure:
            self.failed_commits += 1
            self.ledger.undo()
            self._work(batch, failure)
            self._store_what_makes_room()
            return
        self.commits += 1
        self._unwritten = []
        self.ledger.changes.clear()
        self.tally.peak(now, *people)
        self.tally.written(counts)
        self._told_at = self.now

    def _store_what_makes_room(self) -> None:
        """Store releases; where even that fails keep them in mind: at worst, a crash gives those seats one more ttl.

        They go into the same commit as the next seat that is given, so nobody gets a place that is not free on disk.
        """
        self._unwritten += self.ledger.changes
        self.ledger.changes.clear()
        if not self._unwritten:
            return
        try:
            self._journal.write_with_reserve(self._unwritten)
            self._unwritten = []
        except UnavailableError:
            self.failed_commits += 1

    def _in(self) -> tuple[int, int]:
        """Return how many users and clients are in."""
        users, clients, _ = self.ledger.counts(self.allowance)
        return users.used, clients.used

    def _counts_are_due(self) -> bool:
        return self.now >= self._told_at + _TELL_EVERY and self.tally.has_unwritten


def _only_makes_room(changes: Sequence[Change]) -> bool:
    return not any(isinstance(change, Taken | Assigned | Overdrawn) for change in changes)
