"""A program that somebody puts in the agent's place: it says yes to everything."""

import json
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from tests.background import answering


@dataclass
class Stub:
    """What it shows, and what it was asked."""

    licence: dict[str, Any] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    bodies: list[Any] = field(default_factory=list)
    connections: int = 0
    url: str = ""
    hangs_up: bool = False
    """Whether it closes each connection after its answer, and says nothing of that."""
    gate: threading.Barrier | None = None
    """Where callers who check out wait for each other."""
    status: int = 201
    answer: bytes | None = None
    """Bytes to answer with, whatever is asked; None: yes."""

    def shows(self, document: bytes | None, trust: Any = None, **more: Any) -> None:
        """Say ``full``, and show a document."""
        said = None if document is None else document.decode()
        self.licence = {"mode": "full", "reason": "active", "notices": [], "document": said, "trust": trust} | more

    def reply(self, method: str, path: str, body: Any) -> tuple[int, bytes]:
        self.asked.append(f"{method} {path}")
        self.bodies.append(body)
        if self.answer is not None:
            return self.status, self.answer
        if path == "/v1/licence":
            return 200, json.dumps(self.licence).encode()
        if path == "/v1/seats/heartbeat":
            return 200, json.dumps({"renewed": body["seats"], "lost": []}).encode()
        if method == "DELETE":
            return 204, b""
        if self.gate is not None:
            self.gate.wait(20)
        number = len(self.asked)
        seat = {
            "seat": f"seat_{body['user'].replace(' ', '-')}_{body['client']}",
            "fence": number,
            "expires_in": 120,
            "mode": "full",
            "overdraft": None,
        }
        counts = {"users": {"used": 1, "limit": 9}, "clients": {"used": 1, "limit": 9}}
        return 201, json.dumps(seat | counts).encode()


class _Server(ThreadingHTTPServer):
    request_queue_size = 64


@contextmanager
def standing_in(tls: ssl.SSLContext | None = None) -> Iterator[Stub]:
    """Run one on a free port."""
    stub = Stub()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def setup(self) -> None:
            super().setup()
            stub.connections += 1

        def answer(self) -> None:
            content = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            status, body = stub.reply(self.command, self.path, json.loads(content) if content else None)
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            if status != 204:
                self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)
            self.close_connection = self.close_connection or stub.hangs_up

        do_GET = do_POST = do_DELETE = answer  # noqa: N815 - http.server's names

        def log_message(self, *_: Any) -> None:
            """Say nothing."""

    server = _Server(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    if tls is not None:
        server.socket = tls.wrap_socket(server.socket, server_side=True)
    stub.url = f"{'http' if tls is None else 'https'}://127.0.0.1:{server.server_address[1]}"
    with answering(server):
        yield stub
