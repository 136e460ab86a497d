"""The licence server is killed at any moment, all its processes at once, while agents activate and validate."""

import hashlib
import json
import random
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.contract.stock_client import RefusedError, Trust
from tests.stories.devices import Device, Fleet, ForgottenError
from tests.stories.parties import HARDWARE, SERVER_MODULES, Vendor, vendor
from tests.stories.processes import pause, wait_for
from tests.threats.plugin import Figure

FLEETS = 4
ROUNDS = [12, pytest.param(100, marks=pytest.mark.long)]
AS_COMMAND_EVERY = 25
"""Every so many rounds the server starts as the installed command, which takes seconds; else as a fork of it."""


@dataclass
class Story:
    """A licence server, and devices in several threads."""

    vendor: Vendor
    fleets: list[Fleet]
    counts: Counter[str]
    chance: random.Random
    threads: ThreadPoolExecutor

    @property
    def devices(self) -> list[Device]:
        return [device for fleet in self.fleets for device in fleet.devices]

    def rounds(self, count: int) -> None:
        """Kill the server so often."""
        for number in range(count):
            self.round(number)

    def round(self, number: int) -> None:
        """Start the server, compare, put it under load, and kill it in the middle."""
        url = self.vendor.start(as_command=number % AS_COMMAND_EVERY == AS_COMMAND_EVERY - 1)
        list(self.threads.map(lambda fleet: fleet.prepare(url), self.fleets))
        working = [self.threads.submit(fleet.work, url) for fleet in self.fleets]
        pause(self.chance.uniform(0.05, 0.2))
        most = (number + 1) * len(self.fleets)
        wait_for("answers", lambda: self.counts["answered"] > most or any(each.done() for each in working) or None)
        self.vendor.cradle.kill()
        for each in working:
            each.result()

    def end(self) -> None:
        """All agents go on, used codes stay used, and the record has every answer and is whole."""
        url = self.vendor.start()
        list(self.threads.map(lambda fleet: fleet.finish(url), self.fleets))
        for device in self.devices[:: len(self.devices) // 3]:
            with pytest.raises(RefusedError, match="code-used"):
                Device(url, device.trust, HARDWARE).activate(device.code)
        self.vendor.cradle.kill()
        record = self.vendor.run("audit", "list")
        written = [entry["details"]["document"] for entry in record if entry["event"] in ANSWERS]
        answered = [hashlib.sha256(each.answer.encode()).hexdigest() for d in self.devices for each in d.answers]
        assert Counter(written) == Counter(answered), "the record has every document that was answered, once"
        assert self.vendor.run("audit", "verify")["valid"]


ANSWERS = ("licence_activated", "licence_validated")


@contextmanager
def told(folder: Path, rounds: int, program: str = SERVER_MODULES[0], **settings: object) -> Iterator[Story]:
    seed = random.randrange(1 << 32)
    print(f"seed {seed}")  # noqa: T201 - pytest shows it when the story goes otherwise
    chance, counts = random.Random(seed), Counter[str]()
    with vendor(folder, program, **settings) as seller, ThreadPoolExecutor(FLEETS) as threads:
        trust = Trust.pin((seller.home / "root.json").read_bytes())
        fleets = [
            Fleet(trust, [seller.issue()[1] for _ in range(1 + rounds // 4)], chance, counts) for _ in range(FLEETS)
        ]
        yield Story(seller, fleets, counts, chance, threads)


@pytest.mark.threat(20)
@pytest.mark.timeout(400)
@pytest.mark.parametrize("kills", ROUNDS)
def test_nothing_that_was_answered_is_forgotten(folder: Path, kills: int, figure: Figure) -> None:
    with told(folder, kills) as story:
        story.rounds(kills)
        story.end()
    print(json.dumps(story.counts), len(story.devices))  # noqa: T201 - what the load was
    assert story.counts["lost"] == kills * FLEETS, "every kill hit all agents at work"
    assert story.counts["answered"] > kills * FLEETS
    assert len(story.devices) > kills // 4
    figure(f"server killed {kills} times under load: {story.counts['answered']} answers, 0 forgotten")


@pytest.mark.threat(20)
@pytest.mark.timeout(200)
def test_nothing_is_forgotten_on_postgresql(folder: Path, postgresql_url: str) -> None:
    with told(folder, 5, LICENCE_SERVER_DATABASE=postgresql_url) as story:
        story.rounds(5)
        story.end()


@pytest.mark.threat(20, control=True)
@pytest.mark.timeout(200)
def test_a_server_that_answers_before_it_commits_is_found_out(folder: Path) -> None:
    with told(folder, 20, "tests.stories.weak_server") as story, pytest.raises(ForgottenError):
        story.rounds(AS_COMMAND_EVERY - 1)
