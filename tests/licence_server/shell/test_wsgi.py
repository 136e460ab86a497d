"""The server as processes: ready, stubborn under bad connections, gone in good order."""

import json
import os
import re
import signal
import socket
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from http.client import HTTPConnection
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast
from urllib.parse import urlsplit

import pytest

from keys.clock import SystemClock
from keys.identity import new_code
from licence_server.wsgi.serving import LARGEST_HEADER
from licence_server.wsgi.serving import PATIENCE as HALF_SENT
from tests.licence_server.device import Device
from tests.licence_server.office import ISSUER, Home

PATIENCE = 20.0
PROCESSES = 4
"""Two that answer, one that keeps house, one that sends."""


def wait_until(true: Callable[[], bool]) -> None:
    clock, pause = SystemClock(), threading.Event()
    end = clock.boot() + PATIENCE
    while not true():
        assert clock.boot() < end, "it never came true"
        pause.wait(0.05)


class Running:
    """A server that was started by its command."""

    def __init__(self, home: Path, workers: int, log: Path) -> None:
        words = [sys.executable, "-m", "licence_server", "run", "--port", "0", "--json", "--workers", str(workers)]
        environment = {**os.environ, "LICENCE_SERVER_HOME": str(home)}
        self._log = log.open("w")
        self.process = subprocess.Popen(
            words, env=environment, stdout=subprocess.PIPE, stderr=self._log, text=True, start_new_session=True
        )
        assert self.process.stdout
        line = self.process.stdout.readline()
        assert line, log.read_text()
        self.address = urlsplit(json.loads(line)["url"])

    def ask(
        self, method: str = "GET", path: str = "/healthz", body: bytes | None = None, timeout: float = PATIENCE
    ) -> int:
        link = HTTPConnection(self.address.hostname or "", self.address.port, timeout=timeout)
        try:
            link.request(method, path, body, {"Content-Type": "application/jwt"})
            return link.getresponse().status
        finally:
            link.close()

    def connect(self, sent: bytes) -> socket.socket:
        link = socket.create_connection((self.address.hostname, self.address.port), timeout=10)
        link.sendall(sent)
        return link

    def children(self) -> list[int]:
        found = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children").read_text()
        return [int(pid) for pid in found.split()]

    def end(self) -> int:
        with suppress(ProcessLookupError):
            self.process.send_signal(signal.SIGTERM)
        code = self.process.wait(40)
        assert self.process.stdout
        self.process.stdout.close()
        self._log.close()
        return code


@pytest.fixture(scope="module")
def real_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home by the machine's own clock."""
    home = Home(tmp_path_factory.mktemp("real") / "home", SystemClock())  # type: ignore[arg-type]
    home.founding().found(ISSUER, None, "cli:tests")
    return home.path


