"""A customer's server: hardware, disk, clocks, the agent's process and the seats of its CRM."""

import os
import shutil
from collections.abc import Callable, Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass, field, fields, replace
from pathlib import Path
from random import Random
from typing import TypeVar

from agent.domain.mode import Standing
from agent.domain.seats import Change, Held, Remembered, Wanted
from agent.domain.time import Ledger
from agent.domain.usage import Report
from agent.services.seating import Answer, Seating, SeatSettings
from agent.store.seats import SqlJournal, open_journal
from keys.errors import LicensingError
from tests.agent.rig import FailingDisk, PowerCutError
from tests.contract.installed import Installed
from tests.fakes import TurnableClock
from tests.model.line import Line, Wired

T = TypeVar("T")
URL = "https://licence.example.com"
ADMINISTRATOR = "boss"
TTL = 120
START_UP = 20.0
"""Seconds on the boot clock when the agent's process begins after a start of the machine."""


@dataclass
class Seat:
    """A seat that was answered for, until a moment on the boot clock."""

    user: str
    fence: int
    ends_at: float


@dataclass
class Known:
    """What the model knows of a disk; it goes where the disk goes."""

    seats: dict[str, Seat] = field(default_factory=dict)
    users: frozenset[str] = frozenset()
    """Who was in when somebody looked last."""
    fence: int = 0
    ran: float = 0.0
    """Running time that the agent on this disk has seen and stored, by the boot that it saw last."""
    boot: tuple[str, float] = ("", 0.0)
    signed: dict[str, float] = field(default_factory=dict)
    """The running time of this disk when a document was signed for it."""
    ahead: dict[str, int] = field(default_factory=dict)
    """Seconds that the wall clock was ahead when a document came: so much an agent allows for while it is off."""

    def now(self, boot: str, seconds: float) -> float:
        """Return the running time of this disk."""
        return self.ran + (max(0.0, seconds - self.boot[1]) if boot == self.boot[0] else seconds)

    def kept(self, boot: str, seconds: float) -> None:
        """Note that the agent wrote its running time down."""
        self.ran, self.boot = self.now(boot, seconds), (boot, seconds)


@dataclass
class Snapshot:
    """A disk as it was."""

    folder: Path
    known: Known
    at: int


class CutJournal:
    """The seats' journal on a disk that can stop the machine before or just after it commits."""

    def __init__(self, journal: SqlJournal, disk: FailingDisk) -> None:
        self._journal, self._disk = journal, disk

    def remembered(self) -> tuple[Remembered, Report]:
        return self._journal.remembered()

    def write(self, changes: Sequence[Change], counts: Report) -> None:
        self._disk._change(lambda: self._journal.write(changes, counts))

    def write_with_reserve(self, changes: Sequence[Change]) -> None:
        self._disk._change(lambda: self._journal.write_with_reserve(changes))

    def ledger(self) -> Ledger | None:
        return self._journal.ledger()

    def keep_ledger(self, ledger: Ledger) -> None:
        self._disk._change(lambda: self._journal.keep_ledger(ledger))

    def close(self) -> None:
        self._journal.close()


