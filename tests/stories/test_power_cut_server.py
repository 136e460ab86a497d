"""The power goes while the licence server activates and validates: no answer that went out is forgotten."""

import hashlib
import json
import random
import sqlite3
import subprocess
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest
from werkzeug.datastructures import Headers

from keys.clock import SystemClock
from keys.documents.licence import Licence, open_licence
from keys.signing import SoftwareSigner
from keys.trust import pin_trust
from tests.contract.serving import ask
from tests.fakes import TurnableClock
from tests.faults.exchanges import Exchange, exchanges
from tests.faults.tape import Tape
from tests.licence_server.device import Device
from tests.licence_server.office import Home, Office, ProblemError
from tests.stories.callers import BrokenPromiseError, promise
from tests.stories.cuts import SUSPICIONS, cut_often, program, rebuilt
from tests.stories.processes import clean_environment

THREADS, LICENCES, STEPS = 4, 5, 25
ACTIVATIONS, VALIDATIONS = "/agent/v1/activations", "/agent/v1/validations"
ANSWERS = ("licence_activated", "licence_validated")


@dataclass
class Door:
    """The licence server behind its address, as a device knows its vendor."""

    url: str
    root: bytes
    clock: SystemClock = field(default_factory=SystemClock)

    @property
    def desk(self) -> SimpleNamespace:
        return SimpleNamespace(issuer=pin_trust(self.root).issuer)

    def opened(self, document: bytes) -> Licence:
        return open_licence(document, pin_trust(self.root))

    def send(self, path: str, document: bytes) -> bytes:
        answer = ask(self.url, "POST", path, document, Headers({"Content-Type": "application/jwt"}))
        assert answer.status_code in {200, 201}, answer.text
        return bytes(answer.data)


@dataclass
class Customer:
    """A device whose key moves, and every request that it stored before it sent it."""

    device: Device
    code: str
    requests: list[bytes] = field(default_factory=list)
    keys: list[SoftwareSigner] = field(default_factory=lambda: [SoftwareSigner.generate("ES256")])

    def __post_init__(self) -> None:
        self.keys.append(self.device.signer)

    def go_on(self, door: Door) -> None:
        path = VALIDATIONS if self.requests else ACTIVATIONS
        request = self._request()
        self.requests.append(request)
        self.take(self.device, door.send(path, request))

    def _request(self) -> bytes:
        match len(self.requests):
            case 0:
                return self.device.activation_request(self.code)
            case 2:
                return self.device.moving_request(self.keys[0])
            case _:
                return self.device.request()

    def take(self, device: Device, answer: bytes) -> None:
        """Hold an answer, and sign from then on with the key that it is bound to."""
        bound = device.take(answer).device_key
        device.signer = next(key for key in self.keys if key.key.kid == bound)


@dataclass
class Story:
    """What a server did, and what it answered."""

    tape: Tape
    begin: int
    customers: list[Customer]
    asked: list[Exchange]

    def check(self, folder: Path, moment: int) -> None:
        """Look at the server's home after a power cut."""
        heard = [each for each in self.asked if each.heard <= moment]
        answered = [each for each in heard if each.answered <= moment]
        check_database(folder / "vendor/licences.sqlite3")
        office = Office.of(Home(folder / "vendor", TurnableClock(SystemClock().now())))
        try:
            check_record(office, answered, heard)
            chance = random.Random(moment)
            for customer in chance.sample(self.customers, 2):
                go_on(office, customer, {each.body: each.answer for each in answered}, {each.body for each in heard})
            check_record(office, answered, None)
        finally:
            office.close()


def check_database(path: Path) -> None:
    connection = sqlite3.connect(path)
    found = connection.execute("PRAGMA integrity_check").fetchall()
    connection.close()
    promise(found == [("ok",)], f"the database is corrupt: {found}")


def check_record(office: Office, answered: list[Exchange], heard: list[Exchange] | None) -> None:
    """The record has every answer that went out, once, nothing that nobody asked for, and no suspicion."""
    report = office.server.auditing.verify()
    promise(report.valid, f"the record is broken: {report.problem}")
    entries = office.server.auditing.entries()
    promise(not {entry.event for entry in entries} & SUSPICIONS, "the customer is suspected of something")
    written = Counter(json.loads(entry.details)["document"] for entry in entries if entry.event in ANSWERS)
    promise(set(written.values()) <= {1}, "an answer is in the record twice")
    lost = {hashlib.sha256(each.answer).hexdigest() for each in answered} - written.keys()
    promise(not lost, f"{len(lost)} answers that went out are not in the record")
    promise(heard is None or len(written) <= len(heard), "the record has answers to requests that nobody sent")


