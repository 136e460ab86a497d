"""Who would wait for a seat holds no thread, keeps the order, and leaves the queue by going away."""

import json
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from agent.web import turns
from tests.agent.web.server import ADMINISTRATOR, Crm, Got


class Caller(threading.Thread):
    """Somebody who waits."""

    def __init__(self, crm: Crm, user: str, wait: int = 20) -> None:
        super().__init__()
        self._crm, self._user, self._wait = crm, user, wait
        self.got: Got

    def run(self) -> None:
        self.got = self._crm.check_out(self._user, wait=self._wait)


def until(crm: Crm, number: int) -> None:
    """Wait until that many wait."""
    for _ in range(500):
        if crm.office.seating.waiting == number:
            return
        threading.Event().wait(0.02)
    pytest.fail(f"{crm.office.seating.waiting} wait, not {number}")


@contextmanager
def waiting(crm: Crm, *users: str, wait: int = 20) -> Iterator[list[Caller]]:
    """Let people wait, in this order, and have all of them answered in the end."""
    callers = []
    for number, user in enumerate(users, 1):
        callers.append(Caller(crm, user, wait))
        callers[-1].start()
        until(crm, number)
    yield callers
    for caller in callers:
        caller.join(15)
        assert not caller.is_alive()


@pytest.fixture
def full(crm: Crm) -> list[str]:
    """The seats of three users, who are all that may be in."""
    return [crm.check_out(user).json["seat"] for user in "abc"]


def test_where_there_is_a_seat_nobody_waits(crm: Crm) -> None:
    assert crm.check_out("sara", wait=30).status == 201


def test_whoever_waited_first_gets_the_seat_at_once_when_somebody_leaves(crm: Crm, full: list[str]) -> None:
    with waiting(crm, "first", "second") as (first, second):
        assert crm.check_out("overtaker").problem == "seats-exhausted"
        crm.call("DELETE", f"/v1/seats/{full[0]}")
        first.join(5)
        assert first.got.status == 201
        assert second.is_alive()
        crm.call("DELETE", f"/v1/seats/{full[1]}")
    assert second.got.status == 201
    assert crm.office.users() == ["c", "first", "second"]


def test_a_seat_that_the_administrator_frees_goes_to_who_waits(crm: Crm, full: list[str]) -> None:
    with waiting(crm, "patient") as (patient,):
        assert crm.call("DELETE", "/v1/users/a", token=ADMINISTRATOR).json == {"released": 1}
    assert patient.got.status == 201
    assert full


def test_a_seat_that_ends_goes_to_who_waits(crm: Crm, full: list[str]) -> None:
    crm.office.clock.advance(110)
    with waiting(crm, "patient") as (patient,):
        crm.office.clock.advance(10)
    assert patient.got.status == 201
    assert full


def test_when_the_time_is_over_the_answer_is_no(crm: Crm, full: list[str]) -> None:
    with waiting(crm, "patient", wait=5) as (patient,):
        crm.office.clock.advance(5)
    assert patient.got.problem == "seats-exhausted"
    assert crm.office.seating.waiting == 0
    assert full


def test_who_goes_away_leaves_the_queue(crm: Crm, full: list[str]) -> None:
    body = json.dumps({"user": "gone", "client": "pc", "wait": 30})
    head = f"POST /v1/seats HTTP/1.1\r\nHost: localhost:{crm.port}\r\nAuthorization: Bearer application-token\r\n"
    rest = f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n{body}"
    connection = socket.create_connection(("127.0.0.1", crm.port), timeout=10)
    connection.sendall((head + rest).encode())
    until(crm, 1)
    connection.close()
    until(crm, 0)
    crm.call("DELETE", f"/v1/seats/{full[0]}")
    assert crm.office.users() == ["b", "c"]


def test_no_more_wait_than_there_is_room_for(crm: Crm, full: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(turns, "MOST_WAITING", 1)
    with waiting(crm, "patient"):
        assert crm.check_out("one too many", wait=30).problem == "seats-exhausted"
        assert crm.office.seating.waiting == 1
        crm.call("DELETE", f"/v1/seats/{full[0]}")


def test_waiting_holds_no_thread_and_nobody_up(crm: Crm, full: list[str]) -> None:
    before = threading.active_count()
    with waiting(crm, *(f"patient-{number}" for number in range(20))) as callers:
        assert threading.active_count() == before + len(callers), "the callers' own"
        assert crm.check_out("a").status == 200
        for seat in full:
            crm.call("DELETE", f"/v1/seats/{seat}")
        crm.office.clock.advance(20)
    assert sorted(caller.got.status for caller in callers) == [201] * 3 + [409] * 17


def test_stopping_answers_who_waits(crm: Crm, full: list[str]) -> None:
    with waiting(crm, "patient") as (patient,):
        crm.server.stop()
    assert (patient.got.status, patient.got.problem) == (503, "unavailable")
    assert full


@pytest.mark.parametrize("wait", [-1, 31, 1.5, "5", None, True])
def test_how_long_is_a_whole_number_of_seconds_up_to_thirty(crm: Crm, wait: object) -> None:
    assert crm.check_out("sara", wait=wait).problem == "malformed"
