"""A customer's house: an agent under a real licence, Tryton, and what stands between its people and Tryton."""

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from tests.crm.installing import ADMINISTRATOR, PEOPLE
from tests.crm.people import Answer, Person, Where
from tests.crm.server import Tryton
from tests.stories.parties import Customer, Vendor, customer, vendor
from tests.stories.processes import free_port, pause

USERS, CLIENTS = 5, 8
TTL = 120
COMPUTERS = {name: f"127.0.1.{number}" for number, name in enumerate((ADMINISTRATOR, *PEOPLE), 10)}
"""Everybody has one, with an address of its own."""


@dataclass
class House:
    """Everything that runs; ``door`` is where people's programs connect."""

    vendor: Vendor
    customer: Customer
    licence: str
    server_port: int
    crm: Tryton
    door: Where
    agent_port: int
    administrator: str = "admin"
    """How this way in calls Tryton's administrator."""
    remembers: float = 0
    """Seconds for which a seat that was freed elsewhere may still be believed in, as set for these stories."""
    believes_anybody: bool = True
    """Whether a session that Tryton does not know takes a seat, too."""
    people: dict[tuple[str, str, type[Person]], Person] = field(default_factory=dict)

    def person(self, name: str, computer: str = "", kind: type[Person] = Person) -> Person:
        """Somebody who is logged in, at a computer of their own unless told; who is logged in already goes on."""
        at = computer or COMPUTERS[name]
        person = self.people.setdefault((name, at, kind), kind(self.door, name, at))
        if not person.is_logged_in:
            assert person.log_in().status == 200
        return person

    def start_agent(self, ttl: int = TTL) -> None:
        """Start the agent; seats live as long as told past their last sign of life."""
        (self.customer.home / "agent.toml").write_text(
            f'version = 1\nttl = {ttl}\nadministrator = "{self.administrator}"\n'
        )
        self.customer.start(port=self.agent_port)

    def restart_agent(self, ttl: int = TTL) -> None:
        """Kill it as a power cut would, and start it again."""
        self.customer.cradle.kill()
        self.start_agent(ttl)

    def seats(self) -> dict[tuple[str, str], str]:
        """Who holds which seat now: (user, client) -> the seat's id."""
        said = self.customer.run("seats")
        return {(seat["user"], seat["client"]): seat["seat"] for seat in said["seats"]}

    def users(self) -> set[str]:
        """Who is in now, by login: behind nginx a number follows it."""
        return {user.partition(":")[0] for user, _ in self.seats()}

    def send_everybody_out(self) -> None:
        """Free all seats, and wait until everybody has noticed.

        More than once: what the administrator frees just after the agent's restart, the middleware takes for what the
        restart has cost, and asks for it again.
        """
        is_over = False
        while not is_over:
            for user in {user for user, _ in self.seats()}:
                self.customer.run("seats", "release", user)
            pause(self.remembers)
            is_over = not self.seats()


@contextmanager
def agent_with_licence(folder: Path) -> Iterator[tuple[Vendor, Customer, str, int]]:
    """A licence server that runs, and an agent that is activated, and runs not yet."""
    with vendor(folder) as office, customer(folder) as buyer:
        port = free_port()
        server = office.start(port=port, workers=1)
        office.customer = office.run("customer", "add", "فولاد پارس")["id"]
        order = ("--customer", office.customer, "--users", USERS, "--clients", CLIENTS)
        issued = office.run("licence", "issue", *order)
        buyer.activate(issued["code"], server, office.home / "root.json")
        yield office, buyer, issued["id"], port


@contextmanager
def working(people: list[Person]) -> Iterator[list[Answer]]:
    """Let people work without a pause while something happens; gives all answers that they get."""
    over, answers = threading.Event(), list[Answer]()

    def work(person: Person) -> None:
        while not over.is_set():
            answers.append(person.work())
            over.wait(0.2)

    with ThreadPoolExecutor(len(people)) as threads:
        jobs = [threads.submit(work, person) for person in people]
        try:
            yield answers
        finally:
            over.set()
        for job in jobs:
            job.result()
