"""The power goes while the CRM checks seats out and in: every seat that was answered for is there, none twice."""

import http.client
import json
import random
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import repeat
from pathlib import Path
from typing import Any

import pytest

from agent.domain.seats import Seat
from agent.store.seats import SqlJournal
from keys.clock import SystemClock
from keys.documents.parts import Seats
from tests.agent.seats.fakes import Office, a_journal
from tests.agent.vendor import HARDWARE
from tests.contract.installed import Installed
from tests.contract.serving import Premises
from tests.fakes import TurnableClock
from tests.faults.exchanges import Exchange, exchanges
from tests.faults.tape import Tape
from tests.licence_server.office import ISSUER
from tests.licence_server.office import Home as VendorHome
from tests.stories.callers import Address, BrokenPromiseError, promise
from tests.stories.cuts import cut_often, program
from tests.stories.processes import clean_environment, wait_for

CALLERS, USERS, CLIENTS = 5, 8, 12
TTL = 120
Pair = tuple[str, str]


@dataclass
class Story:
    """An agent's home, and what the CRM was answered."""

    tape: Tape
    asked: list[Exchange]

    def check(self, disk: Path, moment: int) -> None:
        """Look at the agent's home after a power cut."""
        home, clock = disk / "home", TurnableClock(SystemClock().now(), 5.0)
        agent = Installed(disk, clock, "http://127.0.0.1:9", HARDWARE, boot="after the cut")
        promise(agent.standing.mode == "full", f"the licence is {agent.standing.reason}")
        journal = a_journal(home, clock.now())
        try:
            promise(journal.warning is None, f"the journal is damaged: {journal.warning}")
            seats = {(seat.user, seat.client): seat for seat in journal.remembered()[0].seats}
            promise(len(seats) == len(journal.remembered()[0].seats), "a pair holds two seats")
            promise(len({user for user, _ in seats}) <= USERS, "more users than the licence allows")
            for pair, asked in self._by_pair(moment).items():
                check_pair(seats.pop(pair, None), asked, moment, pair)
            promise(not seats, f"seats that nobody asked for: {seats}")
            check_next_boot(journal, clock)
        finally:
            journal.close()

    def _by_pair(self, moment: int) -> dict[Pair, list[Exchange]]:
        found, pairs = dict[Pair, list[Exchange]](), dict[str, Pair]()
        for each in self.asked:
            if each.method == "DELETE":
                pair = pairs[each.path.rpartition("/")[2]]
            elif each.path == "/v1/seats":
                body = json.loads(each.body)
                pair = body["user"], body["client"]
                if each.status != 409:
                    pairs[json.loads(each.answer)["seat"]] = pair
            else:
                continue
            if each.heard <= moment:
                found.setdefault(pair, []).append(each)
        return found


def check_pair(found: Seat | None, asked: list[Exchange], moment: int, pair: Pair) -> None:
    """A pair's seat is as its last answer said; what was not answered yet may count or not."""
    answered = [each for each in asked if each.answered <= moment]
    if len(answered) < len(asked):
        return
    held = json.loads(answered[-1].answer) if answered[-1].status in {200, 201} else None
    seen = None if found is None else {"seat": found.id, "fence": found.fence}
    told = None if held is None else {name: held[name] for name in ("seat", "fence")}
    promise(seen == told, f"{pair} was told of {told}, and there is {seen}")


def check_next_boot(journal: SqlJournal, clock: TurnableClock) -> None:
    """After the cut every seat has one more ttl, and may be renewed within it; then it is free."""
    office = Office(journal, clock, seats=Seats("concurrent", USERS, CLIENTS))
    seats = [held.seat.id for held in office.seating.occupation().held]
    clock.advance(TTL - 1)
    kept = seats[::2]
    promise(office.seating.heartbeat(kept) == (kept, []), "a seat was lost within its ttl")
    clock.advance(2)
    promise([held.seat.id for held in office.seating.occupation().held] == kept, "a seat outlived its ttl")
    office.ask("somebody new")


