"""The agent is killed at any moment, while the CRM works, and starts again: what it answered stays true."""

import json
import random
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.stories.callers import BrokenPromiseError, Caller, Place, Witness, ask, check_occupation
from tests.stories.parties import AGENT_MODULES, Customer, customer, vendor
from tests.stories.processes import pause, wait_for
from tests.threats.plugin import Figure

USERS, CLIENTS, CALLERS = 8, 10, 6
ANSWERS = ("check-out 201", "check-out 200", "check-out 409", "heartbeat 200", "release 204")
ROUNDS = [20, pytest.param(200, marks=pytest.mark.long)]
AS_COMMAND_EVERY = 20
"""Every so many rounds the agent starts as the installed command, which takes a second; else as a fork of it."""


@dataclass
class Story:
    """An agent, and a CRM that has more users than the licence."""

    customer: Customer
    witness: Witness
    callers: list[Caller]
    chance: random.Random
    threads: ThreadPoolExecutor

    @property
    def places(self) -> list[Place]:
        return [place for caller in self.callers for place in caller.places]

    def rounds(self, count: int) -> None:
        """Kill the agent so often."""
        for number in range(count):
            self.round(number)

    def round(self, number: int) -> None:
        """Start the agent, compare, put it under load, and kill it in the middle."""
        as_command = number % AS_COMMAND_EVERY == AS_COMMAND_EVERY - 1
        address = self.customer.start(as_command=as_command)
        status, occupation = ask(address, self.customer.token("administrator"), "GET", "/v1/seats")
        assert status == 200, occupation
        check_occupation(self.witness, self.places, occupation)
        self._heartbeat(address)
        working = [self.threads.submit(caller.work, address) for caller in self.callers]
        pause(self.chance.uniform(0.03, 0.15))
        wait_for("the load", lambda: self._is_loaded(number) or any(each.done() for each in working) or None)
        self.customer.cradle.kill()
        for each in working:
            each.result()

    def _is_loaded(self, number: int) -> bool:
        """Tell whether there were more answers of each kind than rounds, as there are unless the machine is busy."""
        return all(self.witness.counts[answer] > number + 1 for answer in ANSWERS)

    def _heartbeat(self, address: tuple[str, int]) -> None:
        held = [place.seat for place in self.places if place.state == "held"]
        token = self.customer.token("application")
        status, answer = ask(address, token, "POST", "/v1/seats/heartbeat", {"seats": held})
        assert (status, answer) == (200, {"renewed": held, "lost": []})


def places_of(number: int) -> list[Place]:
    """Two users, one of them on two computers."""
    pairs = ((0, 0), (0, 1), (1, 2))
    return [Place(f"user-{number}-{user}", f"pc-{number}-{client}") for user, client in pairs]


@contextmanager
def told(folder: Path, program: str = AGENT_MODULES[0]) -> Iterator[Story]:
    seed = random.randrange(1 << 32)
    print(f"seed {seed}")  # noqa: T201 - pytest shows it when the story goes otherwise
    chance = random.Random(seed)
    witness = Witness(USERS, CLIENTS)
    with vendor(folder) as seller:
        _, code = seller.issue(USERS, CLIENTS)
        with customer(folder, program) as buyer, ThreadPoolExecutor(CALLERS) as threads:
            buyer.activate(code, seller.start(), seller.home / "root.json")
            seller.cradle.kill()
            buyer.start()
            buyer.cradle.kill()
            token = buyer.token("application")
            callers = [Caller(witness, places_of(number), token, chance) for number in range(CALLERS)]
            yield Story(buyer, witness, callers, chance, threads)


@pytest.mark.threat(41)
@pytest.mark.timeout(400)
@pytest.mark.parametrize("kills", ROUNDS)
def test_no_seat_that_was_answered_for_is_lost_and_none_is_doubled(folder: Path, kills: int, figure: Figure) -> None:
    with told(folder) as story:
        story.rounds(kills)
        counts = story.witness.counts
        story.customer.start()
        assert story.customer.run("status")["mode"] == "full"
    print(json.dumps(counts))  # noqa: T201 - what the load was
    assert counts["lost"] == kills * CALLERS, "every kill hit all callers at work"
    assert all(counts[answer] > kills for answer in ANSWERS)
    figure(f"agent killed {kills} times under load: {sum(counts.values()) - counts['lost']} answers, 0 lost, 0 doubled")


@pytest.mark.threat(41, control=True)
@pytest.mark.timeout(200)
def test_an_agent_that_answers_before_it_stores_is_found_out(folder: Path) -> None:
    with told(folder, "tests.stories.weak_agent") as story, pytest.raises(BrokenPromiseError):
        story.rounds(AS_COMMAND_EVERY - 1)
