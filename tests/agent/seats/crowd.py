"""A process full of people who come, wait, stay for a moment and go, and what they were told.

``python -m tests.agent.seats.crowd PORT NAME SECONDS`` prints one line of JSON at the end.
"""

import http.client
import json
import random
import sys
import threading
from dataclasses import dataclass, field
from typing import Any

from keys.clock import SystemClock
from tests.agent.seats.program import TOKEN

PEOPLE = 8
_HEADERS = {"Authorization": f"Bearer {TOKEN}", "Content-Type": "application/json"}


@dataclass
class Told:
    """The most that the agent has said, and how often it said what."""

    users: int = 0
    beyond: int = 0
    statuses: dict[int, int] = field(default_factory=dict)
    fences: list[int] = field(default_factory=list)


def come_and_go(port: int, name: str, ends_at: float, told: Told) -> None:
    """Be one person until it is time to stop. User names are shared with the other processes' people."""
    chance, clock = random.Random(name), SystemClock()
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
    while clock.boot() < ends_at:
        body = {"user": f"user-{chance.randrange(20)}", "client": name, "wait": chance.choice([0, 0, 1])}
        status, answer = _call(connection, "POST", "/v1/seats", body)
        told.statuses[status] = told.statuses.get(status, 0) + 1
        if status == 409:
            continue
        told.users = max(told.users, answer["users"]["used"])
        told.beyond = max(told.beyond, (answer["overdraft"] or {"users": 0})["users"])
        if status == 201:
            told.fences.append(answer["fence"])
        if chance.random() < 0.3:
            _call(connection, "POST", "/v1/seats/heartbeat", {"seats": [answer["seat"]]})
        _call(connection, "DELETE", f"/v1/seats/{answer['seat']}", None)
    connection.close()


def _call(connection: http.client.HTTPConnection, method: str, path: str, body: object) -> tuple[int, Any]:
    connection.request(method, path, None if body is None else json.dumps(body), _HEADERS)
    response = connection.getresponse()
    content = response.read()
    return response.status, json.loads(content) if content else None


def main(port: str, name: str, seconds: str) -> None:
    ends_at = SystemClock().boot() + float(seconds)
    all_told = [Told() for _ in range(PEOPLE)]
    threads = [
        threading.Thread(target=come_and_go, args=(int(port), f"{name}-{number}", ends_at, told))
        for number, told in enumerate(all_told)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    sys.stdout.write(
        json.dumps({
            "users": max(told.users for told in all_told),
            "beyond": max(told.beyond for told in all_told),
            "new": sum(told.statuses.get(201, 0) for told in all_told),
            "refused": sum(told.statuses.get(409, 0) for told in all_told),
            "others": sum(count for told in all_told for status, count in told.statuses.items() if status > 409),
            "fences": [told.fences for told in all_told],
        })
    )  # fmt: skip


if __name__ == "__main__":
    main(*sys.argv[1:])
