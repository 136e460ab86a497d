"""A name service that can change its mind, and hears all that is said: a SOCKS 5 server (RFC 1928) on loopback.

A browser that asks it has every name looked up here, at each connection anew. So a name can belong to its attacker
first and to this machine a moment later, as DNS rebinding does, without waiting until anybody's cache has run out.
"""

import socket
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from socketserver import StreamRequestHandler, ThreadingTCPServer
from threading import Thread

from tests.background import answering

_NO_AUTHENTICATION, _CONNECTED, _UNREACHABLE = (
    b"\x05\x00",
    b"\x05\x00\x00\x01" + bytes(6),
    b"\x05\x04\x00\x01" + bytes(6),
)
_ADDRESS, _NAME = 1, 3


@dataclass(slots=True)
class Line:
    """One connection: for which name and port it was asked, and all that went over it."""

    name: str
    port: int
    said: bytearray = field(default_factory=bytearray)
    heard: bytearray = field(default_factory=bytearray)


class NameService(ThreadingTCPServer):
    """Connects whoever asks for a name with the address that it has just now; names it does not know lead nowhere."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Asked)
        self.addresses: dict[str, str] = {}
        self.lines: list[Line] = []

    @property
    def port(self) -> int:
        return int(self.server_address[1])


class _Asked(StreamRequestHandler):
    server: NameService

    def handle(self) -> None:
        self.rfile.read(self.rfile.read(2)[1])
        self.wfile.write(_NO_AUTHENTICATION)
        line = self._line()
        try:
            upstream = socket.create_connection((self.server.addresses[line.name], line.port))
        except (KeyError, OSError):
            self.wfile.write(_UNREACHABLE)
            return
        self.server.lines.append(line)
        self.wfile.write(_CONNECTED)
        with upstream:
            back = Thread(target=_pass, args=(upstream, self.connection, line.heard), daemon=True)
            back.start()
            _pass(self.connection, upstream, line.said)
            back.join()

    def _line(self) -> Line:
        kind = self.rfile.read(4)[3]
        if kind == _NAME:
            name = self.rfile.read(self.rfile.read(1)[0]).decode()
        else:
            name = socket.inet_ntop(
                *((socket.AF_INET, self.rfile.read(4)) if kind == _ADDRESS else (socket.AF_INET6, self.rfile.read(16)))
            )
        return Line(name, int.from_bytes(self.rfile.read(2)))


def _pass(source: socket.socket, sink: socket.socket, record: bytearray) -> None:
    with suppress(OSError):
        while piece := source.recv(65_536):
            record += piece
            sink.sendall(piece)
    with suppress(OSError):
        sink.shutdown(socket.SHUT_WR)


@contextmanager
def name_service() -> Iterator[NameService]:
    """Serve until the end."""
    service = NameService()
    with answering(service):
        yield service


@dataclass(frozen=True, slots=True)
class Exchange:
    """A request and what it was answered with."""

    method: str
    path: str
    request: dict[str, str]
    """Headers by their names in lower case."""
    status: int
    answer: dict[str, str]
    content: bytes


def exchanges(line: Line) -> Iterator[Exchange]:
    """Read what went over a line as HTTP/1.1 with lengths; a request that nobody answered has status 0."""
    answers = _messages(bytes(line.heard))
    for (first, headers), _ in _messages(bytes(line.said)):
        method, path, _version = first.split(" ")
        (told, answer), content = next(answers, (("HTTP/1.1 0 ", {}), b""))
        yield Exchange(method, path, headers, int(told.split(" ")[1]), answer, content)


def _messages(raw: bytes) -> Iterator[tuple[tuple[str, dict[str, str]], bytes]]:
    while raw:
        head, _, raw = raw.partition(b"\r\n\r\n")
        first, *rest = head.decode("latin-1").split("\r\n")
        headers = {name.lower(): value.strip() for name, _, value in (one.partition(":") for one in rest)}
        length = int(headers.get("content-length", 0))
        yield (first, headers), raw[:length]
        raw = raw[length:]
