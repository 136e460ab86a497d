"""The process that serves the seats is killed under load: no seat that was answered for is lost, none is doubled."""

import http.client
import json
import random
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from tests.agent.seats.program import ADMINISTRATOR, TOKEN

ROOT = Path(__file__).parents[3]
USERS, CLIENTS, CALLERS = 30, 60, 8
LONGEST_ROUND = 0.4


@contextmanager
def agent(folder: Path) -> Iterator[tuple[subprocess.Popen[bytes], int]]:
    """Serve the seats of a folder, until it is killed."""
    command = [sys.executable, "-m", "tests.agent.seats.program", str(folder), str(USERS), str(CLIENTS), "concurrent"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, cwd=ROOT) as process:
        try:
            assert process.stdout
            yield process, json.loads(process.stdout.readline())["port"]
        finally:
            process.kill()


@dataclass
class Caller:
    """A CRM that remembers what it was answered."""

    name: str
    chance: random.Random
    held: dict[str, tuple[str, int]] = field(default_factory=dict)
    """Seat and fence by pair, of which the agent has said that it is held."""
    released: set[str] = field(default_factory=set)
    """Seats of which the agent has said that they are released."""
    asked: list[str] = field(default_factory=list)
    """The pair that was asked for when the agent died."""
    releasing: set[str] = field(default_factory=set)
    """Seats whose release was asked for and not answered when the agent died: held or not, both is right."""
    answers: int = 0
    highest_fence: int = 0

    def work(self, port: int) -> None:
        """Come and go until the agent is gone."""
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
        try:
            while True:
                self._step(connection)
                self.answers += 1
        except (OSError, http.client.HTTPException):
            connection.close()

    def _step(self, connection: http.client.HTTPConnection) -> None:
        if not self.asked and self.held and self.chance.random() < 0.5:
            self._release(connection, self.chance.choice(list(self.held)))
        elif self.chance.random() < 0.9:
            pair = self.asked[0] if self.asked else f"{self.chance.randrange(6)}/{self.chance.randrange(3)}"
            self._check_out(connection, pair)
        else:
            seats = [seat for seat, _ in self.held.values()]
            _, answer = call(connection, "POST", "/v1/seats/heartbeat", {"seats": seats})
            assert answer == {"renewed": seats, "lost": []}

    def _check_out(self, connection: http.client.HTTPConnection, pair: str) -> None:
        self.asked = [pair]
        user, _, client = pair.partition("/")
        body = {"user": f"{self.name}-{user}", "client": f"{self.name}-{client}"}
        status, answer = call(connection, "POST", "/v1/seats", body)
        if status != 409:
            if status == 201:
                assert answer["fence"] > self.highest_fence
                self.highest_fence = answer["fence"]
            assert self.held.setdefault(pair, (answer["seat"], answer["fence"])) == (answer["seat"], answer["fence"])
        self.asked = []

    def _release(self, connection: http.client.HTTPConnection, pair: str) -> None:
        seat, _ = self.held.pop(pair)
        self.releasing.add(seat)
        call(connection, "DELETE", f"/v1/seats/{seat}")
        self.releasing.remove(seat)
        self.released.add(seat)


def call(
    connection: http.client.HTTPConnection, method: str, path: str, body: object = None, token: str = TOKEN
) -> tuple[int, Any]:
    headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
    connection.request(method, path, None if body is None else json.dumps(body), headers)
    response = connection.getresponse()
    content = response.read()
    assert response.status in {200, 201, 204, 409}, content
    return response.status, json.loads(content) if content else None


def check(port: int, callers: list[Caller]) -> None:
    """Compare what the restarted agent says with what its predecessor had answered."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    _, found = call(connection, "GET", "/v1/seats", token=ADMINISTRATOR)
    connection.close()
    live = {seat["seat"]: seat for seat in found["seats"]}
    assert len({(seat["user"], seat["client"]) for seat in live.values()}) == len(live)
    assert len({seat["fence"] for seat in live.values()}) == len(live)
    assert found["users"]["used"] == len({seat["user"] for seat in live.values()}) <= USERS
    assert found["clients"]["used"] == len({seat["client"] for seat in live.values()}) <= CLIENTS
    known: set[str] = set()
    for caller in callers:
        held = dict(caller.held.values())
        assert {seat: live[seat]["fence"] for seat in held if seat in live} == held
        assert not caller.released & live.keys()
        known |= held.keys() | caller.releasing
    in_flight = {(f"{caller.name}-{pair.split('/')[0]}") for caller in callers for pair in caller.asked}
    assert {seat["user"] for name, seat in live.items() if name not in known} <= in_flight


@pytest.mark.threat(41)
@pytest.mark.parametrize("kills", [5, pytest.param(100, marks=pytest.mark.long)])
def test_a_killed_agent_has_kept_every_seat_that_it_answered_for(tmp_path: Path, kills: int) -> None:
    chance = random.Random(kills)
    callers = [Caller(f"caller-{number}", random.Random(number)) for number in range(CALLERS)]
    for _ in range(kills):
        with agent(tmp_path) as (process, port):
            check(port, callers)
            threads = [threading.Thread(target=caller.work, args=(port,)) for caller in callers]
            for thread in threads:
                thread.start()
            threading.Event().wait(0.1 + chance.random() * LONGEST_ROUND)
            process.kill()
            for thread in threads:
                thread.join(30)
    with agent(tmp_path) as (_, port):
        check(port, callers)
    assert sum(caller.answers for caller in callers) > kills * 5
    assert any(caller.released for caller in callers)
