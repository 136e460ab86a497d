"""The line between a customer and the vendor: a TCP proxy that spoils what passes, as it is told.

It drops a request or a reply, cuts either after so many bytes, brings a reply late or so many bytes a second, gives the
server a request twice, plays an earlier reply again, and answers in the server's place. It knows just enough of HTTP
to find the end of a message that says its length: one exchange a connection. It can't look into TLS, and what comes in
chunks ends for it after the head. That each fault bites is shown in test_proxy.py.
"""

import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from io import BufferedIOBase
from socketserver import StreamRequestHandler, ThreadingTCPServer
from threading import Event
from typing import Literal
from urllib.parse import urlsplit

from tests.background import answering

PATIENCE = 20
_TICKS = 20
"""Pieces a second in which a dripping reply comes."""


@dataclass(frozen=True, slots=True)
class CutRequest:
    """Only the first bytes of the request reach the server; no reply comes back."""

    after: int


@dataclass(frozen=True, slots=True)
class Late:
    """The reply comes, so many seconds late."""

    seconds: float


@dataclass(frozen=True, slots=True)
class Drip:
    """The reply comes, so many bytes a second."""

    per_second: int


Fate = Literal["pass", "lose request", "lose reply", "repeat", "replay"] | int | bytes | CutRequest | Late | Drip
"""Of one exchange. A number: so many bytes of the reply arrive; below 0: all but so many. Bytes: these arrive, and the
server is not asked.
``repeat``: the server hears the request twice, and its second reply arrives; ``replay``: its last reply again."""


class Wire(ThreadingTCPServer):
    """One exchange a connection; ``fate`` is asked for each, with the request."""

    daemon_threads = True

    def __init__(self, upstream: str) -> None:
        super().__init__(("127.0.0.1", 0), _Exchange)
        parts = urlsplit(upstream)
        self.upstream = parts.hostname or "", parts.port or 0
        self.fate: Callable[[bytes], Fate] = lambda _: "pass"
        self.replies: list[bytes] = []
        """What the server answered, whether or not it arrived."""
        self.over = Event()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"

    def cut(self, *fates: Fate) -> None:
        """Give the next exchanges these fates; all later ones pass."""
        coming = iter(fates)
        self.fate = lambda _: next(coming, "pass")

    def dead(self) -> None:
        """Let nothing through from now on."""
        self.fate = lambda _: "lose request"

    def mended(self) -> None:
        self.fate = lambda _: "pass"

    def handle_error(self, request, client_address) -> None:
        """Say nothing: a line that breaks is what is tested."""


class _Exchange(StreamRequestHandler):
    server: Wire

    def handle(self) -> None:
        request = _message(self.rfile)
        if not request:
            return
        fate = self.server.fate(request)
        if fate == "lose request":
            return
        if isinstance(fate, CutRequest):
            self._begin(request[: fate.after])
            return
        self._bring(fate, self._reply(request, fate))

    def _bring(self, fate: Fate, reply: bytes) -> None:
        if fate == "lose reply":
            return
        if isinstance(fate, Late):
            self.server.over.wait(fate.seconds)
        if isinstance(fate, Drip):
            self._drip(reply, fate.per_second)
        else:
            self.wfile.write(reply[:fate] if isinstance(fate, int) else reply)

    def _drip(self, reply: bytes, per_second: int) -> None:
        step = max(1, per_second // _TICKS)
        for begin in range(0, len(reply), step):
            if self.server.over.wait(step / per_second):
                return
            self.wfile.write(reply[begin : begin + step])

    def _reply(self, request: bytes, fate: Fate) -> bytes:
        if isinstance(fate, bytes):
            return fate
        if fate == "replay":
            return self.server.replies[-1]
        for _ in range(2 if fate == "repeat" else 1):
            with socket.create_connection(self.server.upstream, PATIENCE) as line, line.makefile("rb") as answer:
                line.sendall(request)
                self.server.replies.append(_message(answer))
        return self.server.replies[-1]

    def _begin(self, part: bytes) -> None:
        """Send a part, and wait until the server has read it and seen the end."""
        with socket.create_connection(self.server.upstream, PATIENCE) as line:
            line.sendall(part)
            line.shutdown(socket.SHUT_WR)
            while line.recv(65_536):
                pass


def _message(stream: BufferedIOBase) -> bytes:
    """Read one HTTP message that says how long its body is."""
    head, length = b"", 0
    while line := stream.readline():
        head += line
        name, _, value = line.partition(b":")
        if name.lower() == b"content-length":
            length = int(value)
        if line == b"\r\n":
            return head + stream.read(length)
    return head


@contextmanager
def wire_to(upstream: str) -> Iterator[Wire]:
    wire = Wire(upstream)
    with answering(wire):
        try:
            yield wire
        finally:
            wire.over.set()
