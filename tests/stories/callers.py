"""The CRM under load, as several callers at once who believe what they are answered, and find every lie in it."""

import http.client
import json
import random
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from threading import Lock
from typing import Any, Literal

Address = tuple[str, int]
LOST = (OSError, http.client.HTTPException)
"""What a caller sees when the agent dies under it: whether its request counted, nobody told."""


class BrokenPromiseError(Exception):
    """The agent took back what it had answered, or gave away what it could not."""


def promise(kept: object, what: str) -> None:
    if not kept:
        raise BrokenPromiseError(what)


@dataclass
class Place:
    """A pair of user and client, and what its caller was told of it last."""

    user: str
    client: str
    state: Literal["free", "held", "unknown"] = "free"
    seat: str = ""
    """The seat held; of an unknown place: held, or released without an answer. Empty: never told."""
    fence: int = 0

    def take(self, seat: str, fence: int) -> None:
        self.state, self.seat, self.fence = "held", seat, fence

    def leave(self) -> None:
        self.state, self.seat, self.fence = "free", "", 0


@dataclass
class Witness:
    """What all callers together were answered."""

    users: int
    clients: int
    highest: int = 0
    """Highest fencing number answered so far."""
    seats: set[str] = field(default_factory=set)
    counts: Counter[str] = field(default_factory=Counter)
    _lock: Lock = field(default_factory=Lock)

    def note(self, what: str) -> None:
        with self._lock:
            self.counts[what] += 1

    def new(self, seat: str, fence: int, before: int) -> None:
        """Take note of a new seat, asked for when ``before`` was the highest fencing number answered."""
        with self._lock:
            promise(seat not in self.seats, f"{seat} was given twice")
            promise(fence > before, f"the fencing number {fence} came after {before} had been answered")
            self.seats.add(seat)
            self.highest = max(self.highest, fence)


@dataclass
class Caller:
    """One connection of the CRM, with places that nobody else asks for."""

    witness: Witness
    places: list[Place]
    token: str
    chance: random.Random

    def work(self, address: Address) -> None:
        """Check out, heartbeat and release until the agent is gone."""
        connection = http.client.HTTPConnection(*address, timeout=20)
        try:
            while True:
                self._step(connection)
        except LOST:
            self.witness.note("lost")
        finally:
            connection.close()

    def _step(self, connection: http.client.HTTPConnection) -> None:
        place = self.chance.choice(self.places)
        if place.state != "held":
            self.check_out(connection, place)
            return
        self.chance.choice((self.check_out, self.heartbeat, self.release))(connection, place)

    def check_out(self, connection: http.client.HTTPConnection, place: Place) -> None:
        """Ask for a seat, or renew it."""
        before, highest = place.state, self.witness.highest
        place.state = "held" if before == "held" else "unknown"
        body = {"user": place.user, "client": place.client}
        status, answer = _ask(connection, self.token, "POST", "/v1/seats", body)
        self.witness.note(f"check-out {status}")
        if status == 409:
            promise(before != "held", f"{place} was refused")
            place.leave()
            return
        promise(status in {200, 201}, f"check-out was answered {status}: {answer}")
        self._check_limits(answer)
        if status == 201:
            promise(before != "held", f"{place} got another seat")
            self.witness.new(answer["seat"], answer["fence"], highest)
        else:
            promise(before != "free", f"{place} was released, and renewed")
            promise(place.seat in {"", answer["seat"]}, f"{place} got another seat: {answer}")
            self.witness.seats.add(answer["seat"])
        place.take(answer["seat"], answer["fence"])

    def heartbeat(self, connection: http.client.HTTPConnection, _place: Place) -> None:
        """Tell the agent that all seats of this caller are alive."""
        held = [place.seat for place in self.places if place.state == "held"]
        status, answer = _ask(connection, self.token, "POST", "/v1/seats/heartbeat", {"seats": held})
        self.witness.note(f"heartbeat {status}")
        promise(status == 200, f"a heartbeat was answered {status}: {answer}")
        promise(answer == {"renewed": held, "lost": []}, f"seats that were answered for are lost: {answer}")

    def release(self, connection: http.client.HTTPConnection, place: Place) -> None:
        """Give a seat back."""
        place.state = "unknown"
        status, _ = _ask(connection, self.token, "DELETE", f"/v1/seats/{place.seat}")
        self.witness.note(f"release {status}")
        promise(status == 204, f"a release was answered {status}")
        place.leave()

    def _check_limits(self, answer: Mapping[str, Any]) -> None:
        for name, limit in (("users", self.witness.users), ("clients", self.witness.clients)):
            promise(answer[name]["limit"] == limit, f"another limit of {name}: {answer}")
            promise(answer[name]["used"] <= limit, f"more {name} than the licence allows: {answer}")


def check_occupation(witness: Witness, places: Iterable[Place], occupation: Mapping[str, Any]) -> None:
    """Compare what the restarted agent holds with what it had answered; settle what is unknown by it."""
    seats = occupation["seats"]
    held = {(seat["user"], seat["client"]): seat for seat in seats}
    for what in ("seat", "fence"):
        promise(len({seat[what] for seat in seats}) == len(seats), f"a {what} is there twice")
    promise(len(held) == len(seats), "a pair of user and client holds two seats")
    promise(len({user for user, _ in held}) <= witness.users, "more users than the licence allows")
    promise(len({client for _, client in held}) <= witness.clients, "more clients than the licence allows")
    for place in places:
        _settle(witness, place, held.pop((place.user, place.client), None))
    promise(not held, f"seats that nobody asked for: {held}")


def _settle(witness: Witness, place: Place, found: Mapping[str, Any] | None) -> None:
    if place.state == "held":
        promise(found is not None, f"{place} is lost")
    if found is None:
        place.leave()
        return
    promise(place.state != "free", f"{place} was released, and is there again")
    promise(place.seat in {"", found["seat"]}, f"{place} has another seat: {found}")
    promise(place.fence in {0, found["fence"]}, f"{place} has another fencing number: {found}")
    if found["seat"] not in witness.seats:
        witness.new(found["seat"], found["fence"], 0)
    place.take(found["seat"], found["fence"])


def ask(address: Address, token: str, method: str, path: str, body: object = None) -> tuple[int, Any]:
    """Ask the agent on a connection of its own."""
    connection = http.client.HTTPConnection(*address, timeout=20)
    try:
        return _ask(connection, token, method, path, body)
    finally:
        connection.close()


def _ask(
    connection: http.client.HTTPConnection, token: str, method: str, path: str, body: object = None
) -> tuple[int, Any]:
    headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
    connection.request(method, path, None if body is None else json.dumps(body).encode(), headers)
    answer = connection.getresponse()
    content = answer.read()
    return answer.status, json.loads(content) if content else None
