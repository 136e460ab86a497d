"""What a seat costs the agent: CPU of its process for each request, durable before the answer, and the disk's floor.

The callers run in another process, over keep-alive connections; every check-out is for a new pair, and so is a commit.
A cycle is a check-out, a heartbeat and a release: two commits.
"""

import json
import multiprocessing
import selectors
import socket
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from multiprocessing.pool import Pool
from pathlib import Path

import psutil

from tests.agent.seats.program import TOKEN, fill

ROOT = Path(__file__).parent.parent
CALLERS = (1, 8, 32)
LIVE = (10, 1_000, 10_000)
REQUESTS = ("check-out", "heartbeat", "cycle", "healthz")
_COMMITS = {"check-out": 1.0, "heartbeat": 0.0, "cycle": 2 / 3, "healthz": 0.0}
"""How many durable commits there are to a request, if nobody else asks in the same turn."""
Run = tuple[float, list[float]]
HEADERS = f"Authorization: Bearer {TOKEN}\r\nContent-Type: application/json\r\n"


@dataclass(frozen=True)
class Case:
    """What is measured: a kind of request, with so many live seats, from so many callers."""

    request: str
    live: int
    callers: int


@dataclass(frozen=True)
class Row(Case):
    """One figure, for one request. Times in microseconds.

    ``floor``: durable commits a second of one caller on this disk just then, and ``floor_cpu`` what one of them takes
    of the processor. ``cpu`` is the median of the rounds and ``cpu_best`` the least: on a shared machine the others
    only ever add to it.
    """

    cpu: float
    cpu_best: float
    p50: float
    p99: float
    each_second: float
    floor: float
    floor_cpu: float


def measure(
    *, seconds: float = 0.6, rounds: int = 5, callers: tuple[int, ...] = CALLERS, live: tuple[int, ...] = LIVE
) -> list[Row]:
    """Measure check-outs, heartbeats and the empty answer at each number of callers and of live seats.

    Args:
        seconds: how long each round takes; a case takes ``rounds`` of them.
        rounds: how often each case is measured.
        callers: how many callers there are.
        live: how many seats are live when the agent starts; every check-out adds one.
    """
    rows = []
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        pool.apply(_nothing)
        for number in live:
            with tempfile.TemporaryDirectory(dir=_disk()) as folder:
                fill(Path(folder), number)
                with agent(Path(folder)) as (process, port):
                    for case in (Case(request, number, many) for request in REQUESTS for many in callers):
                        floor = durable_commits(Path(folder), 0.3)
                        runs = [
                            _load(pool, process, (port, case.request, case.callers, seconds)) for _ in range(rounds)
                        ]
                        rows.append(_row(case, runs, seconds, floor))
    return rows


def _disk() -> Path:
    """Return a folder on the repository's disk; the system's own for temporary files may lie in memory."""
    folder = ROOT / ".cache"
    folder.mkdir(exist_ok=True)
    return folder


@contextmanager
def agent(folder: Path) -> Iterator[tuple[psutil.Process, int]]:
    """Serve a folder's seats in a process of its own."""
    command = [sys.executable, "-m", "tests.agent.seats.program", str(folder), "1000000", "1000000", "concurrent"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, cwd=ROOT) as child:
        assert child.stdout
        port = json.loads(child.stdout.readline())["port"]
        try:
            yield psutil.Process(child.pid), port
        finally:
            child.kill()


def durable_commits(folder: Path, seconds: float) -> tuple[float, float]:
    """Return how many commits of one row this disk makes durable in a second, and what one takes of the processor."""
    path = folder / "floor.sqlite3"
    connection = sqlite3.connect(path, isolation_level=None)
    for pragma in ("locking_mode = EXCLUSIVE", "journal_mode = WAL", "synchronous = FULL"):
        connection.execute(f"PRAGMA {pragma}")
    connection.execute("CREATE TABLE IF NOT EXISTS seat (id INTEGER PRIMARY KEY, what TEXT)")
    begun, spent, number = time.perf_counter(), time.process_time(), 0
    while time.perf_counter() - begun < seconds:
        connection.execute("INSERT INTO seat (what) VALUES ('a seat for one user on one client')")
        number += 1
    took, used = time.perf_counter() - begun, time.process_time() - spent
    connection.close()
    path.unlink()
    return number / took, used / number * 1e6


def _load(pool: Pool, process: psutil.Process, load: tuple[int, str, int, float]) -> Run:
    """Drive the agent from another process; return the CPU seconds that the agent used, and how long each took."""
    before = process.cpu_times()
    times = pool.apply(_drive, load)
    after = process.cpu_times()
    return after.user + after.system - before.user - before.system, times


