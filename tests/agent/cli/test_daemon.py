"""The daemon as a process: one for each home, ready soon, idle cheaply, safe to kill, quiet about secrets."""

import json
import signal
import urllib.request
from pathlib import Path

import psutil
import pytest

from agent.store.home import Home
from keys.clock import SystemClock
from tests.agent.cli.program import Daemon, Program
from tests.agent.vendor import CODE, Vendor
from tests.faults.oddserver import OddServer


def ask(program: Program, daemon: Daemon, method: str, path: str, body: object = None) -> tuple[int, bytes]:
    port = next(line["port"] for line in daemon.said if line["event"] == "ready")
    token = Home(program.home).application_token.read_text().strip()
    request = urllib.request.Request(
        f"http://127.0.0.1:{port}{path}",
        data=None if body is None else json.dumps(body).encode(),
        method=method,
        headers={"Authorization": f"Bearer {token}", "Content-Type": "application/json"},
    )
    with urllib.request.urlopen(request, timeout=30) as answer:  # noqa: S310 - as above
        return answer.status, answer.read()


def test_the_whole_life_of_an_agent(activated: Program, vendor: Vendor) -> None:
    with activated.running() as daemon:
        assert daemon.until("standing")["mode"] == "full"
        assert ask(activated, daemon, "POST", "/v1/seats", {"user": "sara", "client": "pc-1"})[0] == 201
        seats = activated.json("seats")
        assert (seats["users"]["used"], seats["clients"]["used"]) == (1, 1)
        assert "sara" in activated("seats").stdout
        assert activated.json("seats", "release", "sara") == {"released": "sara"}
        assert activated.json("seats")["users"]["used"] == 0
        vendor.status = "suspended"
        assert activated.json("validate")["mode"] == "restricted"
        assert daemon.until("standing")["mode"] == "restricted"
        licence = json.loads(ask(activated, daemon, "GET", "/v1/licence")[1])
        assert licence["mode"] == "restricted"
        assert daemon.end() == 0
    assert not Home(activated.home).address.exists()


def test_it_validates_by_itself(program: Program, server: OddServer, vendor: Vendor) -> None:
    vendor.interval = 1
    program.json("activate", CODE, "--server", server.url)
    with program.running() as daemon:
        vendor.interval = 86_400
        while program.json("status")["seq"] < 2:
            assert daemon.process.poll() is None
            vendor.clock.wall = SystemClock().now()


def test_a_daemon_that_starts_first_notices_the_activation(program: Program, server: OddServer) -> None:
    with program.running() as daemon:
        assert daemon.until("standing")["reason"] == "no_licence"
        program.json("activate", CODE, "--server", server.url)
        assert json.loads(ask(program, daemon, "GET", "/v1/licence")[1])["mode"] == "full"
        assert daemon.until("standing")["mode"] == "full"


def test_there_is_one_daemon_for_each_home(activated: Program) -> None:
    with activated.running() as daemon:
        result = activated("run", "--port", "0")
        assert (result.exit_code, "busy" in result.stderr, str(daemon.process.pid) in result.stderr) == (1, True, True)


def test_killed_at_any_moment_it_starts_again(activated: Program) -> None:
    for _ in range(3):
        with activated.running() as daemon:
            assert daemon.end(signal.SIGKILL) == -signal.SIGKILL
    assert activated("seats").exit_code == 3
    with activated.running():
        assert activated.json("status")["mode"] == "full"


def test_it_is_small(activated: Program) -> None:
    with activated.running() as daemon:
        assert psutil.Process(daemon.process.pid).memory_info().rss < 80 * 2**20


@pytest.mark.threat(26)
def test_no_secret_is_in_the_log_and_every_line_is_json(program: Program, server: OddServer, vendor: Vendor) -> None:
    with program.running() as daemon:
        program.json("activate", CODE, "--server", server.url)
        daemon.until("standing")
        vendor.status = "suspended"
        program("validate")
        daemon.until("standing")
        daemon.end()
        said = json.dumps(daemon.said)
    home = Home(program.home)
    secrets = [CODE, CODE.replace("-", ""), home.administrator_token.read_text().strip()]
    assert not [secret for secret in secrets if secret in said]


def test_a_broken_server_leaves_the_daemon_running(activated: Program, server: OddServer) -> None:
    (activated.home / "progress.json").unlink()
    server.shutdown()
    server.server_close()
    with activated.running() as daemon:
        failure = daemon.until("validation_failed")
        assert failure["word"] == "unreachable"
        assert ask(activated, daemon, "GET", "/healthz")[0] == 200


def test_a_home_that_is_too_long_for_a_socket_still_serves_the_crm(tmp_path: Path) -> None:
    program = Program(tmp_path / ("long" * 30))
    with program.running() as daemon:
        assert [line["level"] for line in daemon.said if line["event"] == "unix_socket_left_out"] == ["warning"]
        assert [line["unix_socket"] for line in daemon.said if line["event"] == "ready"] == [None]
        assert ask(program, daemon, "GET", "/v1/licence")[0] == 200
