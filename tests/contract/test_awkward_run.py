"""Real processes on the awkward server for a long time: the whole agent, and a client that knows the protocol alone."""

import json
import random
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from tests.contract.patient import PatientAgent
from tests.contract.stock_client import Trust
from tests.contract.test_awkward import NAMES
from tests.stories.parties import HARDWARE, Customer, Vendor, customer, vendor
from tests.stories.processes import wait_for
from tests.threats.plugin import Figure, Rounds

ROUNDS, SAMPLE = 200, 22
FALSE_ALARMS = {"state_rolled_back", "state_returned", "clone_suspected", "clone_detected"}
MOST_TRIES = 40


@pytest.fixture
def seed() -> int:
    seed = random.randrange(1, 1 << 32)
    print(f"licence-server run --awkward {seed}")  # noqa: T201 - pytest shows it when the run goes otherwise
    return seed


@pytest.fixture
def seller(tmp_path: Path) -> Iterator[Vendor]:
    with vendor(tmp_path / "v") as seller:
        yield seller


@pytest.fixture
def server(seller: Vendor, seed: int) -> str:
    """A licence server's own process, awkward from its first answer."""
    seller.cradle.start("run", "--port", "0", "--awkward", str(seed), "--json")

    def announced() -> dict[str, Any] | None:
        said = seller.cradle.out.read_text() if seller.cradle.out.exists() else ""
        return json.loads(said) if said.endswith("\n") else None

    ready = wait_for("the awkward server's start", announced)
    assert ready["awkward"] == seed
    assert f"Repeat: --awkward {seed}\n" in seller.cradle.log.read_text()
    return str(ready["url"])


@pytest.mark.long
@pytest.mark.timeout(600)
@pytest.mark.threat(19)
@pytest.mark.threat(20)
def test_both_agents_go_on_and_nobody_is_locked_out(
    seller: Vendor, server: str, tmp_path: Path, rounds: Rounds, figure: Figure
) -> None:
    count = rounds(ROUNDS, sample=SAMPLE)
    ours, stock = seller.issue(), seller.issue()
    with customer(tmp_path / "c") as buyer, ThreadPoolExecutor(1) as beside:
        other = beside.submit(stock_client_lives, seller, server, stock[1], count)
        whole_agent_lives(seller, buyer, server, ours[1], count)
        tries = other.result()
        seller.cradle.kill()
    met = awkwardnesses(seller)
    assert set(met) == {*NAMES, "none"}
    for licence, _ in (ours, stock):
        noted = seller.run("licence", "show", licence)
        assert (noted["state"], noted["activation"]["seq"]) == ("active", count + 1)
        assert not {event["code"] for event in noted["events"]} & FALSE_ALARMS
    assert seller.run("audit", "verify")["valid"]
    awkward = met.total() - met["none"]
    figure(f"{2 * count} validations through {met.total()} requests, {awkward} of them awkward in {len(NAMES)} ways")
    assert tries > count // 4


def whole_agent_lives(seller: Vendor, buyer: Customer, server: str, code: str, count: int) -> None:
    """Activate and validate by commands, each a process, again and again until they succeed."""
    activate = ("activate", code, "--server", server, "--root", str(seller.home / "root.json"))
    persist(buyer, activate)
    for number in range(count):
        persist(buyer, ("validate",))
        said = buyer.run("status")
        assert (said["mode"], said["seq"]) == ("full", number + 2), buyer.cradle.log.read_text()[-2000:]


def persist(buyer: Customer, words: tuple[str, ...]) -> None:
    for _ in range(MOST_TRIES):
        buyer.cradle.start(*words, "--json")
        buyer.cradle._order({})  # waits until it is gone
        buyer.cradle.running = 0
        if buyer.cradle.out.read_text():
            return
        if words[0] != "activate":
            assert buyer.run("status")["mode"] == "full"
    raise AssertionError(f"{words[0]} failed {MOST_TRIES} times: {buyer.cradle.log.read_text()[-2000:]}")


def stock_client_lives(seller: Vendor, server: str, code: str, count: int) -> int:
    """The same in memory; returns how many tries found no answer."""
    agent = PatientAgent(server, Trust.pin((seller.home / "root.json").read_bytes()), dict(HARDWARE))
    agent.persist("activations", lambda: agent.activate(code))
    for number in range(count):
        licence = agent.persist("validations", agent.validate)
        assert (licence["status"], licence["seq"]) == ("active", number + 2)
    return len(agent.tries)


def awkwardnesses(seller: Vendor) -> Counter[str]:
    lines = [json.loads(line) for line in seller.cradle.log.read_text().splitlines() if line.startswith("{")]
    return Counter(line["awkward"] for line in lines if line["event"] == "awkward")
