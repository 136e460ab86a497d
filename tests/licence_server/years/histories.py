"""Years of honest servers, and rounds of cloned ones: is anybody accused, is anybody missed?

An honest year has a validation a day, lost requests and replies that are tried again, days without a line, a laptop's
nights and weekends, reboots, restored disks, and drills that go back to where they were, half of them by a memory
snapshot, which brings the old boot back with a gap. All clocks drift, and the vendor's is stepped by NTP.

Clones are plain; kept in step by copying the state before every validation; hidden behind one forged boot; or reset to
the same old state each time.
"""

import random
from dataclasses import dataclass, field
from typing import Any

from tests.licence_server.years.machines import Line, Machine, Paper, Server, accused

DAY = 86_400
START = 1_800_000_000
SELDOM, OFTEN, VERY_OFTEN = 0.003, 0.02, 0.08
"""Restores a day: about 1, 7 and 29 a year."""
CLONES = ("plain", "in step", "hidden", "reset")
MOST_ROUNDS = 60
_LOSS = 0.3


class CloneMissedError(Exception):
    """A copy went on for all rounds, and nobody noticed."""


@dataclass
class Year:
    """A server, and what befalls it."""

    line: Line
    rnd: random.Random
    snapshots: list[tuple[Paper, Any]] = field(default_factory=list)
    restored: list[int] = field(default_factory=list)

    def live(self, restores_a_day: float) -> None:
        """Live through 365 days with at most three restores in 30 of them."""
        rnd, machine = self.rnd, Machine(self.line, 0, self.line.server.head)
        is_laptop, dark = rnd.random() < 0.1, 0
        for day in range(365):
            now = day * DAY + rnd.random() * 3600
            if rnd.random() < 0.05:
                machine.reboot(now)
            dark = rnd.randrange(1, 10) if rnd.random() < 0.005 else dark - 1
            if not (is_laptop and day % 7 >= 5):
                now = self._validate(machine, now, 1 if dark > 0 else _LOSS)
            if rnd.random() < 0.3:
                self.snapshots.append(machine.disk())
            self.restored = [then for then in self.restored if then > day - 30]
            if self.snapshots and rnd.random() <= restores_a_day and len(self.restored) < 3:
                machine = self._restore(machine, day, now)

    def _validate(self, machine: Machine, now: float, loss: float) -> float:
        """Validate, and try again after a while; now and then somebody asks once more by hand."""
        for _ in range(3):
            if machine.validate(now, loss) and self.rnd.random() < 0.95:
                return now
            now += self.rnd.uniform(1, 600)
        return now

    def _restore(self, machine: Machine, day: int, now: float) -> Machine:
        """Put an old disk into a new machine; of every five times two are drills that go back again."""
        self.restored.append(day)
        self.line.counts["restores"] += 1
        left, now = now, now + self.rnd.uniform(90, 7200)
        other = Machine(self.line, now, *self.rnd.choice(self.snapshots))
        for _ in range(self.rnd.randrange(3)):
            now += self.rnd.random() * 600
            other.validate(now, _LOSS)
        if self.rnd.random() >= 0.4 or len(self.restored) >= 3:
            return other
        self.restored.append(day)
        self.line.counts["drills"] += 1
        now += self.rnd.uniform(60, 7200)
        back = Machine(self.line, now, *machine.disk())
        if self.rnd.random() < 0.5:
            back.boot, back.started_at, back.drift = machine.boot, machine.started_at + (now - left), machine.drift
        return back


def honest_year(server: Server, seed: int, restores_a_day: float, start: int = START) -> Line:
    """Let a customer live honestly for a year, and return what lay between."""
    rnd = random.Random(seed)
    line = Line(server, rnd, start)
    Year(line, rnd).live(restores_a_day)
    return line


@dataclass
class Clone:
    """Two machines of one activation."""

    line: Line
    rnd: random.Random
    kind: str
    now: float = 0

    def rounds(self) -> int | None:
        """Return how often each copy validated until it showed; None: it got no licence of its own.

        A copy that is set back to a request on its way shares the answer with the original, and is turned away after.
        """
        original = Machine(self.line, 0, self.line.server.head)
        forged = original.boot if self.kind in {"hidden", "reset"} else ""
        self._days(original, self.rnd.randrange(2, 60), _LOSS)
        snapshot = original.disk()
        copy = Machine(self.line, self.now + 300, *snapshot)
        self._days(original, self.rnd.randrange(5), 0)
        for done in range(1, MOST_ROUNDS + 1):
            self._round(original, copy, snapshot, forged)
            if accused(self.line.server.found):
                return done
        if copy.licences > 1:
            raise CloneMissedError(self.kind)
        return None

    def _round(self, original: Machine, copy: Machine, snapshot: tuple[Paper, Any], forged: str) -> None:
        """Both validate within one interval, in any order."""
        self.now += DAY
        now = self.now
        for machine in self.rnd.sample([original, copy], 2):
            now += self.rnd.uniform(60, 20_000)
            if self.kind == "in step":
                machine.held, machine.pending = max(original.disk(), copy.disk(), key=lambda disk: disk[0].seq)
            if self.kind == "reset" and machine is copy:
                machine.held, machine.pending = snapshot
            machine.validate(now, 0.1, forged)

    def _days(self, machine: Machine, count: int, loss: float) -> None:
        for _ in range(count):
            self.now += DAY
            machine.validate(self.now, loss)


def clone_rounds(server: Server, seed: int, kind: str, start: int = START) -> int | None:
    """Return how often each copy validated until it showed; None: no licence of its own. Raises CloneMissedError."""
    rnd = random.Random(seed)
    return Clone(Line(server, rnd, start), rnd, kind).rounds()
