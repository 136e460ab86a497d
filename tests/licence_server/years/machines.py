"""One customer's server, or one copy of it: what it holds, what it sends, and what its clocks do."""

import itertools
import random
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from keys.documents.requests import Boot

DRIFT = 30e-6
"""A boot clock gains or loses at most so much of the time that passes: 2.6 seconds a day."""


@dataclass(frozen=True, slots=True)
class Paper:
    """A licence in hand, by its id and its place in the chain."""

    id: str
    seq: int


class Server(Protocol):
    """The vendor, as one activation sees it."""

    @property
    def head(self) -> Paper:
        """The newest document."""

    @property
    def found(self) -> Mapping[str, int]:
        """What a person was told, and how often."""

    def compose(self, previous: Paper, boot: Boot, now: int) -> Any:
        """Make the request of a machine that holds a paper."""

    def answer(self, request: Any, now: int) -> Paper | None:
        """Answer a request; None where it was answered before."""


def accused(found: Mapping[str, int]) -> bool:
    return "clone_detected" in found or "clone_suspected" in found


class Watch:
    """The vendor's clock: it drifts for hours, by up to 25 seconds, until NTP steps it back to the right time."""

    def __init__(self, rnd: random.Random, start: int) -> None:
        self._rnd, self._start = rnd, start
        self._since, self._until, self._rate = 0.0, 0.0, 0.0

    def at(self, moment: float) -> int:
        """Return what the clock shows at a moment of the history, in seconds since its beginning."""
        while moment >= self._until:
            hours = self._rnd.uniform(2, 96)
            self._since, self._until = self._until, self._until + hours * 3600
            self._rate = self._rnd.uniform(-25, 25) / (hours * 3600)
        return self._start + int(moment + (moment - self._since) * self._rate)


class Line:
    """What lies between machines and server: requests and replies are lost on it, and each takes up to five seconds."""

    def __init__(self, server: Server, rnd: random.Random, start: int) -> None:
        self.server, self.rnd = server, rnd
        self.watch = Watch(random.Random(rnd.getrandbits(64)), start)
        self.numbers = itertools.count(1)
        self.counts: Counter[str] = Counter()

    def ask(self, request: Any, now: float, loss: float) -> tuple[Paper | None, bool]:
        """Return the answer, and whether anything came back."""
        self.counts["sent"] += 1
        if self.rnd.random() < loss / 2:
            return None, False
        answer = self.server.answer(request, self.watch.at(now + self.rnd.random() * 5))
        return answer, self.rnd.random() >= loss / 2


@dataclass
class Machine:
    """A machine that runs."""

    line: Line
    started_at: float
    held: Paper
    pending: Any = None
    """A request that was stored and not answered yet: it is sent again byte for byte."""
    boot: str = ""
    drift: float = 0.0
    licences: int = 0
    """How many were signed for it, repeated answers not counted."""

    def __post_init__(self) -> None:
        self.drift = self.line.rnd.uniform(-DRIFT, DRIFT)
        self.reboot(self.started_at)

    def reboot(self, now: float) -> None:
        self.boot, self.started_at = f"boot-{next(self.line.numbers)}", now

    def disk(self) -> tuple[Paper, Any]:
        return self.held, self.pending

    def uptime(self, now: float) -> float:
        """Seconds on the boot clock: time asleep counts."""
        return (now - self.started_at) * (1 + self.drift)

    def validate(self, now: float, loss: float, boot: str = "") -> bool:
        """Send the stored request, or a new one; tell whether an answer came."""
        server = self.line.server
        if self.pending is None:
            running = Boot(boot or self.boot, round(self.uptime(now), 3))
            self.pending = server.compose(self.held, running, int(now))
        head = server.head
        answer, arrived = self.line.ask(self.pending, now, loss)
        if not arrived:
            return False
        self.pending = None
        self.held = answer or self.held
        self.licences += answer is not None and answer != head
        return True