def go_on(office: Office, customer: Customer, answered: dict[bytes, bytes], heard: set[bytes]) -> None:
    """Do as an agent does after its own restart: ask the same again, byte for byte, and then go on."""
    known = [request for request in customer.requests if request in answered]
    held = answered[known[-1]] if known else b""
    device = replace(customer.device, vendor=cast("Any", office), held=b"", signer=customer.keys[-1])
    if held:
        customer.take(device, held)
    waiting = customer.requests[len(known) : len(known) + 1]
    again = waiting if waiting and waiting[0] in heard else [*known[-1:], *waiting]
    try:
        for request in again:
            is_first = request is customer.requests[0]
            answer = office.send("activations" if is_first else "validations", request, 201 if is_first else 200)
            promise(answered.get(request, answer) == answer, "the same request got another answer")
            customer.take(device, answer)
        if device.held:
            before = device.licence.seq
            promise(device.validate().seq == before + 1 and device.licence.status == "active", "the chain is broken")
    except ProblemError as refusal:
        raise BrokenPromiseError(f"an honest agent was refused: {refusal}") from refusal


@contextmanager
def told(folder: Path, steps: int, alteration: str = "") -> Iterator[Story]:
    """Run a server under load, and stop it; all of it is on a tape."""
    disk = folder / "disk"
    disk.mkdir()
    home = Home(disk / "vendor", TurnableClock(SystemClock().now()))
    home.founding().found("https://licences.example.com", None, "tests")
    buyer = home.ask("customer", "add", "فولاد پارس")["id"]
    codes = [home.ask("licence", "issue", "--customer", buyer, "--users", 3)["code"] for _ in range(THREADS * LICENCES)]
    root, tape = (home.path / "root.json").read_bytes(), Tape(disk)
    words = [*program("licence-server", alteration), "run", "--port", "0", "--workers", "2"]
    environment = clean_environment(LICENCE_SERVER_HOME=home.path)
    with tape.running(words, environment) as process, ThreadPoolExecutor(THREADS) as threads:
        assert process.stdout is not None
        door = Door(process.stdout.readline().split()[-1], root)
        customers = [Customer(Device(cast("Any", door)), code) for code in codes]
        lots = [customers[number::THREADS] for number in range(THREADS)]
        list(threads.map(lambda lot: work(lot, door, steps), lots))
    asked = [each for each in exchanges(tape.said) if each.method == "POST"]
    assert len(asked) == THREADS * steps == sum(each.status in {200, 201} for each in asked)
    assert any(customer.device.signer is customer.keys[0] for customer in customers), "keys moved"
    yield Story(tape, asked[0].heard, [customer for customer in customers if customer.requests], asked)


def work(customers: list[Customer], door: Door, steps: int) -> None:
    """Activate one customer after the other, and let those that are active validate in between."""
    for number in range(steps):
        chosen = customers[min(number * LICENCES // steps, LICENCES - 1)] if number % 2 else customers[0]
        chosen.go_on(door)


def check_program(story: Story, target: Path, chance: random.Random) -> None:
    """The program itself starts on the disk that a power cut left, and is ready to answer."""
    moment = chance.choice(story.tape.moments(story.begin))
    environment = clean_environment(LICENCE_SERVER_HOME=target / "vendor")
    words = [*program("licence-server"), "run", "--port", "0"]
    with (
        rebuilt(story.tape, target, moment, chance),
        subprocess.Popen(
            words, env=environment, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
        ) as server,
    ):
        assert server.stdout is not None
        said = server.stdout.readline().split()
        ready = said and ask(said[-1], "GET", "/readyz").status_code
        server.terminate()
    promise(ready == 200, f"the server does not start after a cut at {moment}")


@pytest.mark.long
@pytest.mark.threat(42)
@pytest.mark.timeout(400)
def test_no_answer_that_went_out_is_lost_in_a_power_cut(folder: Path, figure, rounds) -> None:
    cuts = rounds(300, sample=20)
    with told(folder, rounds(STEPS, sample=10), "often") as story:
        cut_often(story.tape, folder, cuts, story.check, first=story.begin)
        for number in range(1 + cuts // 100):
            check_program(story, folder / f"started-{number}", random.Random(number))
    figure(f"licence server: {cuts} power cuts over {len(story.asked)} answers, 0 lost, 0 corrupt")


@pytest.mark.long
@pytest.mark.threat(42, control=True)
@pytest.mark.timeout(200)
def test_a_server_that_syncs_only_now_and_then_is_found_out(folder: Path) -> None:
    with told(folder, 10, "normal") as story, pytest.raises(BrokenPromiseError, match="not in the record"):
        cut_often(story.tape, folder, 40, story.check, first=story.begin)
