"""Limits of the local API's connections: how long, how large, how many, and in which order they are answered."""

import json
import math
import socket
import threading
from collections.abc import Callable
from contextlib import suppress

import pytest

from agent.web import connection
from agent.web.connection import Connection
from tests.agent.web.server import Crm
from tests.agent.web.test_listener import connections, request

pytestmark = pytest.mark.threat(36)
HOST = b"Host: localhost:%d\r\nAuthorization: Bearer application-token\r\n"
JSON = b"Content-Type: application/json\r\n"
PAUSE = threading.Event()
BODY = b'{"user": "sara", "client": "pc"}'


def dial(crm: Crm) -> socket.socket:
    return socket.create_connection(("127.0.0.1", crm.port), timeout=10)


def until(crm: Crm, is_so: Callable[[list[Connection]], bool]) -> None:
    """Wait for something of the connections that the server holds."""
    for _ in range(400):
        if is_so(connections(crm)):
            return
        PAUSE.wait(0.025)  # asking the server something would be one more connection
    pytest.fail(f"it never came true of {len(connections(crm))} connections")


def seen(crm: Crm, number: int) -> None:
    """Wait until the server holds that many connections."""
    until(crm, lambda those: len(those) == number)


def heard(crm: Crm) -> None:
    """Wait until the server has read of a request that is not whole yet."""
    until(crm, lambda those: any(held._in_message for held in those))


def left(crm: Crm) -> list[float]:
    """Seconds that each connection has, in order."""
    assert crm.server._server
    now = crm.server._server._loop.time()
    return sorted(held.deadline - now for held in connections(crm))


def is_closed(line: socket.socket, within: float = 5) -> bool:
    line.settimeout(within)
    try:
        return line.recv(65_536) == b""
    except ConnectionResetError:
        return True
    except TimeoutError:
        return False


def test_half_a_request_has_less_time_than_silence_and_none_lasts_for_ever(crm: Crm) -> None:
    with dial(crm) as half, dial(crm):
        half.sendall(b"POST /v1/seats HTTP/1.1\r\nHost")
        heard(crm)
        seen(crm, 2)
        shorter, longer = left(crm)
        assert 0 < shorter <= connection.ARRIVING < longer <= connection.IDLE
        half.sendall(b": localhost")
        assert left(crm)[0] <= shorter, "what drips in has no more time"
        min(connections(crm), key=lambda held: held.deadline).deadline = 0
        assert is_closed(half)


@pytest.mark.parametrize("part", [b"", b"GET /healthz HTTP/1.1\r\n"])
def test_whoever_only_holds_a_connection_makes_room(crm: Crm, part: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connection, "MOST_CONNECTIONS", 5)
    honest = dial(crm)
    honest.sendall(request(crm, "sara"))
    assert honest.recv(65_536).startswith(b"HTTP/1.1 201")
    crowd = [dial(crm) for _ in range(20)]
    for line in crowd:
        with suppress(OSError):
            line.sendall(part)
    assert crm.check_out("ali").status == 201
    honest.sendall(request(crm, "sara"))
    assert honest.recv(65_536).startswith(b"HTTP/1.1 200"), "who asked before stays"
    wanted = len(crowd) - connection.MOST_CONNECTIONS
    assert any(sum(is_closed(line, 0.05) for line in crowd) >= wanted for _ in range(20))
    for line in (honest, *crowd):
        line.close()


def test_where_all_are_at_work_one_more_is_told_so(crm: Crm, monkeypatch: pytest.MonkeyPatch) -> None:
    with dial(crm):
        seen(crm, 1)
        connections(crm)[0].deadline = math.inf
        monkeypatch.setattr(connection, "MOST_CONNECTIONS", 1)
        with dial(crm) as one_more:
            answer = one_more.recv(65_536)
        assert answer.startswith(b"HTTP/1.1 503")
        assert b"application/problem+json" in answer


def test_what_follows_a_body_in_chunks_is_no_header(crm: Crm) -> None:
    head = b"POST /v1/seats HTTP/1.1\r\nHost: localhost:%d\r\nConnection: close\r\n" % crm.port
    chunks = b"Transfer-Encoding: chunked\r\n\r\n%x\r\n%b\r\n0\r\nAuthorization: Bearer application-token\r\n\r\n"
    assert crm.raw(head + JSON + chunks % (len(BODY), BODY)).startswith(b"HTTP/1.1 401")


