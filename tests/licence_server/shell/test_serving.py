"""One worker's patience with connections, by a clock that can be turned."""

import socket
from collections.abc import Iterator
from contextlib import closing
from typing import Any

import pytest

from keys.errors import InvalidInputError
from licence_server.wsgi.listening import listen, url_of
from licence_server.wsgi.serving import PATIENCE, Worker
from tests.fakes import TurnableClock


class Desk:
    """A worker whose loop the test turns by hand."""

    def __init__(self, listener: socket.socket) -> None:
        self.clock, self.sockets = TurnableClock(), dict[int, Any]()
        self.listener = listener
        self.worker = Worker(lambda _environ, _start: [], listener, 1, self.clock)
        self.server = self.worker._server(self.sockets)

    def turn(self, rounds: int = 4) -> None:
        for _ in range(rounds):
            self.server.asyncore.loop(timeout=0.05, map=self.sockets, use_poll=True, count=1)
            self.worker._hurry(self.server)

    def connect(self, sent: bytes) -> socket.socket:
        link = socket.create_connection(self.listener.getsockname(), timeout=5)
        link.sendall(sent)
        return link


@pytest.fixture
def desk() -> Iterator[Desk]:
    desk = Desk(listen("127.0.0.1", 0))
    yield desk
    desk.server.task_dispatcher.shutdown()
    for channel in [*desk.server.active_channels.values()]:
        channel.handle_close()
    desk.server.close()


def test_a_request_that_drips_in_is_cut_off_though_it_never_rests(desk: Desk) -> None:
    with closing(desk.connect(b"GET / HTTP/1.1\r\n")) as link:
        for _ in range(3):
            desk.turn()
            desk.clock.advance(PATIENCE / 3)
            link.sendall(b"x")
        assert desk.server.active_channels
        desk.clock.advance(1)
        desk.turn()
        assert not desk.server.active_channels


def test_a_connection_is_patient_with_each_request_anew(desk: Desk) -> None:
    with closing(desk.connect(b"GET / HTTP/1.1\r\n")) as link:
        desk.turn()
        desk.clock.advance(PATIENCE - 1)
        link.sendall(b"\r\n")
        desk.turn()
        desk.clock.advance(PATIENCE - 1)
        desk.turn()
        assert not [each for each in desk.server.active_channels.values() if each.arriving_since is not None]


def test_the_address_of_a_listener() -> None:
    with listen("127.0.0.1", 0) as listener:
        assert url_of(listener) == f"http://127.0.0.1:{listener.getsockname()[1]}"
    with listen("::1", 0) as listener:
        assert url_of(listener).startswith("http://[::1]:")


@pytest.mark.parametrize("host", ["no.such.host.invalid", "192.0.2.1", "a" * 300, "x y"])
def test_an_address_that_is_none_of_this_machines(host: str) -> None:
    with pytest.raises(InvalidInputError, match="listen"):
        listen(host, 0)
