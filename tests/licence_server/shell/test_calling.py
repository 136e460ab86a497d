"""The server calls others: real receivers of every kind, over real sockets and TLS."""

import ssl
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler
from pathlib import Path

import pytest

from keys.addresses import read_network
from keys.clock import SystemClock
from licence_server.calling import HttpCourier
from licence_server.domain.attempt import LONGEST_ANSWER, Outcome
from licence_server.domain.receiver import Receivers
from tests.faults.authority import Authority
from tests.faults.oddserver import OddServer, odd_server, plain, raw
from tests.licence_server.receivers import LOOPBACK
from tests.stories.processes import free_port

pytestmark = pytest.mark.threat(53)
NAME = "crm.example.com"
QUICK, PATIENT = 0.5, 30.0
"""Seconds that a receiver gets who never says anything, and one of whom something is heard."""
HEADERS = {"webhook-id": "msg_1", "Content-Type": "application/json"}


@pytest.fixture
def server() -> Iterator[OddServer]:
    with odd_server() as server:
        yield server


def courier(*addresses: str, receivers: Receivers = LOOPBACK, deadline: float = PATIENT, tls=None) -> HttpCourier:
    """One for whom every name has the same addresses, or that asks the system."""
    names = {"names": lambda _host, _port: addresses} if addresses else {}
    return HttpCourier(receivers, SystemClock(), "licence-server (test)", deadline=deadline, tls=tls, **names)


def post(server: OddServer, path: str = "/hook?a=b", deadline: float = PATIENT) -> Outcome:
    return courier(deadline=deadline).post(server.url + path, HEADERS, b'{"type":"x"}')


def test_a_message_arrives_as_it_was_signed(server: OddServer) -> None:
    server.answer = plain(202, "رسید\x00".encode())
    outcome = post(server)
    assert (outcome.status, outcome.fault, outcome.answer, outcome.is_good) == (202, None, "رسید ", True)
    ((method, path, headers, body),) = server.asked
    assert (method, path, body) == ("POST", "/hook?a=b", b'{"type":"x"}')
    assert headers["Host"] == server.url.removeprefix("http://")
    assert (headers["webhook-id"], headers["User-Agent"]) == ("msg_1", "licence-server (test)")


@pytest.mark.parametrize("status", [301, 302, 307, 308])
def test_no_redirect_is_followed(server: OddServer, status: int) -> None:
    server.answer = plain(status, b"", Location=f"{server.url}/elsewhere")
    outcome = post(server)
    assert (outcome.status, outcome.is_good, len(server.asked)) == (status, False, 1)


@pytest.mark.parametrize(("status", "gone"), [(400, False), (410, True), (500, False), (503, False)])
def test_a_no_is_a_no(server: OddServer, status: int, gone: bool) -> None:
    server.answer = plain(status, b"no")
    outcome = post(server)
    assert (outcome.status, outcome.is_good, outcome.is_gone, outcome.answer) == (status, False, gone, "no")


