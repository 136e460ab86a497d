"""What a validation costs the licence server, over HTTP, on one core, against the floor measured in the same run."""

import json
import multiprocessing
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing.queues import SimpleQueue
from multiprocessing.synchronize import Barrier
from pathlib import Path

import psutil

from bench import floor
from bench.customers import ISSUER, Agent, fill

BIN = Path(sys.executable).parent
LICENCES = (100, 10_000, 100_000)
AGENTS = (1, 8)
SERVER_CORE, LOAD_CORE = 0, 1


Driven = tuple[str, bytes, list[float]]


@dataclass(frozen=True)
class Row:
    """One figure. Times in microseconds for one validation; ``ratio``: the floor in parts of what it took."""

    licences: int
    agents: int
    took: float
    cpu: float
    p99: float
    floor: float

    @property
    def ratio(self) -> float:
        """The floor divided by the time of one validation at full load of one core."""
        return self.floor / self.took


def measure(seconds: float = 4.0, licences: tuple[int, ...] = LICENCES, agents: tuple[int, ...] = AGENTS) -> list[Row]:
    """Measure validations at each number of licences in the database and of agents that ask at once."""
    rows = []
    for number in licences:
        with tempfile.TemporaryDirectory(prefix="bench") as folder:
            home = Path(folder) / "server"
            held = fill(home, number, max(agents))
            with serving(home) as running:
                rows += [_row(running, home, number, held[:how_many], seconds) for how_many in agents]
    return rows


@contextmanager
def serving(home: Path) -> Iterator[tuple[psutil.Process, int]]:
    """Run a real licence server on one core; whoever calls keeps the other one."""
    environment = {**os.environ, "LICENCE_SERVER_HOME": str(home)}
    command = [str(BIN / "licence-server"), "run", "--port", "0", "--workers", "1", "--json"]
    os.sched_setaffinity(0, {SERVER_CORE})
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env=environment) as child:
        os.sched_setaffinity(0, {LOAD_CORE})
        assert child.stdout
        port = int(json.loads(child.stdout.readline())["url"].rpartition(":")[2])
        try:
            yield psutil.Process(child.pid), port
        finally:
            child.terminate()
            os.sched_setaffinity(0, {SERVER_CORE, LOAD_CORE})


def _row(running: tuple[psutil.Process, int], home: Path, licences: int, agents: list[Agent], seconds: float) -> Row:
    process, port = running
    os.sched_setaffinity(0, {SERVER_CORE})
    lowest = floor.validation_us(home)
    os.sched_setaffinity(0, {LOAD_CORE})
    context = multiprocessing.get_context("fork")
    results = context.SimpleQueue()
    start = context.Barrier(len(agents) + 1)
    drivers = [context.Process(target=_drive, args=(port, agent, seconds, start, results)) for agent in agents]
    for driver in drivers:
        driver.start()
    start.wait()
    before, began = _cpu(process), time.perf_counter()
    driven = [results.get() for _ in drivers]
    took, spent = time.perf_counter() - began, _cpu(process) - before
    for driver in drivers:
        driver.join()
    latest = {kid: held for kid, held, _ in driven}
    for agent in agents:
        agent.held = latest[agent.signer.key.kid]
    times = sorted(one for _, _, some in driven for one in some)
    each, late = took / len(times), times[int(len(times) * 0.99)]
    return Row(licences, len(agents), each * 1e6, spent / len(times) * 1e6, late * 1e6, lowest)


def _cpu(process: psutil.Process) -> float:
    """Return the CPU seconds of a process and its children."""
    family = [process, *process.children(recursive=True)]
    return sum(each.cpu_times().user + each.cpu_times().system for each in family)


def _drive(port: int, agent: Agent, seconds: float, start: Barrier, results: "SimpleQueue[Driven]") -> None:
    """Validate one after the other; hand over the licence in hand, and what each took in seconds."""
    times, send = [], agent.connect(port)
    start.wait()
    ends = time.perf_counter() + seconds
    while time.perf_counter() < ends:
        request = agent.request()
        begun = time.perf_counter()
        agent.held = send(request)
        times.append(time.perf_counter() - begun)
    results.put((agent.signer.key.kid, agent.held, times))


def table(rows: list[Row]) -> str:
    """Return the figures for people."""
    lines = ["licences agents  µs/validation  CPU µs     p99 µs  floor µs  floor/validation"]
    lines += [
        f"{row.licences:8} {row.agents:6} {row.took:14.0f} {row.cpu:7.0f} {row.p99:10.0f} {row.floor:9.0f} "
        f"{row.ratio:17.2f}"
        for row in rows
    ]
    return "\n".join(lines)


if __name__ == "__main__":
    print(f"issuer {ISSUER}")
    print(table(measure()))