@pytest.fixture(scope="module")
def shared(real_home: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """A server for tests that leave it as it is."""
    with run(real_home, tmp_path_factory.mktemp("shared")) as server:
        yield server


@pytest.fixture
def running(real_home: Path, tmp_path: Path) -> Iterator[Running]:
    """A server with two workers."""
    with run(real_home, tmp_path) as server:
        yield server


@contextmanager
def run(home: Path, tmp_path: Path, workers: int = 2) -> Iterator[Running]:
    server = Running(home, workers, tmp_path / "log")
    try:
        yield server
    finally:
        if server.process.poll() is None:
            server.end()


def is_read(link: socket.socket) -> bool:
    """Tell whether the program at the other end, on this machine, has read all that was sent."""
    ours, theirs = (f":{place[1]:04X}" for place in (link.getsockname(), link.getpeername()))
    rows = (line.split() for line in Path("/proc/net/tcp").read_text().splitlines())
    return any(
        row[1].endswith(theirs) and row[2].endswith(ours) and row[4].endswith(":00000000") for row in rows if row
    )


def answer_of(link: socket.socket) -> bytes:
    found = b""
    while piece := link.recv(65_536):
        found += piece
    return found


def test_it_serves_and_ends_in_good_order(running: Running, tmp_path: Path) -> None:
    assert [running.ask(path=path) for path in ("/healthz", "/readyz", "/agent/v1/trust")] == [200, 200, 200]
    assert running.end() == 0
    told = [json.loads(line) for line in (tmp_path / "log").read_text().splitlines()]
    (warning,) = [line for line in told if line["level"] != "info"]
    assert (warning["level"], warning["check"]) == ("warning", "roots"), "init made root keys in this home"


def test_half_sent_requests_block_nobody(shared: Running) -> None:
    with ExitStack() as links:
        for _ in range(200):
            links.enter_context(shared.connect(b"GET /healthz HTTP/1.1\r\nHost: x\r\n"))
        for _ in range(32):
            head = b"POST /agent/v1/validations HTTP/1.1\r\nHost: x\r\nContent-Type: application/jwt\r\n"
            links.enter_context(shared.connect(head + b"Content-Length: 60000\r\n\r\nabc"))
        for _ in range(20):
            assert shared.ask(timeout=HALF_SENT / 2) == 200
            assert shared.ask("POST", "/agent/v1/activations", b"x", timeout=HALF_SENT / 2) == 400


@pytest.mark.parametrize(
    ("request_", "status"),
    [
        (b"nonsense\r\n\r\n", 400),
        (b"GET /" + b"x" * (LARGEST_HEADER - 5), 431),
        (b"POST /agent/v1/validations HTTP/1.1\r\nContent-Length: x\r\n\r\n", 400),
        (b"POST /agent/v1/validations HTTP/1.1\r\nContent-Length: 2000000\r\n\r\n", 413),
        (b"POST /api/v1/imports?kind=customers HTTP/1.1\r\nContent-Length: 7000000\r\n\r\n", 413),
        (b"POST /agent/v1/validations HTTP/1.1\r\nTransfer-Encoding: gzip\r\n\r\n", 501),
        (b"POST /agent/v1/validations HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n", 400),
        (
            b"POST /agent/v1/validations HTTP/1.1\r\nContent-Type: application/jwt\r\nConnection: close\r\n"
            b"Transfer-Encoding: chunked\r\n\r\n" + b"4000\r\n" + b"x" * 0x4000 + b"\r\n" + b"0\r\n\r\n",
            400,
        ),
        (
            b"POST /agent/v1/validations HTTP/1.1\r\nContent-Type: application/jwt\r\nConnection: close\r\n"
            b"Transfer-Encoding: chunked\r\n\r\n" + (b"4000\r\n" + b"x" * 0x4000 + b"\r\n") * 5 + b"0\r\n\r\n",
            413,
        ),
    ],
)
def test_what_is_hardly_http_gets_a_problem_too(shared: Running, request_: bytes, status: int) -> None:
    with shared.connect(request_) as link:
        head, _, body = answer_of(link).partition(b"\r\n\r\n")
    assert head.startswith(f"HTTP/1.{head[7:8].decode()} {status} ".encode())
    assert b"content-type: application/problem+json" in head.lower()
    assert json.loads(body)["status"] == status


def test_requests_in_flight_are_answered_before_the_end(running: Running, real_home: Path) -> None:
    """A writer holds the database, so an answer has to wait; SIGTERM comes in the meantime."""
    vendor = SimpleNamespace(desk=SimpleNamespace(issuer=ISSUER), clock=SystemClock())
    document = Device(cast("Any", vendor)).activation_request(new_code(os.urandom))
    holder = sqlite3.connect(real_home / "licences.sqlite3", isolation_level=None)
    holder.execute("BEGIN IMMEDIATE")
    head = b"POST /agent/v1/activations HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Type: application/jwt\r\n"
    with running.connect(head + b"Content-Length: %d\r\n\r\n%b" % (len(document), document)) as link:
        wait_until(lambda: is_read(link))
        running.process.send_signal(signal.SIGTERM)
        threading.Event().wait(0.7)  # were it to end before it answers, it would have time to
        assert running.process.poll() is None
        holder.execute("ROLLBACK")
        holder.close()
        link.settimeout(30)
        assert answer_of(link).startswith(b"HTTP/1.1 404 ")
    assert running.end() == 0


def test_a_worker_that_dies_is_started_again(running: Running) -> None:
    before = running.children()
    assert len(before) == PROCESSES
    os.kill(before[0], signal.SIGKILL)
    wait_until(lambda: len(running.children()) == PROCESSES and before[0] not in running.children())
    assert all(running.ask() == 200 for _ in range(20))
    assert running.end() == 0


def test_no_worker_outlives_its_supervisor(running: Running) -> None:
    children = running.children()
    running.process.kill()
    running.end()
    wait_until(lambda: not any(Path(f"/proc/{pid}/cmdline").exists() for pid in children))


def test_a_port_that_is_taken_is_told_of(shared: Running, real_home: Path) -> None:
    words = [sys.executable, "-m", "licence_server", "run", "--port", str(shared.address.port)]
    environment = {**os.environ, "LICENCE_SERVER_HOME": str(real_home)}
    done = subprocess.run(words, env=environment, capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == 1
    assert re.fullmatch(r"state-conflict: Another program has 127\.0\.0\.1 port \d+\. .*\n", done.stderr)


def test_a_terminals_interrupt_ends_it_too(real_home: Path, tmp_path: Path) -> None:
    with run(real_home, tmp_path, workers=1) as server:
        os.killpg(server.process.pid, signal.SIGINT)
        assert server.process.wait(20) == 0
        server.end()
