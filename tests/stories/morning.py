"""The people of a morning and the CRMs that they log in to: each CRM is a process with one connection to the agent.

What a request took is counted from the moment when it was due, so that a slow answer makes everybody behind it late, as
it would in life. A clock beside them shows how late the machine itself is just then: it is woken, and syncs some bytes.
"""

import http.client
import json
import multiprocessing
import os
import random
import tempfile
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass, field
from math import inf
from multiprocessing.connection import Connection
from pathlib import Path
from threading import Event
from typing import Any

from keys.clock import SystemClock

_PATIENCE = 60
_LOOK_EVERY = 0.05
_NOTHING_WRONG = 20
"""So many faults are kept, at most."""


@dataclass(frozen=True, slots=True)
class Morning:
    """How many log in at how many CRMs, and over how many seconds; some are in when it begins."""

    people: int
    seconds: float
    were_in: int = 0
    after: float = 0.0
    """Seconds for which the CRMs go on when all are in."""
    beat: float = 60.0
    """Seconds between two heartbeats of a CRM."""
    crms: int = 10


@dataclass(slots=True)
class Told:
    """What CRMs have to tell: seconds that each request took, and whatever was not as it should be."""

    check_outs: list[float] = field(default_factory=list)
    heartbeats: list[float] = field(default_factory=list)
    largest: int = 0
    """Seats of the largest heartbeat."""
    seats: set[str] = field(default_factory=set)
    wrong: list[str] = field(default_factory=list)
    machine: list[float] = field(default_factory=list)
    """Seconds that being woken and one sync took, with nobody asked."""

    def add(self, other: "Told") -> None:
        self.check_outs += other.check_outs
        self.heartbeats += other.heartbeats
        self.largest = max(self.largest, other.largest)
        self.seats |= other.seats
        self.wrong += other.wrong
        self.machine += other.machine


def live_through(plan: Morning, address: tuple[str, int], token: str, folder: Path) -> Told:
    """Let every CRM live through a morning; return what all have to tell. ``folder``: on the agent's disk."""
    context = multiprocessing.get_context("spawn")
    together, told = context.Barrier(plan.crms + 1), Told()
    pipes = [context.Pipe(duplex=False) for _ in range(plan.crms + 1)]
    crms = [
        context.Process(target=_crm, args=(plan, number, address, token, together.wait, pipe[1]), daemon=True)
        for number, pipe in enumerate(pipes[1:])
    ]
    crms.append(context.Process(target=_watch, args=(plan, folder, together.wait, pipes[0][1]), daemon=True))
    pipes.append(pipes.pop(0))
    for crm in crms:
        crm.start()
    try:
        for crm, (answer, _) in zip(crms, pipes, strict=True):
            while not answer.poll(1):
                assert crm.exitcode is None, "a CRM broke down"
            told.add(answer.recv())
    finally:
        for crm in crms:
            crm.kill()
            crm.join()
    return told


def _crm(
    plan: Morning, number: int, address: tuple[str, int], token: str, wait: Callable[[], Any], answer: Connection
) -> None:
    with closing(http.client.HTTPConnection(*address, timeout=_PATIENCE)) as line:
        crm = _Crm(plan, number, line, token)
        crm.prepare()
        wait()
        crm.live()
    answer.send(crm.told)


def _watch(plan: Morning, folder: Path, wait: Callable[[], Any], answer: Connection) -> None:
    clock, told = SystemClock(), Told()
    wait()
    begins_at, due = clock.boot(), 0.0
    with tempfile.TemporaryFile(dir=folder, buffering=0) as file:
        while due < plan.seconds + plan.after:
            Event().wait(max(0.0, begins_at + due - clock.boot()))
            file.write(b"a seat for one user on one client")
            os.fsync(file.fileno())
            told.machine.append(clock.boot() - begins_at - due)
            due = max(due + _LOOK_EVERY, clock.boot() - begins_at)
    answer.send(told)


class _Crm:
    def __init__(self, plan: Morning, number: int, line: http.client.HTTPConnection, token: str) -> None:
        self._plan, self._number, self._line, self._clock = plan, number, line, SystemClock()
        self._headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
        self._people = list(range(number, plan.people, plan.crms))
        self._seats: list[str] = []
        self.told = Told()

    def prepare(self) -> None:
        """Let in who was in before."""
        while self._people and self._people[0] < self._plan.were_in:
            self._log_in(self._people.pop(0))

    def live(self) -> None:
        """Log people in at any moment of the morning, and send heartbeats."""
        plan, begins_at, chance = self._plan, self._clock.boot(), random.Random()
        arrivals = sorted((chance.uniform(0, plan.seconds), person) for person in self._people)
        ends = plan.seconds + plan.after
        beat, arrival = plan.beat * (self._number + 0.5) / plan.crms, 0
        while True:
            due = min(beat, arrivals[arrival][0] if arrival < len(arrivals) else inf)
            if due > ends:
                break
            Event().wait(max(0.0, begins_at + due - self._clock.boot()))
            if due == beat:
                self._send_heartbeat()
                self.told.heartbeats.append(self._clock.boot() - begins_at - due)
                beat += plan.beat
            else:
                self._log_in(arrivals[arrival][1])
                self.told.check_outs.append(self._clock.boot() - begins_at - due)
                arrival += 1

    def _log_in(self, person: int) -> None:
        status, said = self._ask("/v1/seats", {"user": f"person {person}", "client": f"pc {person}"})
        if status == 201:
            self._seats.append(said["seat"])
            self.told.seats.add(said["seat"])
        elif len(self.told.wrong) < _NOTHING_WRONG:
            self.told.wrong.append(f"{status} {said}")

    def _send_heartbeat(self) -> None:
        status, said = self._ask("/v1/seats/heartbeat", {"seats": self._seats})
        self.told.largest = max(self.told.largest, len(self._seats))
        if (status, said) != (200, {"renewed": self._seats, "lost": []}) and len(self.told.wrong) < _NOTHING_WRONG:
            self.told.wrong.append(f"{status}, lost {len(said.get('lost', []))}")

    def _ask(self, path: str, body: object) -> tuple[int, Any]:
        self._line.request("POST", path, json.dumps(body), self._headers)
        answer = self._line.getresponse()
        return answer.status, json.loads(answer.read())