def test_of_an_endless_answer_the_beginning_is_read(server: OddServer) -> None:
    ended = threading.Event()

    def answer(handler: BaseHTTPRequestHandler, _: bytes) -> None:
        try:
            handler.wfile.write(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
            while True:
                handler.wfile.write(b"1000\r\n" + b"x" * 4096 + b"\r\n")
        except OSError:
            ended.set()

    server.answer = answer
    outcome = post(server)
    assert (outcome.status, outcome.answer) == (200, "x" * LONGEST_ANSWER)
    assert ended.wait(20), "we hung up"


DRIP = (b"H", b"T", b"T", b"P", b"/", b"1", b".", b"1", b" ", b"2", b"0", b"0", b" ", b"O", b"K") * 3


@pytest.mark.parametrize(
    ("answer", "fault"),
    [
        (raw(b"", pause=20), "silence"),
        (raw(*DRIP, pause=0.1), "silence"),
        (raw(b"HTTP/1.1 200 OK\r\n", *(b"X-%d: y\r\n" % number for number in range(90)), pause=0.1), "silence"),
        (raw(), "broken"),
        (raw(b"SSH-2.0-OpenSSH_9.2\r\n"), "broken"),
        (raw(b"HTTP/1.1 200 OK\r\n" + b"X: y\r\n" * 200 + b"\r\n"), "broken"),
        (raw(b"HTTP/1.1 200 OK\r\nX: " + b"y" * 100_000), "broken"),
    ],
    ids=["mute", "dripping", "dripping-headers", "hangs-up", "no-http", "many-headers", "long-header"],
)
def test_who_is_slow_or_odd_is_cut_off(server: OddServer, answer, fault: str) -> None:
    server.answer = answer
    outcome = post(server, deadline=QUICK if fault == "silence" else PATIENT)
    assert (outcome.status, outcome.fault) == (None, fault)


def test_a_status_counts_though_the_body_never_comes(server: OddServer) -> None:
    """A machine may be too busy to hear even the status in a short time; in a longer one it is not."""
    server.answer = raw(b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n", pause=60)
    outcomes = (post(server, deadline=deadline) for deadline in (QUICK, 10 * QUICK, PATIENT))
    assert next((outcome.status, outcome.answer) for outcome in outcomes if outcome.fault is None) == (200, "")


def test_nobody_listens_there() -> None:
    assert courier().post(f"http://127.0.0.1:{free_port()}/", HEADERS, b"").fault == "unreachable"


def test_a_name_without_an_address() -> None:
    assert courier().post("https://nothing.invalid/", HEADERS, b"").fault == "unresolved"
    assert courier().post(f"https://{'x' * 70}.example/", HEADERS, b"").fault == "unresolved"


@pytest.mark.parametrize(
    "address", ["127.0.0.1", "10.1.2.3", "169.254.169.254", "::1", "::ffff:127.0.0.1", "fe80::1%lo"]
)
def test_a_name_that_leads_inside_is_not_followed(server: OddServer, address: str) -> None:
    url = f"https://{NAME}:{server.server_address[1]}/"
    outcome = courier(address, receivers=Receivers()).post(url, HEADERS, b"secret")
    assert (outcome.fault, server.asked) == ("forbidden", [])


def test_settings_changed_meanwhile_count(server: OddServer) -> None:
    assert courier(receivers=Receivers()).post(server.url, HEADERS, b"").fault == "forbidden"
    assert server.asked == []


def test_a_name_is_asked_for_once_and_what_was_judged_is_called(server: OddServer) -> None:
    """Whoever answers with another address the second time (DNS rebinding) is not asked a second time."""
    asked: list[str] = []

    def names(host: str, _port: int) -> list[str]:
        asked.append(host)
        return ["10.9.9.9", "127.0.0.1"] if len(asked) == 1 else ["10.9.9.9"]

    server.answer = plain(204)
    url = server.url.replace("127.0.0.1", "localhost")
    outcome = HttpCourier(LOOPBACK, SystemClock(), "test", names=names).post(url, HEADERS, b"")
    assert (outcome.status, asked) == (204, ["localhost"])
    assert server.asked[0][2]["Host"].startswith("localhost:")


def test_the_next_address_is_tried_where_nobody_listens(server: OddServer) -> None:
    server.answer = plain(204)
    url = server.url.replace("127.0.0.1", "localhost")
    assert courier("::1", "127.0.0.1").post(url, HEADERS, b"").status == 204


@pytest.mark.parametrize(
    ("of", "days_ago", "trusted", "fault"),
    [(NAME, 0, True, None), (NAME, 0, False, "tls"), ("other.example.com", 0, True, "tls"), (NAME, 3, True, "tls")],
    ids=["right", "nobody-trusts-it", "of-another-name", "over"],
)
def test_the_certificate_is_the_names(
    server: OddServer, tmp_path: Path, of: str, days_ago: int, trusted: bool, fault: str | None
) -> None:
    """Though an address is called: by its name in TLS, and in the Host header."""
    authority, port, shown = Authority(tmp_path), server.server_address[1], []
    context = authority.context(of, days_ago=days_ago)
    context.sni_callback = lambda _socket, name, _context: shown.append(name)
    server.socket, server.answer = context.wrap_socket(server.socket, server_side=True), plain(204)
    tls = ssl.create_default_context(cafile=authority.certificate if trusted else None)
    outcome = courier("127.0.0.1", tls=tls).post(f"https://{NAME}:{port}/", HEADERS, b"secret")
    assert (outcome.fault, shown) == (fault, [NAME])
    assert [headers["Host"] for _, _, headers, _ in server.asked] == ([] if fault else [f"{NAME}:{port}"])


def test_a_handshake_that_drips_is_cut_off(server: OddServer) -> None:
    """Bytes of a TLS record that never ends: each of them comes in time."""
    held = threading.Event()

    def finish_request(request, _client) -> None:
        request.sendall(b"\x16\x03\x03\x40\x00")
        while not held.wait(0.1):
            request.sendall(b"x")

    server.finish_request = finish_request  # type: ignore[assignment,method-assign]
    outcome = courier("127.0.0.1", deadline=QUICK).post(f"https://{NAME}:{server.server_address[1]}/", HEADERS, b"")
    held.set()
    assert outcome.fault in ("silence", "tls")


def test_plain_http_where_tls_is_spoken(server: OddServer) -> None:
    server.answer = plain(204)
    outcome = courier("127.0.0.1").post(f"https://{NAME}:{server.server_address[1]}/", HEADERS, b"secret")
    assert outcome.fault == "tls"


def test_an_address_of_ipv6_is_called() -> None:
    loopback = Receivers((read_network("::1/128"),))
    assert courier(receivers=loopback).post("http://[::1]:9/", HEADERS, b"").fault == "unreachable"
