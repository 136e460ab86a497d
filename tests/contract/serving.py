"""The licence server on a real socket in this process: what a customer's firewall would see, with a clock to turn."""

import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.client import HTTPConnection
from pathlib import Path
from typing import Any, cast
from urllib.parse import urlsplit

import pytest
from flask import Flask
from werkzeug.datastructures import Headers
from werkzeug.test import TestResponse
from werkzeug.wrappers import Request

from keys.clock import SystemClock
from keys.documents.requests import DEACTIVATION, VALIDATION
from keys.keyfolder import KeyFolder
from keys.rotating import Rotating
from licence_server.storage.migrate import upgrade
from licence_server.wsgi.listening import listen, url_of
from licence_server.wsgi.serving import Worker
from tests.licence_server.device import Device
from tests.licence_server.office import Home, Office, ProblemError

PATIENCE = 30
MEMORY = Path("/dev/shm")  # noqa: S108 - a temporary folder is made in it
DAY = 86_400
KINDS = {"validations": VALIDATION, "deactivations": DEACTIVATION}


@contextmanager
def on_a_socket(app: Flask, port: int = 0) -> Iterator[str]:
    """Serve as a worker process does, in a thread, and say where."""
    listener, sockets, over = listen("127.0.0.1", port), dict[int, Any](), threading.Event()
    worker = Worker(app, listener, 4, SystemClock())
    server = worker._server(sockets)

    def work() -> None:
        while not over.is_set():
            server.asyncore.loop(timeout=1, map=sockets, use_poll=True, count=1)
        worker._drain(server, sockets)

    thread = threading.Thread(target=work, daemon=True)
    thread.start()
    try:
        yield url_of(listener)
    finally:
        over.set()
        server.pull_trigger()
        thread.join(PATIENCE)
        server.trigger.close()


def ask(url: str, method: str, path: str, body: bytes | None = None, headers: Headers | None = None) -> TestResponse:
    """Send one request over a connection of its own."""
    parts = urlsplit(url)
    connection = HTTPConnection(parts.hostname or "", parts.port, timeout=PATIENCE)
    try:
        connection.request(method, path, body, dict(headers or {}))
        answer = connection.getresponse()
        content = answer.read()
        head = Headers(answer.getheaders())
        return TestResponse(iter([content]), f"{answer.status} {answer.reason}", head, Request({}))
    finally:
        connection.close()


@dataclass
class Counter(Office):
    """An office whose customers come through the door: every call is a request over a socket."""

    url: str = ""

    def call(self, method: str, path: str, **more: Any) -> TestResponse:
        headers = Headers(more.get("headers"))
        if more.get("content_type") is not None:
            headers["Content-Type"] = more["content_type"]
        return ask(self.url, method, path, more.get("data"), headers)


@dataclass
class Premises:
    """A vendor's home with its server, which can be stopped, restored from a backup and started again."""

    home: Home
    counter: Counter = field(init=False)
    _door: Any = None

    @classmethod
    def at(cls, path: Path, founded: Path, database: str | None = None) -> "Premises":
        """A home of its own, like the one that was founded; with a database elsewhere if one is named."""
        environment = {} if database is None else {"LICENCE_SERVER_DATABASE": database}
        if database is not None:
            upgrade(database)
        return cls(Home(path, environment=environment).copied_from(founded))

    def __getattr__(self, name: str) -> Any:
        """Do what the open counter does: a device goes on with whatever server is behind the address."""
        return getattr(vars(self)["counter"], name)

    def device(self, **changes: Any) -> Device:
        """A customer's server that comes through the door."""
        return Device(cast("Any", self), **changes)

    def active(self, **order: Any) -> Device:
        """One that has activated a licence, a day ago."""
        _, code = self.sell(**order)
        device = self.device()
        device.activate(code)
        self.home.clock.advance(DAY)
        return device

    def open(self, port: int = 0) -> Counter:
        """Start the server; the port stays the same when it is opened again."""
        self.counter = cast("Counter", Counter.of(self.home))
        self._door = on_a_socket(self.counter.app, port)
        self.counter.url = self._door.__enter__()
        return self.counter

    def close(self) -> None:
        self._door.__exit__(None, None, None)
        self.counter.close()

    def show(self, licence_id: str) -> Any:
        """What ``licence show`` prints."""
        return self.home.ask("licence", "show", licence_id)

    def events(self, licence_id: str) -> list[str]:
        """What ``licence show`` lists, oldest first."""
        return [event["code"] for event in self.show(licence_id)["events"]]

    def told(self, device: Device) -> list[str]:
        """What happened since the activation."""
        found = self.events(device.licence.licence_id)
        return found[found.index("licence_activated") + 1 :]

    def back_up(self, name: str = "backup") -> Path:
        file = self.home.path.parent / name
        self.home.ask("backup", file)
        return file

    def restore(self, file: Path) -> Counter:
        """Stop the server, bring the backup back, and start it again where it was."""
        port = urlsplit(self.counter.url).port or 0
        self.close()
        self.home.ask("restore", file)
        return self.open(port)

    def keys(self) -> Rotating:
        """What ``licence-keys rotate`` and ``revoke`` do, with this home's clock."""
        return Rotating(KeyFolder.of_home(self.home.path, {}), self.home.clock, ())

    @property
    def root(self) -> bytes:
        """The file that init prints the path of."""
        return (self.home.path / "root.json").read_bytes()

    @property
    def signing_key(self) -> str:
        return str(self.counter.server.vault.signer.key.kid)


def turned_away(premises: Premises, device: Device, word: str, endpoint: str = "validations", **changes: Any) -> None:
    """Send a request that must be refused with a word, as a conflict."""
    with pytest.raises(ProblemError) as refusal:
        premises.counter.send(endpoint, device.request(KINDS[endpoint], **changes))
    assert (refusal.value.word, refusal.value.response.status_code) == (word, 409)


@contextmanager
def in_memory() -> Iterator[Path]:
    """A folder whose every sync is done at once: what a disk costs is measured elsewhere."""
    with tempfile.TemporaryDirectory(dir=MEMORY if MEMORY.is_dir() else None) as folder:
        yield Path(folder)