@dataclass
class Desk:
    """One connection of the CRM, with pairs that nobody else asks for."""

    pairs: list[Pair]
    token: str
    chance: random.Random

    def work(self, address: Address, steps: int) -> None:
        held = dict[Pair, str]()
        connection = http.client.HTTPConnection(*address, timeout=20)
        for _ in range(steps):
            pair = self.chance.choice(self.pairs)
            if pair in held and self.chance.random() < 0.6:
                self._ask(connection, "DELETE", f"/v1/seats/{held.pop(pair)}")
            elif held and self.chance.random() < 0.2:
                self._ask(connection, "POST", "/v1/seats/heartbeat", {"seats": list(held.values())})
            else:
                body = {"user": pair[0], "client": pair[1]}
                for answer in self._ask(connection, "POST", "/v1/seats", body):
                    held[pair] = answer["seat"]
        connection.close()

    def _ask(self, connection: http.client.HTTPConnection, method: str, path: str, body: object = None) -> list[Any]:
        headers = {"Authorization": f"Bearer {self.token}", "Content-Type": "application/json"}
        connection.request(method, path, None if body is None else json.dumps(body).encode(), headers)
        answer = connection.getresponse()
        content = answer.read()
        return [json.loads(content)] if answer.status in {200, 201} else []


def activated(folder: Path) -> Path:
    """An agent's folder with a licence in its home."""
    vendor = VendorHome(folder / "vendor", TurnableClock(SystemClock().now()))
    vendor.founding().found(ISSUER, None, "tests")
    premises = Premises(vendor)
    premises.open()
    order = ("--customer", vendor.ask("customer", "add", "فولاد پارس")["id"], "--users", USERS, "--clients", CLIENTS)
    code = vendor.ask("licence", "issue", *order)["code"]
    agent = Installed(folder / "disk", vendor.clock, premises.counter.url, HARDWARE)
    agent.activate(code, premises.root)
    premises.close()
    return folder / "disk"


@contextmanager
def told(folder: Path, steps: int, alteration: str = "", *, starts: int = 2) -> Iterator[Story]:
    """Run the agent under load, stop it and start it again; all of it is on a tape."""
    disk = activated(folder)
    tape = Tape(disk)
    environment = clean_environment(LICENCE_AGENT_HOME=disk / "home", LICENCE_AGENT_HARDWARE=disk / "hardware.json")
    for start in range(starts):
        with tape.running([*program("licence-agent", alteration), "run", "--port", "0"], environment):
            where = json.loads(wait_for("the agent's start", lambda: _read(disk / "home/address.json")))
            token, address = (disk / "home/application.token").read_text().strip(), (where["host"], where["port"])
            desks = [Desk(pairs_of(caller, start), token, random.Random(caller)) for caller in range(CALLERS)]
            with ThreadPoolExecutor(CALLERS) as threads:
                list(threads.map(Desk.work, desks, repeat(address), repeat(steps)))
    asked = [each for each in exchanges(tape.said) if each.path.startswith("/v1/seats")]
    assert len(asked) == CALLERS * steps * starts
    assert {each.status for each in asked} >= {200, 201, 204, 409}
    yield Story(tape, asked)


def pairs_of(caller: int, start: int) -> list[Pair]:
    """Three users, one of them on two computers; each start has others."""
    return [
        (f"user-{caller}-{start}-{user}", f"pc-{caller}-{client}") for user, client in ((0, 0), (0, 1), (1, 2), (2, 2))
    ]


def _read(path: Path) -> bytes | None:
    return path.read_bytes() if path.exists() else None


@pytest.mark.long
@pytest.mark.threat(42)
@pytest.mark.timeout(400)
def test_no_seat_that_was_answered_for_is_lost_in_a_power_cut(folder: Path, figure, rounds) -> None:
    cuts = rounds(300, sample=60)
    with told(folder, rounds(60, sample=15), "often") as story:
        cut_often(story.tape, folder, cuts, story.check)
    figure(f"seats: {cuts} power cuts over {len(story.asked)} answers, 0 lost, 0 doubled, 0 corrupt")


@pytest.mark.long
@pytest.mark.threat(42, control=True)
def test_a_journal_that_syncs_only_now_and_then_is_found_out(folder: Path) -> None:
    with told(folder, 20, "normal", starts=1) as story, pytest.raises(BrokenPromiseError, match="was told of"):
        cut_often(story.tape, folder, 60, story.check)
