"""A CRM of several worker processes under gunicorn, with people who meet another one with each request."""

import http.client
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlencode

import pytest

from keys.clock import SystemClock
from tests.agent.crm import served
from tests.contract.local import Site
from tests.stories.processes import free_port, wait_for
from tests.threats.plugin import Figure

ROOT = Path(__file__).parents[3]


class Person:
    """A browser that opens a new connection for each request."""

    def __init__(self, port: int) -> None:
        self.port, self.cookies = port, dict[str, str]()

    def call(self, method: str, path: str, **form: str) -> tuple[int, str]:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        head = {"Cookie": "; ".join(f"{name}={value}" for name, value in self.cookies.items()), "Accept": "text/html"}
        head |= {"Content-Type": "application/x-www-form-urlencoded"} if method == "POST" else {}
        connection.request(method, path, urlencode(form) if form else None, head)
        answer = connection.getresponse()
        text = answer.read().decode()
        for value in answer.headers.get_all("Set-Cookie") or ():
            name, _, rest = value.partition("=")
            self.cookies[name] = rest.partition(";")[0]
        connection.close()
        return answer.status, text

    def sign_in(self, user: str) -> "Person":
        self.call("GET", "/login")
        self.call("POST", "/login", user=user)
        return self


@pytest.fixture
def gunicorn(site: Site, tmp_path: Path) -> Iterator[tuple[subprocess.Popen[bytes], int]]:
    root, port = tmp_path / "root.json", free_port()
    root.write_bytes(site.rig.vendor.trust_document)
    environment = os.environ | {served.SOCKET: str(site.rig.home.folder / "agent.sock"), served.ROOT: str(root)}
    options = [
        "--workers",
        "3",
        "--preload",
        "--bind",
        f"127.0.0.1:{port}",
        "--log-level",
        "warning",
        "--no-control-socket",
    ]
    program = [sys.executable, "-m", "gunicorn", *options, "tests.agent.crm.served:create()"]
    process = subprocess.Popen(program, cwd=ROOT, env=environment, start_new_session=True)
    try:
        for _ in range(300):
            try:
                Person(port).call("GET", "/worker")
                break
            except OSError:
                threading.Event().wait(0.1)
        yield process, port
    finally:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait(30)


@pytest.mark.long
@pytest.mark.threat(40)
def test_workers_share_the_seats_and_die_with_them(
    site: Site, gunicorn: tuple[subprocess.Popen[bytes], int], figure: Figure
) -> None:
    process, port = gunicorn
    occupied = site.local.seating.occupied
    people = [Person(port).sign_in(f"user-{number}") for number in range(4)]
    for _ in range(10):
        assert [person.call("GET", "/")[0] for person in people] == [200, 200, 200, 403]
    workers = {people[0].call("GET", "/worker")[1] for _ in range(40)}
    assert len(workers) > 1
    assert (occupied().users.used, occupied().clients.used) == (3, 3)
    assert people[1].call("POST", "/logout")[0] == 302
    began = SystemClock().boot()
    wait_for("a free seat", lambda: None if occupied().users.used == 3 else True)
    freed = SystemClock().boot() - began
    assert people[3].call("GET", "/")[0] == 200
    site.local.stop()
    site.local.start(site.rig)
    for _ in range(5):
        assert [people[number].call("GET", "/")[0] for number in (0, 2, 3)] == [200] * 3
    os.killpg(process.pid, signal.SIGKILL)
    process.wait(30)
    site.rig.clock.advance(119)
    assert occupied().users.used == 3
    site.rig.clock.advance(1)
    assert occupied().users.used == 0
    figure(f"{len(workers)} workers seen, logout freed the seat in {freed * 1000:.0f} ms; killed, all free after ttl")