def test_whoever_wants_to_be_asked_for_the_body_is(crm: Crm) -> None:
    head = b"POST /v1/seats HTTP/1.1\r\n" + HOST % crm.port + JSON
    with dial(crm) as line:
        line.sendall(head + b"Expect: 100-continue\r\nContent-Length: %d\r\n\r\n" % len(BODY))
        assert line.recv(65_536) == b"HTTP/1.1 100 Continue\r\n\r\n"
        line.sendall(BODY)
        assert line.recv(65_536).startswith(b"HTTP/1.1 201")
    assert crm.raw(head + b"Expect: tea\r\nContent-Length: 5\r\n\r\n").startswith(b"HTTP/1.1 417")


@pytest.mark.parametrize(
    "upgrade", [b"Connection: Upgrade\r\nUpgrade: websocket\r\n", b"Connection: Upgrade\r\nUpgrade: h2c\r\n"]
)
def test_nothing_but_http_is_spoken(crm: Crm, upgrade: bytes) -> None:
    first = b"GET /healthz HTTP/1.1\r\n" + HOST % crm.port
    answer = crm.raw(first + upgrade + b"\r\n" + first + b"\r\n")
    assert answer.startswith(b"HTTP/1.1 200")
    assert answer.count(b"HTTP/1.1") == 1


@pytest.mark.parametrize(
    "target", [b"*", b"http://localhost/healthz", b"//[/", b"/\xff", b"localhost:1", b"/healthz#a"]
)
def test_a_target_is_a_path(crm: Crm, target: bytes) -> None:
    answer = crm.raw(b"GET " + target + b" HTTP/1.1\r\n" + HOST % crm.port + b"Connection: close\r\n\r\n")
    assert answer.split(b" ")[1] in {b"400", b"404"}


def test_who_has_finished_sending_is_answered(crm: Crm) -> None:
    with dial(crm) as line:
        line.sendall(request(crm, "sara") * 100)
        line.shutdown(socket.SHUT_WR)
        found = b""
        while piece := line.recv(65_536):
            found += piece
    assert found.count(b"HTTP/1.1 20") == 100


def test_what_is_refused_is_refused_after_the_answers_that_are_due(crm: Crm) -> None:
    found = crm.raw(request(crm, "sara") * 3 + b"NONSENSE\r\n\r\n" + request(crm, "sara"))
    assert [piece[:3] for piece in found.split(b"HTTP/1.1 ")[1:]] == [b"201", b"200", b"200", b"400"]


@pytest.mark.parametrize(
    ("content", "status"),
    [
        (b"X: " + b"a" * 20_000, b"431"),
        (b"Transfer-Encoding: chunked\r\n\r\n" + (b"8000\r\n" + b"a" * 0x8000 + b"\r\n") * 33, b"413"),
        (b"Transfer-Encoding: chunked\r\n\r\n0\r\nX: " + b"a" * 1_100_000, b"413"),
        (b"Content-Length: 2000000\r\n\r\n", b"413"),
    ],
)
def test_nobody_makes_the_agent_keep_more_than_it_wants(crm: Crm, content: bytes, status: bytes) -> None:
    with dial(crm) as line:
        with suppress(OSError):
            line.sendall(b"POST /v1/seats HTTP/1.1\r\n" + HOST % crm.port + JSON + content)
        assert line.recv(65_536).split(b" ")[1] == status


def test_answers_that_nobody_reads_are_not_made(crm: Crm) -> None:
    seats = json.dumps({"seats": [f"seat_{number:020}" for number in range(5000)]}).encode()
    head = b"POST /v1/seats/heartbeat HTTP/1.1\r\n" + HOST % crm.port + JSON
    content = head + b"Content-Length: %d\r\n\r\n" % len(seats) + seats
    with dial(crm) as line:
        line.settimeout(1)
        with suppress(TimeoutError):
            for _ in range(200):
                line.sendall(content)
        until(crm, lambda those: any(held.has_asked for held in those))
        held = next(one for one in connections(crm) if one.has_asked)
        assert held.transport.get_write_buffer_size() < 2 * len(content)
        assert crm.call("GET", "/healthz").status == 200
        for _ in range(10_000):
            if not held.transport.get_write_buffer_size():
                return
            with suppress(TimeoutError):
                line.recv(1_000_000)
        pytest.fail("what is read makes no room")


def test_few_requests_are_taken_ahead_of_their_answers(crm: Crm) -> None:
    with dial(crm) as line:
        line.sendall(request(crm, "sara") * 1000)
        assert line.recv(100)
        assert all(len(held._waiting) < 50 for held in connections(crm))


def test_chunks_are_nothing_that_http_1_0_has(crm: Crm) -> None:
    head = b"POST /v1/seats HTTP/1.0\r\n" + HOST % crm.port + JSON
    answer = crm.raw(head + b"Transfer-Encoding: chunked\r\n\r\n%x\r\n%b\r\n0\r\n\r\n" % (len(BODY), BODY))
    assert answer.startswith(b"HTTP/1.1 400")
