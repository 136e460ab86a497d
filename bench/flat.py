"""Whether a seat costs more because many are in: CPU of the agent for a check-out, and its memory, by live seats.

One agent for each number of live seats; they take turns in short rounds, so that what else the machine does meets all
of them alike. Whoever gets in during a round leaves after it, so that as many are in at the next.
"""

import json
import socket
import sqlite3
import sys
import tempfile
from collections.abc import Sequence
from contextlib import ExitStack, closing
from dataclasses import asdict, dataclass, field
from pathlib import Path
from statistics import median
from typing import Any

import psutil

from bench.chart import Bar, bars
from bench.seats import ROOT, agent
from tests.agent.seats.program import TOKEN, fill

LIVE = (10, 100, 1_000, 10_000, 50_000)
_LINES, _BURST, _BEATS = 8, 128, 3
_HEARTBEAT = 1_000
_RENEW_EVERY = 8
"""Rounds after which all seats get a heartbeat, long before they would end."""


@dataclass(frozen=True)
class Row:
    """One figure. ``check_out`` and ``heartbeat``: CPU in microseconds, medians of the rounds.

    ``beaten``: how many seats a heartbeat was for; ``resident``: MiB, at the end of the work.
    """

    live: int
    check_out: float
    check_out_best: float
    beaten: int
    heartbeat: float
    resident: float


@dataclass
class _Subject:
    """An agent with so many live seats, and callers who keep their connections."""

    live: int
    seats: list[str]
    process: psutil.Process
    lines: list["_Line"]
    check_outs: list[float] = field(default_factory=list)
    heartbeats: list[float] = field(default_factory=list)

    def round(self, number: int) -> None:
        wanted = [{"user": f"user {number} {index}", "client": f"pc {number} {index}"} for index in range(_BURST)]
        before = self._cpu()
        given = [said["seat"] for said in self._ask("POST", "/v1/seats", wanted)]
        self.check_outs.append((self._cpu() - before) / _BURST)
        for seat in given:
            self.lines[0].send("DELETE", f"/v1/seats/{seat}")
            self.lines[0].receive()
        before = self._cpu()
        self._ask("POST", "/v1/seats/heartbeat", [{"seats": self.seats[:_HEARTBEAT]}] * _BEATS)
        self.heartbeats.append((self._cpu() - before) / _BEATS)
        if number % _RENEW_EVERY == 0:
            parts = [self.seats[first : first + _HEARTBEAT] for first in range(0, self.live, _HEARTBEAT)]
            said = self._ask("POST", "/v1/seats/heartbeat", [{"seats": part} for part in parts])
            assert sum(len(one["renewed"]) for one in said) == self.live

    def row(self) -> Row:
        costs, resident = self.check_outs, self.process.memory_info().rss / 2**20
        beaten = min(self.live, _HEARTBEAT)
        return Row(self.live, median(costs), min(costs), beaten, median(self.heartbeats), resident)

    def _ask(self, method: str, path: str, bodies: Sequence[object]) -> list[dict[str, Any]]:
        """Send one request over each line at a time; return what they were answered."""
        said: list[dict[str, Any]] = []
        for first in range(0, len(bodies), _LINES):
            busy = list(zip(self.lines, bodies[first : first + _LINES], strict=False))
            for line, body in busy:
                line.send(method, path, body)
            said += [line.receive() for line, _ in busy]
        return said

    def _cpu(self) -> float:
        """Return the CPU time of all threads so far in microseconds: psutil counts in steps of 10 ms."""
        tasks = Path(f"/proc/{self.process.pid}/task").glob("*/schedstat")
        return sum(int(task.read_text().split()[0]) for task in tasks) / 1000


class _Line:
    """One keep-alive connection."""

    def __init__(self, port: int) -> None:
        self.socket = socket.create_connection(("127.0.0.1", port))
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._stream = self.socket.makefile("rb")
        self._head = f"Host: localhost:{port}\r\nAuthorization: Bearer {TOKEN}\r\nContent-Type: application/json\r\n"

    def send(self, method: str, path: str, body: object = None) -> None:
        content = "" if body is None else json.dumps(body)
        head = f"{method} {path} HTTP/1.1\r\n{self._head}Content-Length: {len(content)}\r\n\r\n"
        self.socket.sendall((head + content).encode())

    def receive(self) -> dict[str, Any]:
        status, length = self._stream.readline(), 0
        while line := self._stream.readline().strip():
            name, _, value = line.partition(b":")
            length = int(value) if name.lower() == b"content-length" else length
        content = self._stream.read(length)
        assert status.split()[1] in {b"200", b"201", b"204"}, content
        return dict(json.loads(content)) if content else {}


def measure(*, live: Sequence[int] = LIVE, rounds: int = 40) -> list[Row]:
    """Measure check-outs and heartbeats at each number of live seats.

    Args:
        live: how many seats are live at the beginning of every round; 128 more at the end of one.
        rounds: how many rounds there are.
    """
    disk = ROOT / ".cache"  # the system's own folder for temporary files may lie in memory
    disk.mkdir(exist_ok=True)
    with ExitStack() as stack:
        homes = [Path(stack.enter_context(tempfile.TemporaryDirectory(dir=disk))) for _ in live]
        for number, home in zip(live, homes, strict=True):
            fill(home, number)
        known = [_seats(home) for home in homes]
        agents = [stack.enter_context(agent(home)) for home in homes]
        subjects = [
            _Subject(number, seats, process, [_Line(port) for _ in range(_LINES)])
            for number, seats, (process, port) in zip(live, known, agents, strict=True)
        ]
        for number in range(rounds):
            for subject in subjects:
                subject.round(number)
        return [subject.row() for subject in subjects]


def _seats(home: Path) -> list[str]:
    with closing(sqlite3.connect(home / "seats.sqlite3")) as journal:
        return [row[0] for row in journal.execute("SELECT id FROM seat ORDER BY fence")]


def table(rows: Sequence[Row]) -> str:
    """Return the figures for people."""
    lines = ["  live  check-out, CPU µs (best)  heartbeat, CPU µs  of seats  resident MiB"]
    lines += [
        f"{row.live:6} {row.check_out:16.0f} {f'({row.check_out_best:.0f})':>8} {row.heartbeat:18.0f} {row.beaten:9} "
        f"{row.resident:13.0f}"
        for row in rows
    ]
    return "\n".join(lines)


def chart(rows: Sequence[Row]) -> str:
    """Return the cost of a check-out by live seats."""
    found = [Bar(f"{row.live:,} live seats", row.check_out) for row in rows]
    return bars("CPU of the agent for one check-out of eight callers", "µs", found)


if __name__ == "__main__":
    found = measure()
    print(json.dumps([asdict(row) for row in found]) if "--json" in sys.argv else table(found))
