"""The sockets: half-sent requests, pipelining, connections that stay, stopping, and addresses that can't be."""

import http.client
import socket
import threading
from contextlib import suppress
from pathlib import Path

import pytest

from agent.web.access import Access
from agent.web.app import create_app
from agent.web.connection import Connection
from agent.web.listener import LocalServer
from keys.errors import InvalidInputError
from tests.agent.seats.fakes import MemoryJournal, Office
from tests.agent.web.server import TOKEN, Crm, serving

HEAD = "Host: localhost:{port}\r\nAuthorization: Bearer application-token\r\nContent-Type: application/json\r\n"


def request(crm: Crm, user: str, more: str = "") -> bytes:
    body = f'{{"user": "{user}", "client": "pc"}}'
    head = f"POST /v1/seats HTTP/1.1\r\n{HEAD.format(port=crm.port)}{more}Content-Length: {len(body)}\r\n\r\n"
    return (head + body).encode()


def connections(crm: Crm) -> list[Connection]:
    """What the server holds open."""
    assert crm.server._server
    return list(crm.server._server.server_state.connections)  # type: ignore[arg-type]


def test_half_sent_requests_hold_nobody_up(crm: Crm) -> None:
    whole = request(crm, "slow")
    half = [socket.create_connection(("127.0.0.1", crm.port)) for _ in range(200)]
    for number, connection in enumerate(half):
        connection.sendall(whole[: 10 + number % (len(whole) - 10)])
    assert crm.check_out("sara").status == 201
    assert crm.call("GET", "/v1/licence").status == 200
    for connection in half:
        connection.close()


def test_a_connection_serves_many_requests(crm: Crm) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", crm.port, timeout=10)
    headers = {"Authorization": f"Bearer {TOKEN}", "Content-Type": "application/json"}
    for number in range(20):
        method, path = ("POST", "/v1/seats") if number % 2 else ("GET", "/v1/licence")
        connection.request(method, path, '{"user": "a", "client": "b"}' if number % 2 else None, headers)
        response = connection.getresponse()
        assert response.read()
        assert response.status in {200, 201}
    connection.close()


def test_requests_sent_all_at_once_are_answered_in_order(crm: Crm) -> None:
    content = b"".join(request(crm, user) for user in "abcd") + request(crm, "a", "Connection: close\r\n")
    answers = crm.raw(content).split(b"HTTP/1.1 ")[1:]
    assert [answer[:3] for answer in answers] == [b"201", b"201", b"201", b"409", b"200"]


def test_many_requests_in_a_row_from_one_who_does_not_wait(crm: Crm) -> None:
    with socket.create_connection(("127.0.0.1", crm.port), timeout=10) as connection:
        content = request(crm, "a") * 500
        sender = threading.Thread(target=connection.sendall, args=(content,))
        sender.start()
        found = b""
        while found.count(b"HTTP/1.1 20") < 500:
            piece = connection.recv(65_536)
            assert piece
            found += piece
        sender.join(10)


@pytest.mark.parametrize(
    ("version", "wish", "stays"),
    [("1.1", "", True), ("1.1", "close", False), ("1.0", "", False), ("1.0", "keep-alive", False)],
)
def test_a_connection_stays_open_as_its_caller_wishes(crm: Crm, version: str, wish: str, stays: bool) -> None:
    more = f"Connection: {wish}\r\n" if wish else ""
    content = f"GET /healthz HTTP/{version}\r\nHost: localhost:{crm.port}\r\n{more}\r\n".encode()
    with socket.create_connection(("127.0.0.1", crm.port), timeout=10) as connection:
        connection.sendall(content)
        assert connection.recv(65_536).startswith(b"HTTP/1.1 200 OK")
        if stays:
            connection.sendall(content)
            assert connection.recv(65_536).startswith(b"HTTP/1.1 200 OK")
        else:
            assert connection.recv(65_536) == b""


