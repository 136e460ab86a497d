"""HTTP at both doors: whatever comes, a plain answer or the end of the connection, and no second request in a first."""

import json
import logging
from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.agent.web.server import Crm, serving
from tests.contract.serving import on_a_socket
from tests.fuzz.framing import requests, statuses, talk
from tests.fuzz.mutation import bitten
from tests.licence_server.office import ISSUER, Home, Office

pytestmark = pytest.mark.threat(28)
_GO_ON = b"HTTP/1.1 100 Continue\r\n\r\n"
SECOND = b"GET /healthz HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"
AGENT = (b"/v1/seats", b"/v1/seats/heartbeat", b"/v1/licence", b"/v1/authorize", b"/v1/seats/seat_1", b"/metrics")
SERVER = (
    b"/agent/v1/activations",
    b"/agent/v1/validations",
    b"/agent/v1/deactivations",
    b"/agent/v1/trust",
    b"/metrics",
)
AMBIGUOUS = [
    b"Content-Length: 6\r\nTransfer-Encoding: chunked",
    b"Transfer-Encoding: chunked\r\nContent-Length: 6",
    b"Content-Length: 6\r\nContent-Length: 0",
    b"Content-Length: 6, 6",
    b"Content-Length: +6",
    b"Transfer-Encoding: chunked\r\nTransfer-Encoding: identity",
    b"Transfer-Encoding: xchunked",
    b"Transfer-Encoding : chunked",
    b"Transfer-Encoding: \x0bchunked",
    b"Content-Length: " + b"9" * 5000,
]


@pytest.fixture(scope="module")
def agent(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Crm]:
    with serving(tmp_path_factory.mktemp("agent")) as crm:
        yield crm


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    home = Home(tmp_path_factory.mktemp("server") / "home")
    home.founding().found(ISSUER, None, "cli:tests")
    office = Office.of(home)
    with on_a_socket(office.app) as url:
        yield int(url.rpartition(":")[2])
    office.close()


def at_the_agent(agent: Crm) -> tuple[bytes, ...]:
    return (
        f"Host: 127.0.0.1:{agent.port}".encode(),
        b"Authorization: Bearer application-token",
        b"Content-Type: application/json",
    )


@pytest.mark.parametrize("framing", AMBIGUOUS, ids=lambda framing: framing[:45].decode("latin-1"))
@pytest.mark.parametrize("version", [b"1.1", b"1.0"])
def test_a_length_that_is_said_in_two_ways_is_refused(agent: Crm, server: int, framing: bytes, version: bytes) -> None:
    """Else a proxy in front would see one request where we see two (RFC 9112, section 11.2)."""
    for port, headers, target in (
        (agent.port, at_the_agent(agent), b"/v1/seats"),
        (server, (b"Host: 127.0.0.1", b"Content-Type: application/jwt"), b"/agent/v1/validations"),
    ):
        head = b"\r\n".join([b"POST " + target + b" HTTP/" + version, *headers, b"Connection: keep-alive", framing])
        answer = talk(port, head + b"\r\n\r\n0\r\n\r\n" + SECOND)
        assert len(statuses(answer)) == 1
        assert statuses(answer)[0] in {400, 413, 501}
        assert b"application/problem+json" in answer


def test_two_good_requests_on_one_connection_get_two_answers(agent: Crm, server: int) -> None:
    """Negative control: the check above can see a second answer."""
    first = b"POST /agent/v1/validations HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 5\r\n\r\n0\r\n\r\n"
    assert len(statuses(talk(server, first + SECOND))) == 2


def test_who_expects_to_be_asked_for_a_body_and_has_none_is_answered(agent: Crm, server: int) -> None:
    for port, headers, target, status in (
        (agent.port, at_the_agent(agent), b"/v1/licence", 200),
        (server, (b"Host: 127.0.0.1",), b"/agent/v1/trust", 200),
    ):
        head = b"\r\n".join([b"GET " + target + b" HTTP/1.1", *headers, b"Expect: 100-continue"])
        assert statuses(talk(port, head + b"\r\n\r\n")) == [status]


def _check(answer: bytes, most: int) -> None:
    found = statuses(answer)
    assert len(found) <= most
    assert all(status < 500 or status in {501, 505} for status in found), answer  # nothing went wrong here
    assert b"Traceback" not in answer
    assert found or answer in {b"", _GO_ON}, answer  # whoever is told to go on, and does not, is left


def _try(port: int, paths: tuple[bytes, ...], headers: tuple[bytes, ...], examples: int) -> int:
    tried = 0
    good = b"\r\n".join([b"POST " + paths[0] + b" HTTP/1.1", *headers, b"Content-Length: 2", b"", b"{}"])

    @settings(max_examples=examples, deadline=None, suppress_health_check=list(HealthCheck))
    @given(requests(paths, headers) | bitten(good) | st.binary(max_size=300))
    def send(content: bytes) -> None:
        nonlocal tried
        tried += 1
        _check(talk(port, content), most=1 + content.count(b"HTTP/"))  # one to each request, and one to the rest

    send()
    assert statuses(talk(port, b"GET /healthz HTTP/1.1\r\nConnection: close\r\n" + headers[0] + b"\r\n\r\n")) == [200]
    return tried


def _try_both(agent: Crm, server: int, examples: int, caplog: pytest.LogCaptureFixture) -> int:
    caplog.set_level(logging.ERROR)
    tried = _try(agent.port, AGENT, at_the_agent(agent), examples)
    tried += _try(server, SERVER, (b"Host: 127.0.0.1", b"Content-Type: application/jwt"), examples)
    assert [record.getMessage()[:300] for record in caplog.records] == []
    return tried


def test_no_bytes_make_a_door_stumble(agent: Crm, server: int, caplog, figure) -> None:
    tried = _try_both(agent, server, 120, caplog)
    figure(f"{tried} raw requests: 0 answers 5xx, 0 hung, 0 faults logged")


@pytest.mark.long
def test_very_many_bytes_make_no_door_stumble(agent: Crm, server: int, caplog, rounds, figure) -> None:
    tried = _try_both(agent, server, rounds(3000, sample=100), caplog)
    figure(f"{tried} raw requests: 0 answers 5xx, 0 hung, 0 faults logged")


def test_seats_are_handed_out_as_before(agent: Crm) -> None:
    assert json.loads(agent.check_out("sara").content)["users"]["used"] == 1