class Machine(Installed):
    """One server; ``name`` is for the story."""

    seating_class: type[Seating] = Seating

    def __init__(self, name: str, folder: Path, line: Line, wall: int, hardware: Mapping[str, str]) -> None:
        self.name, self.line, self.known, self.disk = name, line, Known(), FailingDisk()
        self.is_on, self.boots, self.chance = True, 0, Random(name)
        self.journal: CutJournal | None = None
        super().__init__(folder, TurnableClock(wall, START_UP), URL, hardware, f"{name}, boot 0")

    def begin(self) -> None:
        """Start the daemon: whatever the process before remembered beside its home is gone."""
        if self.journal is not None:
            self.journal.close()
        super().begin()
        self.disk = FailingDisk()
        object.__setattr__(self.agent.home, "disk", self.disk)
        around = replace(self.agent.around, randomness=self.chance.randbytes)
        parts = {each.name: getattr(self.agent, each.name) for each in fields(self.agent)}
        parts |= {"line": self.line, "around": around}
        self.agent = Wired(**parts)
        journal = open_journal(self.home.folder / "seats.sqlite3", self.clock.now())
        self.journal = CutJournal(journal, self.disk)
        self.judging.timekeeping.take_up(journal.ledger(), self.judging.holding.hand())
        self.seating = self.seating_class(
            self.journal,
            clock=self.clock,
            randomness=os.urandom,
            standing=self.agent.judging.standing,
            settings=SeatSettings(TTL, ADMINISTRATOR),
        )
        self.reports = self.seating

    # Power, disk and clock

    def reboot(self) -> None:
        """Start the machine anew."""
        left = {seat_id: seat.ends_at - self.clock.boot() for seat_id, seat in self.known.seats.items()}
        self.boots += 1
        self.boot, self.clock.booted, self.is_on = f"{self.name}, boot {self.boots}", START_UP, True
        self.known.seats = {seat_id: seat for seat_id, seat in self.known.seats.items() if left[seat_id] > 0}
        for seat in self.known.seats.values():
            seat.ends_at = START_UP + TTL
        self.begin()

    def stop(self) -> None:
        """Switch the machine off."""
        self.is_on = False

    def pass_time(self, seconds: int) -> None:
        """Let time pass: on a machine that is off, only the battery's clock goes on."""
        if self.is_on:
            self.clock.advance(seconds)
        else:
            self.clock.turn(seconds)

    def close(self) -> None:
        if self.journal is not None:
            self.journal.close()
            self.journal = None

    def snapshot(self, folder: Path, now: int) -> Snapshot:
        """Copy the disk."""
        shutil.copytree(self.folder, folder)
        return Snapshot(folder, deepcopy(self.known), now)

    def load(self, snapshot: Snapshot) -> None:
        """Put a disk in place of this one, and start the machine."""
        self.close()
        shutil.rmtree(self.folder)
        shutil.copytree(snapshot.folder, self.folder)
        self.known = deepcopy(snapshot.known)
        self.known.seats.clear()
        self.reboot()

    def take_state_of(self, other: "Machine") -> None:
        """Bring this machine's disk in step with another's, while both run on."""
        self.close()
        shutil.rmtree(self.folder)
        shutil.copytree(other.folder, self.folder)
        self.known = deepcopy(other.known)
        self.known.seats.clear()
        self.begin()

    # What the daemon and people do

    def do(self, work: Callable[[], T]) -> T | str:
        """Do something; return what came of it, or the word of the refusal. A cut starts the process anew."""
        try:
            return work()
        except LicensingError as refusal:
            return refusal.word
        except PowerCutError:
            self.begin()
            return "cut"

    def wake(self) -> bool:
        """Let the daemon do what is due; tell whether nothing went wrong."""
        self.said.clear()
        done = self.do(self._loops)
        if done != "cut":
            self.known.kept(self.boot, self.clock.boot())
        return done is None and not self.said

    def _loops(self) -> None:
        self.step()
        ledger = self.judging.timekeeping.keep(self.judging.holding.hand())
        if ledger is not None and self.journal is not None:
            self.journal.keep_ledger(ledger)

    def stands(self) -> Standing:
        """Return how the licence stands; a process that is cut meanwhile is started anew."""
        for _ in range(3):
            standing = self.do(lambda: self.standing)
            if not isinstance(standing, str):
                return standing
        raise AssertionError("the agent does not start")

    @property
    def ran(self) -> float:
        return self.known.now(self.boot, self.clock.boot())

    def was_signed(self, document_id: str) -> None:
        """Note that the vendor signed a document for this machine."""
        if document_id not in self.known.signed:
            self.known.kept(self.boot, self.clock.boot())
            self.known.signed[document_id] = self.known.ran

    # What the CRM does

    def check_out(self, user: str, client: str) -> Answer | str:
        return self._seated(user, self.do(lambda: self.seating.check_out(Wanted(user, client))))

    def check_out_at_once(self, users: list[str]) -> list[Answer | str]:
        """Let many ask before anybody is answered."""
        begun = [self.seating.begin_check_out(Wanted(user, "pc")) for user in users]
        return [self._seated(user, self.do(finish)) for user, finish in zip(users, begun, strict=True)]

    def heartbeat(self) -> None:
        known, now = self.known.seats, self.clock.boot()
        answer = self.do(lambda: self.seating.heartbeat(list(known)))
        if isinstance(answer, tuple):
            for seat_id in answer[0]:
                known[seat_id].ends_at = now + TTL
            for seat_id in answer[1]:
                del known[seat_id]

    def release(self, seat_id: str) -> None:
        self.do(lambda: self.seating.release(seat_id))
        self.known.seats.pop(seat_id, None)

    def held(self) -> tuple[Held, ...]:
        for _ in range(3):
            occupation = self.do(self.seating.occupation)
            if not isinstance(occupation, str):
                return occupation.held
        raise AssertionError("the agent does not start")

    def _seated(self, user: str, answer: Answer | str) -> Answer | str:
        if isinstance(answer, Answer):
            self.known.seats[answer.seat_id] = Seat(user, answer.fence, self.clock.boot() + answer.expires_in)
        return answer
