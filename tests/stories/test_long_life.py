"""Half an hour with leases of seconds: neither the server nor the agent grows, and both go on under new keys."""

import random
import statistics
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psutil
import pytest

from keys.clock import SystemClock
from keys.keyfolder import KeyFolder
from keys.rotating import Rotating
from tests.contract.stock_client import Trust
from tests.stories.callers import Address, ask
from tests.stories.devices import Device
from tests.stories.parties import HARDWARE, Customer, Vendor, customer, vendor
from tests.stories.processes import pause, wait_for

INTERVAL, GRACE, USERS = 3, 30, 40
BREATH = 0.1
"""Seconds between two things that happen."""
LARGEST_WAL = 40 << 20
"""Bytes: the server moves 4,000 pages at once into its database, and writes go on meanwhile."""


class GrowthError(Exception):
    """A program has more of something than it had."""


@dataclass
class Program:
    """What one process has, as it goes on."""

    process: psutil.Process
    memory: list[int] = field(default_factory=list)
    descriptors: list[int] = field(default_factory=list)

    def look(self) -> None:
        self.memory.append(self.process.memory_info().rss)
        self.descriptors.append(self.process.num_fds())

    def check(self, percent: float) -> float:
        """Return by how many percent its memory grew from the first third's end to the end, at most so many."""
        third, tenth = len(self.memory) // 3, max(1, len(self.memory) // 10)
        before, after = (statistics.median(part) for part in (self.memory[third : third + tenth], self.memory[-tenth:]))
        drift = 100 * (after - before) / before
        if drift > percent:
            raise GrowthError(f"{self.process.pid}: memory grew by {drift:.1f} %, from {before} to {after}")
        early, late = max(self.descriptors[: third + tenth]), min(self.descriptors[-third:])
        if late > early:
            raise GrowthError(f"{self.process.pid}: {late} descriptors at least, where there were at most {early}")
        return drift


def programs_of(leader: int) -> list[Program]:
    """A program and all its processes."""
    first = psutil.Process(leader)
    return [Program(process) for process in (first, *first.children(recursive=True))]


@dataclass
class Story:
    """A server and an agent at work, with a CRM and with other customers."""

    seller: Vendor
    buyer: Customer
    address: Address
    devices: list[Device]
    chance: random.Random = field(default_factory=lambda: random.Random(8))
    held: list[str] = field(default_factory=list)
    widest: int = 0
    """The largest write-ahead log seen, in bytes."""

    def live(self, seconds: float, look: Callable[[], None]) -> None:
        """Let time pass, with something happening all the time; keys change four times."""
        clock = SystemClock()
        begun, rotated, looked = clock.boot(), 1, 0
        while (passed := clock.boot() - begun) < seconds:
            self._crm()
            self.chance.choice(self.devices).go_on()
            if passed >= looked:
                looked += 1
                look()
                self._measure()
            if passed >= rotated * seconds / 5:
                rotated += 1
                Rotating(KeyFolder.of_home(self.seller.home, {}), clock, ()).rotate()
            pause(BREATH)

    def _crm(self) -> None:
        number = self.chance.randrange(USERS)
        status, answer = self._ask("POST", "/v1/seats", {"user": f"user-{number}", "client": f"pc-{number}"})
        assert status in {200, 201}, answer
        if status == 201:
            self.held.append(answer["seat"])
        assert self._ask("POST", "/v1/seats/heartbeat", {"seats": self.held})[1]["lost"] == []
        if len(self.held) > USERS // 2:
            seat = self.held.pop(self.chance.randrange(len(self.held)))
            assert self._ask("DELETE", f"/v1/seats/{seat}")[0] == 204
        assert self._ask("GET", "/v1/licence")[1]["mode"] == "full"

    def _ask(self, method: str, path: str, body: object = None) -> tuple[int, Any]:
        return ask(self.address, self.buyer.token("application"), method, path, body)

    def _measure(self) -> None:
        logs = [*self.seller.home.glob("*-wal"), *self.buyer.home.glob("*-wal")]
        self.widest = max(self.widest, *(log.stat().st_size for log in logs))


@contextmanager
def told(folder: Path) -> Iterator[Story]:
    with vendor(folder) as seller, customer(folder) as buyer:
        who = seller.run("customer", "add", "فولاد پارس")["id"]
        order = ("--customer", who, "--users", USERS, "--interval", INTERVAL, "--grace", GRACE)
        codes = [seller.run("licence", "issue", *order)["code"] for _ in range(6)]
        url, root = seller.start(as_command=True), seller.home / "root.json"
        buyer.activate(codes.pop(), url, root)
        trust = Trust.pin(root.read_bytes())
        devices = [Device(url, trust, HARDWARE, code=code) for code in codes]
        yield Story(seller, buyer, buyer.start(as_command=True), devices)


@pytest.mark.long
@pytest.mark.timeout(2400)
def test_nothing_grows_in_half_an_hour_of_leases_of_seconds(folder: Path, figure, rounds) -> None:
    seconds, percent = rounds(1800, sample=12), rounds(5, sample=30)
    with told(folder) as story:
        leaders = {"server": story.seller.cradle.running, "agent": story.buyer.cradle.running}
        programs = {name: programs_of(leader) for name, leader in leaders.items()}

        def look() -> None:
            for program in (*programs["server"], *programs["agent"]):
                program.look()

        before = story.buyer.run("status")["seq"]
        story.live(seconds, look)
        validated = story.buyer.run("status")["seq"] - before
        grown = {name: max(program.check(percent) for program in mine) for name, mine in programs.items()}
    assert validated >= seconds / INTERVAL / 2
    assert story.widest <= LARGEST_WAL
    grew = ", ".join(f"{name} {drift:+.1f} %" for name, drift in grown.items())
    figure(f"{seconds} s, {validated} leases: memory {grew}, descriptors constant, log ≤ {story.widest >> 10} KiB")


@pytest.mark.parametrize("leak", ["kept.append(bytes(100_000))", "kept.append(open('/dev/null'))"])
def test_a_program_that_grows_is_found_out(leak: str) -> None:
    code = f"import time\nkept = []\nwhile True:\n    {leak}\n    time.sleep(0.002)"
    with subprocess.Popen([sys.executable, "-c", code]) as process:
        program = Program(psutil.Process(process.pid))
        try:
            wait_for("growth", lambda: grown(program) or None)
        finally:
            process.kill()


def grown(program: Program) -> bool:
    """Look on for a second, and tell whether a program grew: a busy machine may not have begun it yet."""
    for _ in range(30):
        pause(0.03)
        program.look()
    try:
        program.check(5)
    except GrowthError:
        return True
    return False
