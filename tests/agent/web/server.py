"""A local API that really listens, over a real journal, with a clock that can be turned."""

import http.client
import json
import os
import socket
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from http.client import HTTPMessage
from pathlib import Path
from typing import Any

from agent.web.access import Access
from agent.web.app import create_app
from agent.web.listener import LocalServer
from keys.addresses import read_network
from tests.agent.seats.fakes import Office, a_journal

TOKEN, ADMINISTRATOR = "application-token", "administrator-token"


@dataclass(frozen=True)
class Got:
    """An answer."""

    status: int
    headers: HTTPMessage
    content: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.content)

    @property
    def problem(self) -> str:
        """The word of a refusal, which has the form of RFC 9457."""
        assert self.headers["Content-Type"] == "application/problem+json"
        members = self.json
        assert {"type", "title", "status", "detail"} <= members.keys()
        assert members["status"] == self.status
        return str(members["type"]).removeprefix("urn:licence:problem:")


class UnixConnection(http.client.HTTPConnection):
    """HTTP over a Unix socket."""

    def __init__(self, path: Path) -> None:
        super().__init__("localhost", timeout=10)
        self._path = path

    def connect(self) -> None:
        self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.sock.settimeout(10)
        self.sock.connect(str(self._path))


class Crm:
    """A CRM that talks to it. Every call is one connection, so that none depends on another."""

    def __init__(self, office: Office, server: LocalServer) -> None:
        self.office, self.server = office, server

    @property
    def port(self) -> int:
        return self.server.addresses.port

    def call(
        self,
        method: str,
        path: str,
        body: object = None,
        *,
        token: str | None = TOKEN,
        headers: Mapping[str, str] | None = None,
        unix: bool = False,
    ) -> Got:
        """Send a request; a body that is not bytes goes as JSON. A header of empty text is left out."""
        socket_path = self.server.addresses.unix_socket
        assert socket_path
        connection = (
            UnixConnection(socket_path) if unix else http.client.HTTPConnection("127.0.0.1", self.port, timeout=10)
        )
        sent = {"Authorization": f"Bearer {token}" if token else "", "Content-Type": "application/json" if body else ""}
        sent |= dict(headers or {})
        content = body if isinstance(body, bytes) else json.dumps(body).encode() if body is not None else None
        connection.request(method, path, content, {name: value for name, value in sent.items() if value})
        response = connection.getresponse()
        got = Got(response.status, response.headers, response.read())
        connection.close()
        return got

    def check_out(self, user: str, client: str = "pc", **more: Any) -> Got:
        return self.call("POST", "/v1/seats", {"user": user, "client": client, **more})

    def raw(self, content: bytes) -> bytes:
        """Send bytes as they are, and return all that comes back until the connection is closed."""
        with socket.create_connection(("127.0.0.1", self.port), timeout=10) as connection:
            connection.sendall(content)
            found = b""
            while piece := connection.recv(65_536):
                found += piece
        return found


@contextmanager
def serving(
    folder: Path,
    *,
    peers: frozenset[int] | None = None,
    trusted_proxies: Sequence[str] = (),
    idle: int = 0,
    **licence: Any,
) -> Iterator[Crm]:
    """Serve the seats of a folder in this process."""
    journal = a_journal(folder)
    office = Office(journal, idle=idle, **licence)
    access = Access(TOKEN, ADMINISTRATOR, peers or frozenset({os.geteuid()}))
    app = create_app(
        office.seating,
        standing=office.present,
        document=lambda: b"signed.licence.bytes",
        access=access,
        trust=lambda: b'{"signed": "trust"}',
        last_failure=lambda _: "The server was away.",
        trusted_proxies=[read_network(each) for each in trusted_proxies],
    )
    server = LocalServer(app, port=0, unix_socket=folder / "agent.sock")
    server.start()
    try:
        yield Crm(office, server)
    finally:
        server.stop()
        journal.close()
