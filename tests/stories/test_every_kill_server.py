"""The licence server is killed at every position of an answer and of its start: it never takes back what it said."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

import psutil
import pytest

from keys.cli import main as keys_program
from tests.contract.stock_client import Trust
from tests.faults import strace
from tests.faults.strace import Position
from tests.stories.devices import LOST, Device, ForgottenError
from tests.stories.parties import HARDWARE, SERVER_MODULES, Vendor, typed, vendor
from tests.stories.processes import pause, wait_for
from tests.stories.walking import Once, Record, at, walk
from tests.threats.plugin import Figure, Rounds

pytestmark = [pytest.mark.threat(20), pytest.mark.threat(41), pytest.mark.long, pytest.mark.timeout(900)]

MOMENT = 0.5
"""Seconds after an answer within which what follows it has to happen."""


@dataclass
class Story:
    """A licence server with one worker, and a device that keeps every answer."""

    vendor: Vendor
    trust: Trust
    record: Record
    url: str = ""
    licence: str = ""
    device: Device = field(init=False)
    alone: bool = False
    """Only the process that reached the position is killed, and nobody starts another one: the server does."""

    def start(self) -> None:
        self.url = self.vendor.start(workers=1)

    def new_device(self) -> None:
        """Sell another licence to another device."""
        self.licence, code = self.vendor.issue()
        self.device = Device(self.url, self.trust, HARDWARE, code=code)

    def activate(self, position: Position | None) -> Once:
        """Kill the answer to an activation."""
        self.new_device()
        return self.killed(position, self.device.go_on)

    def validate(self, position: Position | None) -> Once:
        """Kill the answer to a validation, the first after a start: SQLite begins its log anew with it."""
        if not self.licence:
            self.new_device()
            self.device.go_on()
        self.vendor.cradle.kill()
        self.start()
        self.device.url = self.url
        return self.killed(position, self.device.go_on)

    def rotate(self, position: Position | None) -> Once:
        """Kill the answer to the first validation under a new signing key."""
        typed(keys_program, self.vendor.environment, "rotate")
        return self.validate_again(position)

    def validate_again(self, position: Position | None) -> Once:
        """Kill the answer to one validation of many."""
        if not self.licence:
            self.new_device()
            self.device.go_on()
        return self.killed(position, self.device.go_on)

    def deactivate(self, position: Position | None) -> Once:
        """Kill the answer to a deactivation."""
        self.new_device()
        self.device.go_on()
        return self.killed(position, self.device.give_back)

    def restart(self, position: Position | None) -> Once:
        """Kill a start, on what a server that was killed has left behind."""
        if not self.licence:
            self.new_device()
        self.device.go_on()
        self.vendor.cradle.kill()
        pid = self.vendor.cradle.start("run", "--port", "0", "--workers", "1", held=True)
        strace.held(pid)
        with strace.attached([pid], self.trace, position) as trace:
            strace.let_go(pid)
            wait_for("the start", lambda: True if trace.hit or self.vendor.announced() else None)
            hit = trace.until_hit(MOMENT)
        self.vendor.cradle.kill()
        self._go_on()
        return Once(hit, trace.counts())

    @property
    def trace(self) -> Path:
        return self.vendor.cradle.folder / "trace"

    def killed(self, position: Position | None, ask: Callable[[], None]) -> Once:
        """Kill the server while it is asked, start it again, and hold it to what it answered."""
        if self.alone:  # one that died often already is replaced ever later
            self.vendor.cradle.kill()
            self.start()
            self.device.url = self.url
        root = psutil.Process(self.vendor.cradle.running)
        # Alone: what starts another worker writes a line of it, and so do the others; they would all be killed.
        killable = (*(() if self.alone else (root,)), *root.children(recursive=True))
        with strace.attached([process.pid for process in killable], self.trace, position) as trace:
            with suppress(*LOST):
                ask()
            hit = trace.until_hit(MOMENT)
        if self.alone and position is not None:
            self._wait_for_another()
        else:
            self.vendor.cradle.kill()
        self._go_on()
        return Once(hit, trace.counts())

    def _go_on(self) -> None:
        """Start the server, unless it goes on by itself: what was asked gets its answer, and the chain goes on."""
        if not self.vendor.cradle.running:
            self.start()
        self.device.url = self.url
        self.device.settle()
        self.device.check()
        self.record.check(self.licence, *self._answers)
        if self.device.answers[-1].endpoint != "deactivations":
            self.device.go_on()
            self.record.check(self.licence, *self._answers)

    def _wait_for_another(self) -> None:
        def settled() -> bool | None:
            with suppress(*LOST):
                self.device.settle()
                self.device.check()
                return True
            pause(0.05)
            return None

        wait_for("another worker", settled)

    @property
    def _answers(self) -> list[str]:
        return [each.answer for each in self.device.answers]


@contextmanager
def told(folder: Path, program: str = SERVER_MODULES[0], database: str | None = None) -> Iterator[Story]:
    settings = {} if database is None else {"LICENCE_SERVER_DATABASE": database}
    with vendor(folder, program, **settings) as seller:
        trust = Trust.pin((seller.home / "root.json").read_bytes())
        story = Story(seller, trust, Record.of(seller.home, database))
        story.start()
        yield story
        assert seller.run("audit", "verify")["valid"]


@pytest.mark.parametrize("operation", ["activate", "validate", "rotate", "deactivate", "restart"])
def test_a_server_that_is_killed_anywhere_has_what_it_answered(
    folder: Path, operation: str, rounds: Rounds, figure: Figure
) -> None:
    with told(folder) as story:
        walked = walk(getattr(story, operation), rounds, sample=10)
        figure(f"{operation}, SQLite: {walked}, 0 lost, 0 doubled, 0 failed restarts")


@pytest.mark.parametrize("operation", ["activate", "validate_again"])
def test_on_postgresql_too(folder: Path, operation: str, rounds: Rounds, figure: Figure, postgresql_url: str) -> None:
    with told(folder, database=postgresql_url) as story:
        walked = walk(getattr(story, operation), rounds, sample=6, most=16)
        figure(f"{operation}, PostgreSQL: {walked}, 0 lost, 0 doubled, 0 failed restarts")


def test_a_worker_that_is_killed_anywhere_is_replaced_and_nobody_need_do_anything(
    folder: Path, rounds: Rounds, figure: Figure
) -> None:
    with told(folder) as story:
        story.alone = True
        walked = walk(story.validate_again, rounds, sample=5)
        figure(f"one worker of a server that runs on: {walked}, 0 lost, 0 doubled, 0 starts by hand")


@pytest.mark.threat(20, control=True)
@pytest.mark.threat(41, control=True)
def test_a_server_that_answers_before_it_commits_is_found_at_its_send(folder: Path) -> None:
    with pytest.raises(ForgottenError), told(folder, "tests.stories.weak_server") as story:
        at(story.validate, Position("sendto", 1, after=True))
