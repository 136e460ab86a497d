"""Thousands of customers' agents and one licence server in simulated time: events on a clock that stands in between.

The agents decide with their own code when to ask (agent/services/renewing.py, agent/domain/renewal.py) and how to
understand what they are told (agent/server.py); the answers come from the server's own application and services over
SQLite. Simulated are the time, the agents' disks and the wire.
"""

import heapq
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from random import Random
from typing import Any, Literal

from agent.daemon.assembly import Silence
from agent.domain.mode import Standing
from agent.server import HttpServer
from agent.services.activating import Activating, Wish
from agent.services.holding import Holding
from agent.services.judging import Judging, Recognising, Timekeeping
from agent.services.ports import Surroundings
from agent.services.renewing import Renewing
from agent.services.trusting import Trusting
from agent.services.validating import Validating
from keys.documents.licence import Licence
from keys.errors import LicensingError, UnreachableError
from licence_server.domain.customer import NewCustomer
from licence_server.domain.licence import Order
from tests.agent.rig import MemoryMachine
from tests.agent.vendor import HARDWARE
from tests.fakes import TurnableClock
from tests.licence_server.office import ME, Office
from tests.stories.memory_home import MemoryHome

State = Literal["up", "gone", "without database"]


@dataclass(slots=True)
class Try:
    """One request that an agent made."""

    at: int
    status: int
    """Of HTTP; 0: nobody was there."""
    says_when: bool
    """Whether the answer says when to come again."""


@dataclass
class Vendor:
    """The server behind the agents' wires, which can be gone, or there without its database."""

    office: Office
    database: Path
    tries: list[Try] = field(default_factory=list)
    state: State = "up"

    def turn(self, state: State) -> None:
        aside = self.database.with_suffix(".aside")
        if state == "without database":
            self.database.rename(aside)
        elif aside.exists():
            aside.rename(self.database)
        self.state = state

    def answer(self, address: str, method: str, path: str, body: bytes | None) -> tuple[int, Mapping[str, str], bytes]:
        """Answer one request from an address."""
        now = self.office.clock.now()
        if self.state == "gone":
            self.tries.append(Try(now, 0, says_when=False))
            raise UnreachableError("Nobody is there.")
        environ = {"REMOTE_ADDR": address}
        media = None if body is None else "application/jwt"
        answer = self.office.app.test_client().open(
            path, method=method, data=body, content_type=media, environ_overrides=environ
        )
        self.tries.append(Try(now, answer.status_code, says_when=int(answer.headers.get("Retry-After", 0)) > 0))
        return answer.status_code, dict(answer.headers), answer.data


class Wired(HttpServer):
    """The agent's own client, whose wire is a call."""

    wire: Callable[[str, str, bytes | None], tuple[int, Mapping[str, str], bytes]]

    def _talk(self, method: str, path: str, document: bytes | None) -> tuple[int, Mapping[str, str], bytes]:
        return self.wire(method, path, document)


class Customer:
    """One agent, put together as the program does it."""

    def __init__(self, number: int, vendor: Vendor, clock: TurnableClock, chance: Random) -> None:
        self.home = home = MemoryHome()
        machine = MemoryMachine(clock, {name: f"{value} {number}" for name, value in HARDWARE.items()})
        around = Surroundings(home, home, home, home, machine, home.lock, clock, chance.randbytes)
        holding = Holding(home, home, home)
        self.judging = Judging(holding, Timekeeping(home, machine, clock), Recognising(machine, home))
        trusting = Trusting(home, home, holding)
        self.activating = Activating(around, self.judging)
        self.server = Wired("http://licence.example.com", "simulated", clock)
        self.server.wire = partial(vendor.answer, f"10.{number >> 16}.{number >> 8 & 255}.{number & 255}")
        validating = Validating(around, self.judging, trusting, Silence())
        self.renewing = Renewing(around, self.judging, validating, trusting, lambda: self.server)

    def activate(self, code: str, root: bytes) -> None:
        self.activating.activate(Wish(code, self.server.url, root), self.server, lambda _: None)

    def step(self) -> int:
        """Do what the daemon's loop does when it wakes; return the seconds until it wakes again."""
        try:
            return self.renewing.step()
        except LicensingError:
            return 1

    @property
    def standing(self) -> Standing:
        return self.judging.standing()

    @property
    def licence(self) -> Licence:
        return self.judging.holding.licence()


@dataclass
class Fleet:
    """All agents, and when each wakes next."""

    vendor: Vendor
    clock: TurnableClock
    customers: list[Customer] = field(default_factory=list)
    _waking: list[tuple[int, int]] = field(default_factory=list)

    @classmethod
    def at(cls, office: Office, database: Path) -> "Fleet":
        return cls(Vendor(office, database), office.clock)

    def roll_out(self, number: int, seconds: int, chance: Random) -> None:
        """Install so many agents one after the other, within so many seconds."""
        server = self.vendor.office.server
        buyer = server.registering.add(NewCustomer("فولاد پارس"), ME)
        root, begin = server.vault.trust_document, self.clock.now()
        for count in range(number):
            self._turn_to(begin + count * seconds // number)
            customer = Customer(count, self.vendor, self.clock, chance)
            customer.activate(server.issuing.issue(Order(buyer.id, users=3), ME)[1], root)
            self.customers.append(customer)
            heapq.heappush(self._waking, (self.clock.now(), count))

    def run_until(self, moment: int) -> None:
        """Let every agent do what it wants to do until then."""
        while self._waking[0][0] < moment:
            at, number = heapq.heappop(self._waking)
            self._turn_to(at)
            wait = self.customers[number].step()
            heapq.heappush(self._waking, (at + wait, number))
        self._turn_to(moment)

    @property
    def modes(self) -> Counter[str]:
        return Counter(customer.standing.mode for customer in self.customers)

    def _turn_to(self, moment: int) -> None:
        self.clock.advance(max(0, moment - self.clock.now()))


def peak(tries: list[Try], window: int) -> float:
    """Return the most requests a second, in the mean of a window of so many seconds."""
    return max(Counter(each.at // window for each in tries).values(), default=0) / window


def rates(tries: list[Try], begin: int, end: int, window: int) -> list[float]:
    """Return requests a second, window after window."""
    counts: Counter[Any] = Counter((each.at - begin) // window for each in tries if begin <= each.at < end)
    return [counts[index] / window for index in range((end - begin) // window)]
