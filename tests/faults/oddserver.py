"""A real HTTP server on loopback that answers anything, for the agent's client."""

import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from agent.server import PATHS, TRUST_PATH
from keys.clock import SystemClock
from keys.documents.requests import DEACTIVATION, VALIDATION
from tests.agent.vendor import Vendor
from tests.background import answering

Answer = Callable[[BaseHTTPRequestHandler, bytes], None]


def plain(status: int, body: bytes = b"", /, **headers: str) -> Answer:
    """An answer with a body and headers; underscores in their names stand for dashes."""

    def answer(handler: BaseHTTPRequestHandler, _: bytes) -> None:
        handler.send_response(status)
        for name, value in headers.items():
            handler.send_header(name.replace("_", "-"), value)
        handler.send_header("Content-Length", str(len(body)))
        handler.end_headers()
        handler.wfile.write(body)

    return answer


def raw(*parts: bytes, pause: float = 0.0) -> Answer:
    """Bytes on the wire, with a pause after each part."""

    def answer(handler: BaseHTTPRequestHandler, _: bytes) -> None:
        for part in parts:
            handler.wfile.write(part)
            handler.wfile.flush()
            threading.Event().wait(pause)
        with suppress(OSError):
            handler.connection.shutdown(socket.SHUT_RDWR)

    return answer


def honest(vendor: Vendor) -> Answer:
    """What a licence server answers."""

    def answer(handler: BaseHTTPRequestHandler, document: bytes) -> None:
        if handler.path == TRUST_PATH:
            plain(200, vendor.trust_document, Content_Type="application/json")(handler, b"")
        elif handler.path == PATHS["activation"]:
            plain(201, vendor.activate(document), Content_Type="application/jwt")(handler, b"")
        else:
            kind = VALIDATION if handler.path == PATHS["validation"] else DEACTIVATION
            plain(200, vendor.validate(document, kind), Content_Type="application/jwt")(handler, b"")

    return answer


class OddServer(ThreadingHTTPServer):
    """Answers with ``answer``, which may be exchanged at any time; remembers what it was asked."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.answer: Answer = plain(404)
        self.asked: list[tuple[str, str, dict[str, str], bytes]] = []
        self.ahead = 0
        """Seconds by which its clock is ahead."""

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"

    def handle_error(self, request, client_address) -> None:
        """Say nothing: clients that hang up are what is tested."""


class _Handler(BaseHTTPRequestHandler):
    server: OddServer
    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", "0")))
        self.server.asked.append((self.command, self.path, dict(self.headers), body))
        self.server.answer(self, body)

    do_GET = do_CONNECT = do_POST  # noqa: N815 - the library's names

    def date_time_string(self, timestamp: float | None = None) -> str:
        """What its clock shows."""
        return super().date_time_string(SystemClock().now() + self.server.ahead if timestamp is None else timestamp)

    def log_message(self, *_: object) -> None:
        """Stay silent."""


@contextmanager
def behind_tls(context: ssl.SSLContext) -> Iterator[OddServer]:
    """Such a server that speaks TLS."""
    with odd_server() as server:
        server.socket = context.wrap_socket(server.socket, server_side=True)
        yield server


@contextmanager
def odd_server() -> Iterator[OddServer]:
    server = OddServer()
    with answering(server):
        yield server