def test_callers_that_go_away_without_reading_harm_nobody(crm: Crm) -> None:
    for number in range(50):
        connection = socket.create_connection(("127.0.0.1", crm.port))
        connection.sendall(request(crm, f"user-{number}") * 3)
        connection.close()
    assert crm.call("GET", "/healthz", token=None).status == 200


def test_idle_connections_are_closed(crm: Crm) -> None:
    with socket.create_connection(("127.0.0.1", crm.port), timeout=10) as connection:
        connection.sendall(request(crm, "a"))
        assert connection.recv(65_536)
        connection.settimeout(0.2)
        for _ in range(50):
            for held in connections(crm):
                held.deadline = 0  # not busy since the machine started
            with suppress(TimeoutError):
                assert connection.recv(65_536) == b""
                return
    pytest.fail("the connection stayed open")


def test_sixty_four_callers_at_once_share_commits(tmp_path: Path) -> None:
    with serving(tmp_path) as crm:
        statuses: list[int] = []
        start = threading.Barrier(64)

        def call(number: int) -> None:
            start.wait(30)
            statuses.append(crm.check_out(f"user-{number}").status)

        threads = [threading.Thread(target=call, args=(number,)) for number in range(64)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(30)
        assert sorted(statuses) == [201] * 3 + [409] * 61


def test_stopping_answers_what_has_come_in_and_leaves_nothing_behind(tmp_path: Path) -> None:
    with serving(tmp_path) as crm:
        journal, inside = crm.office.seating.books, threading.Event()
        gate = threading.Event()

        def hold() -> None:
            inside.set()
            assert gate.wait(10)

        begun = journal.begin(hold)
        holder = threading.Thread(target=journal.finish, args=(begun,))
        holder.start()
        assert inside.wait(10)
        statuses: list[int] = []
        caller = threading.Thread(target=lambda: statuses.append(crm.check_out("sara").status))
        caller.start()
        while not journal._queue._begun:
            inside.wait(0.001)
            threading.Event().wait(0.001)
        stopper = threading.Thread(target=crm.server.stop)
        stopper.start()
        threading.Event().wait(0.05)
        gate.set()
        for thread in (stopper, caller, holder):
            thread.join(10)
        assert statuses == [201]
        assert not (tmp_path / "agent.sock").exists()
        with pytest.raises(OSError, match="refused"):
            socket.create_connection(("127.0.0.1", crm.port), timeout=5)
        crm.server.stop()


def _app() -> object:
    office = Office(MemoryJournal())
    return create_app(
        office.seating, standing=office.present, document=lambda: None, access=Access("a", "b", frozenset())
    )


def test_it_never_listens_where_other_machines_can_reach_it() -> None:
    for host in ("0.0.0.0", "::", "192.168.1.1", "example.com", ""):  # noqa: S104 - to be refused
        with pytest.raises(InvalidInputError, match="this machine alone"):
            LocalServer(_app(), host=host)  # type: ignore[arg-type]


def test_it_listens_on_ipv6_loopback_too(tmp_path: Path) -> None:
    server = LocalServer(_app(), host="::1", port=0)  # type: ignore[arg-type]
    with pytest.raises(RuntimeError):
        _ = server.addresses
    server.start()
    connection = http.client.HTTPConnection("::1", server.addresses.port, timeout=10)
    connection.request("GET", "/healthz")
    assert connection.getresponse().status == 200
    connection.close()
    server.stop()


def test_a_taken_port_and_an_impossible_socket_are_sentences(crm: Crm, tmp_path: Path) -> None:
    with pytest.raises(InvalidInputError, match="taken by another program"):
        LocalServer(_app(), port=crm.port).start()  # type: ignore[arg-type]
    (tmp_path / "file").write_text("not a socket")
    with pytest.raises(InvalidInputError, match="taken by another program"):
        LocalServer(_app(), port=0, unix_socket=tmp_path / "file").start()  # type: ignore[arg-type]
    with pytest.raises(InvalidInputError, match="too long"):
        LocalServer(_app(), port=0, unix_socket=tmp_path / ("x" * 120)).start()  # type: ignore[arg-type]
    assert (tmp_path / "file").read_text() == "not a socket"
