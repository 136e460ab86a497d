"""Every fault of the proxy really happens: a client that thinks of none of them comes to grief."""

from collections.abc import Iterator
from contextlib import suppress
from http.server import BaseHTTPRequestHandler

import pytest
import requests

from agent.server import HttpServer
from keys.clock import SystemClock
from keys.errors import UnreachableError
from tests.faults.oddserver import OddServer, odd_server, plain
from tests.faults.proxy import CutRequest, Drip, Fate, Late, Wire, wire_to
from tests.faults.strace import wait_for

BODY = b"the request, in so many words"
PATIENCE = 30.0
"""Seconds that a client waits who is to be answered."""


@pytest.fixture(scope="module")
def server() -> Iterator[OddServer]:
    with odd_server() as server:
        yield server


@pytest.fixture
def line(server: OddServer, monkeypatch: pytest.MonkeyPatch) -> Iterator[Wire]:
    """A line to a server that counts what it is asked."""
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    server.asked = []

    def count(handler: BaseHTTPRequestHandler, body: bytes) -> None:
        plain(200, b"answer %d" % len(server.asked))(handler, body)

    server.answer = count
    with wire_to(server.url) as line:
        yield line


def naive(line: Wire, timeout: float = PATIENCE) -> bytes:
    """A client as most are written: with a time-out, which counts for each read."""
    answer = requests.post(f"{line.url}/agent/v1/validations", data=BODY, timeout=timeout)
    return answer.content


def test_a_line_that_is_whole_changes_nothing(line: Wire, server: OddServer) -> None:
    assert [naive(line), naive(line)] == [b"answer 1", b"answer 2"]
    assert [body for _, _, _, body in server.asked] == [BODY, BODY]
    assert [reply.rpartition(b"\r\n\r\n")[2] for reply in line.replies] == [b"answer 1", b"answer 2"]


@pytest.mark.parametrize(("fate", "heard"), [("lose request", 0), ("lose reply", 1), (7, 1), (-3, 1)])
def test_what_is_lost_is_an_error_that_does_not_say_whether_it_counted(
    line: Wire, server: OddServer, fate: Fate, heard: int
) -> None:
    line.cut(fate)
    with pytest.raises(requests.RequestException):
        naive(line)
    assert len(server.asked) == heard
    assert naive(line) == b"answer %d" % (heard + 1), "who simply asks again is heard twice"


def test_a_request_that_is_cut_reaches_the_server_in_part(line: Wire, server: OddServer) -> None:
    cut_requests = []

    def cut(request: bytes) -> Fate:
        cut_requests.append(request)
        return CutRequest(20) if len(cut_requests) == 1 else CutRequest(len(request) - 5)

    line.fate = cut
    for _ in range(2):
        with pytest.raises(requests.RequestException):
            naive(line)
    assert [body for _, _, _, body in server.asked] == [BODY[:-5]], "of the first one not even a line"


def test_a_late_answer_outlasts_a_client_s_patience(line: Wire, server: OddServer) -> None:
    line.cut(Late(10 * PATIENCE))
    with pytest.raises(requests.Timeout):
        naive(line, 0.5)
    wait_for("the answer", lambda: line.replies or None)
    assert len(server.asked) == 1, "and yet it was answered"


def test_a_dripping_answer_holds_a_client_for_as_long_as_it_likes(line: Wire) -> None:
    """The agent's own client is not held: it counts all of the time together."""
    naive(line)
    patience = held(line, len(line.replies[0]))
    with pytest.raises(UnreachableError, match=f"within {patience:g} seconds"):
        HttpServer(line.url, "test", SystemClock(), deadline=patience).send("validation", BODY)


def held(line: Wire, size: int) -> float:
    """Have a client be held for longer than its patience, which each byte starts anew; return its patience.

    On a machine that stops for as long as its patience it gives up; then a more patient one is held for longer.
    """
    for patience in (1.0, 4.0, 16.0):
        line.fate = lambda _, patience=patience: Drip(int(size / (1.5 * patience)))  # type: ignore[misc]
        with suppress(requests.Timeout):
            assert naive(line, patience).startswith(b"answer ")
            return patience
    pytest.fail("no client was patient enough")


def test_a_repeated_request_is_heard_twice(line: Wire, server: OddServer) -> None:
    line.cut("repeat")
    assert naive(line) == b"answer 2"
    assert [body for _, _, _, body in server.asked] == [BODY, BODY]


def test_a_replayed_answer_looks_like_a_new_one(line: Wire, server: OddServer) -> None:
    naive(line)
    line.cut("replay", b"HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nforged")
    assert [naive(line), naive(line)] == [b"answer 1", b"forged"]
    assert len(server.asked) == 1
