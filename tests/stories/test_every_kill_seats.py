"""The agent's daemon is killed at every position of its start, of a check-out, of a heartbeat and of a release."""

import http.client
import json
import random
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path

import pytest

from tests.faults import strace
from tests.faults.strace import Position
from tests.stories.callers import (
    LOST,
    BrokenPromiseError,
    Caller,
    Place,
    Witness,
    ask,
    check_occupation,
    promise,
)
from tests.stories.parties import AGENT_MODULES, Customer, customer, vendor
from tests.stories.processes import wait_for
from tests.stories.walking import Once, check_undamaged, drafts, walk
from tests.threats.plugin import Figure, Rounds

pytestmark = [pytest.mark.threat(41), pytest.mark.long, pytest.mark.timeout(900)]

USERS, CLIENTS = 8, 10
MOMENT = 1.0
"""Seconds after an answer within which what follows it has to happen."""
Work = Callable[[Caller, http.client.HTTPConnection, Place], None]


@dataclass
class Story:
    """An activated agent, and a CRM that remembers what it was answered."""

    customer: Customer
    caller: Caller
    address: tuple[str, int] = ("", 0)
    numbers: Iterator[int] = field(default_factory=count)

    @property
    def trace(self) -> Path:
        return self.customer.home.parent / "trace"

    def start(self) -> None:
        """Start the agent without a kill, and compare what it holds with what was answered; all of that is alive."""
        self.address = self.customer.start()
        self.caller.token = self.customer.token("application")
        status, occupation = ask(self.address, self.customer.token("administrator"), "GET", "/v1/seats")
        promise(status == 200, f"who holds seats was answered {status}: {occupation}")
        check_occupation(self.caller.witness, self.caller.places, occupation)
        self.on(Caller.heartbeat, self.caller.places[0])
        check_undamaged(self.customer.home)

    def on(self, work: Work, place: Place) -> bool:
        """Do something on a connection of its own; tell whether it was answered."""
        connection = http.client.HTTPConnection(*self.address, timeout=20)
        try:
            work(self.caller, connection, place)
        except LOST:
            return False
        finally:
            connection.close()
        return True

    def place(self, *, held: bool) -> Place:
        """Return another place that is held or free."""
        fitting = [place for place in self.caller.places if (place.state == "held") == held]
        if fitting:
            return fitting[next(self.numbers) % len(fitting)]
        self.on(Caller.check_out if held else Caller.release, self.caller.places[0])
        return self.caller.places[0]

    def killed(self, position: Position | None, work: Work, *, held: bool) -> Once:
        """Kill the agent while it does something for the CRM, and start it again."""
        place = self.place(held=held)
        with strace.attached([self.customer.cradle.running], self.trace, position) as trace:
            self.on(work, place)
            hit = trace.until_hit(MOMENT)
        self.customer.cradle.kill()
        self.start()
        return Once(hit, trace.counts())

    def check_out(self, position: Position | None) -> Once:
        """Kill a check-out of a free place."""
        if all(place.state == "held" for place in self.caller.places):
            for each in self.caller.places:
                self.on(Caller.release, each)
            self.customer.cradle.kill()
            self.start()
        return self.killed(position, Caller.check_out, held=False)

    def renew(self, position: Position | None) -> Once:
        """Kill a check-out of a place that is held."""
        return self.killed(position, Caller.check_out, held=True)

    def heartbeat(self, position: Position | None) -> Once:
        """Kill a heartbeat."""
        return self.killed(position, Caller.heartbeat, held=True)

    def release(self, position: Position | None) -> Once:
        """Kill a release."""
        return self.killed(position, Caller.release, held=True)

    def restart(self, position: Position | None) -> Once:
        """Kill a start on what a killed agent left behind, with a seat to lose."""
        self.place(held=True)
        self.customer.cradle.kill()
        return self._started(position)

    def migrate(self, position: Position | None) -> Once:
        """Kill the very first start, which makes the journal, the tokens and the reserve for a full disk."""
        self.customer.cradle.kill()
        for path in self.customer.home.glob("seats.*"):
            path.unlink()
        for name in ("administrator", "application"):
            (self.customer.home / f"{name}.token").unlink()
        for each in self.caller.places:
            each.leave()
        self.caller.witness.highest = 0
        once = self._started(position)
        self.place(held=True)
        return once

    def _started(self, position: Position | None) -> Once:
        (self.customer.home / "address.json").unlink(missing_ok=True)
        pid = self.customer.cradle.start("run", "--port", "0", held=True)
        strace.held(pid)
        with strace.attached([pid], self.trace, position) as trace:
            strace.let_go(pid)
            wait_for("the start", lambda: True if trace.hit or self._is_up() else None)
            hit = trace.until_hit(MOMENT)
        self.customer.cradle.kill()
        self.start()
        return Once(hit, trace.counts())

    def _is_up(self) -> bool:
        return (self.customer.home / "address.json").exists()


@contextmanager
def told(folder: Path, program: str = AGENT_MODULES[0]) -> Iterator[Story]:
    witness = Witness(USERS, CLIENTS)
    with vendor(folder) as seller:
        _, code = seller.issue(USERS, CLIENTS)
        with customer(folder, program) as buyer:
            buyer.activate(code, seller.start(), seller.home / "root.json")
            buyer.start()
            wait_for("the look for trust", lambda: True if has_looked(buyer.home) else None)  # not again for a day
            places = [Place(f"user-{number}", f"pc-{number}") for number in range(USERS)]
            story = Story(buyer, Caller(witness, places, buyer.token("application"), random.Random(1)))
            buyer.cradle.kill()
            story.start()
            yield story


def has_looked(home: Path) -> bool:
    return json.loads((home / "progress.json").read_bytes())["trust_at"] is not None


@pytest.mark.parametrize("operation", ["check_out", "renew", "heartbeat", "release", "restart", "migrate"])
def test_a_daemon_that_is_killed_anywhere_has_what_it_answered(
    folder: Path, operation: str, rounds: Rounds, figure: Figure
) -> None:
    with told(folder) as story:
        walked = walk(getattr(story, operation), rounds, sample=12)
        litter = drafts(story.customer.home)
        figure(f"{operation}: {walked}, 0 lost, 0 doubled, 0 failed restarts; {litter} drafts left behind")


@pytest.mark.threat(41, control=True)
def test_a_daemon_that_answers_before_it_stores_is_found_at_its_send(folder: Path, rounds: Rounds) -> None:
    with told(folder, "tests.stories.weak_agent") as story, pytest.raises(BrokenPromiseError, match="lost"):
        walk(story.check_out, rounds, sample=1_000)
