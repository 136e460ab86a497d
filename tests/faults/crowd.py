"""Callers who take their time: connections that stay half-open, bodies that never end, bodies that are far too large.

Every connection sends one byte now and then, so that it never looks idle, and is opened anew when the server closes it.
The crowd lives in a thread of its own and knows nothing of what it is told. It can't exhaust a network or a kernel: it
holds a few hundred connections, as one machine of an attacker does.
"""

import selectors
import socket
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from threading import Event, Thread
from typing import Literal

from keys.clock import SystemClock

Manner = Literal["half-open", "half-posted", "huge", "huge and slow"]
GIB = 1 << 30
_BEFORE_HEADERS_END = b"POST /agent/v1/validations HTTP/1.1\r\nHost: licences.example.com\r\nX-Patience: "
_HEADERS = b"POST /agent/v1/validations HTTP/1.1\r\nHost: licences.example.com\r\nContent-Type: application/jwt\r\n"
_OPENING: dict[Manner, bytes] = {
    "half-open": _BEFORE_HEADERS_END,
    "half-posted": _HEADERS + b"Content-Length: 4000\r\n\r\n" + b"a" * 2000,
    "huge": _HEADERS + b"Content-Length: %d\r\n\r\n" % GIB,
    "huge and slow": _HEADERS + b"Content-Length: %d\r\n\r\n" % GIB,
}
_BYTES: dict[Manner, int] = {"half-open": 1, "half-posted": 1, "huge": 65_536, "huge and slow": 1}
_EVERY: dict[Manner, float] = {"half-open": 1.0, "half-posted": 1.0, "huge": 0.02, "huge and slow": 1.0}
_REOPENED_AFTER = 0.5


@dataclass(slots=True)
class Caller:
    """One connection, and what it does next."""

    manner: Manner
    address: tuple[str, int]
    line: socket.socket | None = None
    due: float = 0.0

    def go_on(self, now: float) -> None:
        """Open the connection, or send a little more. Raises OSError when the server has had enough."""
        if self.line is None:
            self.line = socket.create_connection(self.address, 5)
            self.line.setblocking(False)
            self.line.send(_OPENING[self.manner])
        else:
            with suppress(BlockingIOError):
                self.line.send(b"a" * _BYTES[self.manner])
        self.due = now + _EVERY[self.manner]

    def hang_up(self, now: float) -> None:
        if self.line is not None:
            self.line.close()
        self.line, self.due = None, now + _REOPENED_AFTER


@dataclass
class Crowd:
    """All of them; ``closed`` counts by manner how often the server ended a connection."""

    callers: list[Caller]
    closed: Counter[Manner] = field(default_factory=Counter)
    _over: Event = field(default_factory=Event)

    @property
    def connected(self) -> int:
        return sum(caller.line is not None for caller in self.callers)

    def run(self) -> None:
        clock = SystemClock()
        while not self._over.wait(0.01):
            now = clock.boot()
            for caller in self._answered():
                self.closed[caller.manner] += 1
                caller.hang_up(now)
            for caller in self.callers:
                if caller.due <= now:
                    self._move(caller, now)

    def stop(self) -> None:
        self._over.set()

    def _move(self, caller: Caller, now: float) -> None:
        try:
            caller.go_on(now)
        except OSError:
            self.closed[caller.manner] += 1
            caller.hang_up(now)

    def _answered(self) -> list[Caller]:
        """Return whose server said anything: it can only be a refusal or the end."""
        with selectors.DefaultSelector() as waiting:
            for caller in self.callers:
                if caller.line is not None:
                    waiting.register(caller.line, selectors.EVENT_READ, caller)
            return [key.data for key, _ in waiting.select(0)] if waiting.get_map() else []


@contextmanager
def crowd(address: tuple[str, int], numbers: dict[Manner, int]) -> Iterator[Crowd]:
    """Have so many callers of each manner at an address, all of them there before this begins."""
    gathered = Crowd([Caller(manner, address) for manner, number in numbers.items() for _ in range(number)])
    now = SystemClock().boot()
    for caller in gathered.callers:
        gathered._move(caller, now)
    thread = Thread(target=gathered.run, daemon=True)
    thread.start()
    try:
        yield gathered
    finally:
        gathered.stop()
        thread.join()
        for caller in gathered.callers:
            caller.hang_up(0.0)