def _row(case: Case, runs: list[Run], seconds: float, floor: tuple[float, float]) -> Row:
    times = sorted(one for _, some in runs for one in some)
    costs = sorted(spent / len(some) * 1e6 for spent, some in runs)
    middle, late = times[len(times) // 2] * 1e6, times[int(len(times) * 0.99)] * 1e6
    each_second = len(times) / seconds / len(runs)
    cost = costs[len(costs) // 2], costs[0]
    return Row(case.request, case.live, case.callers, *cost, middle, late, each_second, *floor)


def _nothing() -> None:
    """Let the drivers' process start before anything is measured."""


def _drive(port: int, request: str, callers: int, seconds: float) -> list[float]:
    """Be that many callers, each of whom sends the next request when it has the answer; return the times in seconds.

    One thread with a selector: it must not cost more than what it measures.
    """
    selector, times = selectors.DefaultSelector(), []
    for number in range(callers):
        caller = Caller(port, request, f"{time.time_ns()}-{number}")
        selector.register(caller.socket, selectors.EVENT_READ, caller)
        caller.send()
    over = time.perf_counter() + seconds
    waiting = callers
    while waiting:
        for key, _ in selector.select():
            took = key.data.receive()
            if took is None:
                continue
            times.append(took)
            if time.perf_counter() < over:
                key.data.send()
            else:
                waiting -= 1
    return times


class Caller:
    """One keep-alive connection, with one request on its way."""

    def __init__(self, port: int, request: str, who: str) -> None:
        self.socket = socket.create_connection(("127.0.0.1", port))
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._requests = self._make(request, who)
        self._begun, self._received, self._seat = 0.0, b"", ""

    def send(self) -> None:
        method, path, body = next(self._requests)
        head = f"{method} {path} HTTP/1.1\r\nHost: localhost:{self.socket.getpeername()[1]}\r\n{HEADERS}"
        self._begun, self._received = time.perf_counter(), b""
        self.socket.sendall(f"{head}Content-Length: {len(body)}\r\n\r\n{body}".encode())

    def receive(self) -> float | None:
        """Return how long the answer took, once it is whole."""
        self._received += self.socket.recv(65_536)
        head, end, body = self._received.partition(b"\r\n\r\n")
        if not end or len(body) < int(head.lower().partition(b"content-length: ")[2].split(b"\r\n")[0] or 0):
            return None
        assert head.startswith(b"HTTP/1.1 20"), self._received
        if head.startswith(b"HTTP/1.1 201"):
            self._seat = json.loads(body)["seat"]
        return time.perf_counter() - self._begun

    def _make(self, request: str, who: str) -> Iterator[tuple[str, str, str]]:
        number = 0
        while request != "healthz":
            number += 1
            yield "POST", "/v1/seats", json.dumps({"user": f"user-{who}-{number}", "client": f"pc-{who}-{number}"})
            if request == "heartbeat":
                break
            if request == "cycle":
                yield "POST", "/v1/seats/heartbeat", json.dumps({"seats": [self._seat]})
                yield "DELETE", f"/v1/seats/{self._seat}", ""
        while request == "heartbeat":
            yield "POST", "/v1/seats/heartbeat", json.dumps({"seats": [self._seat]})
        while True:
            yield "GET", "/healthz", ""


def table(rows: list[Row]) -> str:
    """Return the figures for people: also as a multiple of the empty answer, and of a durable commit by itself."""
    empty = {(row.live, row.callers): row.cpu for row in rows if row.request == "healthz"}
    lines = [
        "request     live callers  CPU µs (best)  x healthz  x commit     p50 µs     p99 µs   a second  durable commits"
    ]
    for row in rows:
        beside = empty.get((row.live, row.callers))
        against_empty = "" if beside is None else f"{row.cpu / beside:.1f}"
        against_commit = f"{row.cpu / row.floor_cpu:.1f}" if _COMMITS[row.request] else ""
        lines.append(
            f"{row.request:10} {row.live:6} {row.callers:6} {row.cpu:8.0f} {f'({row.cpu_best:.0f})':>6} "
            f"{against_empty:>10} {against_commit:>9} {row.p50:10.0f} {row.p99:10.0f} {row.each_second:10.0f} "
            f"{row.floor:10.0f}"
        )
    return "\n".join(lines)


if __name__ == "__main__":
    found = measure()
    print(json.dumps([asdict(row) for row in found]) if "--json" in sys.argv else table(found))
