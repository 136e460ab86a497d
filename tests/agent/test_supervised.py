"""What the service manager is told, and the journal's priorities: a datagram and a number in front of a line."""

import io
import os
import select
import signal
import socket
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from agent.daemon.log import Log, goes_to_journal
from agent.daemon.supervised import Supervision
from tests.agent.cli.program import Program
from tests.fakes import TurnableClock


class Listener:
    """A service manager's end of the line."""

    def __init__(self, address: str) -> None:
        self.line = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.line.bind(address.replace("@", "\0"))
        self.line.settimeout(10)

    def hear(self) -> str:
        return self.line.recv(256).decode()

    def has_heard(self) -> bool:
        """Tell whether anything was said, and forget it."""
        is_there = bool(select.select([self.line], [], [], 0)[0])
        return is_there and bool(self.hear())


@pytest.fixture(params=["path", "abstract"])
def address(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    return str(tmp_path / "notify") if request.param == "path" else f"@{tmp_path.name}-{os.getpid()}"


@pytest.fixture
def listener(address: str) -> Iterator[Listener]:
    made = Listener(address)
    yield made
    made.line.close()


def test_it_says_three_times_in_the_time_it_has_that_it_is_well(address: str, listener: Listener) -> None:
    clock = TurnableClock()
    supervision = Supervision({"NOTIFY_SOCKET": address, "WATCHDOG_USEC": "60000000"}, clock)
    beats = 0
    for _ in range(60):
        supervision.beat(lambda: True)
        beats += listener.has_heard()
        clock.advance(1)
    assert beats == 3


def test_it_says_nothing_while_it_is_not_well(address: str, listener: Listener) -> None:
    supervision = Supervision({"NOTIFY_SOCKET": address, "WATCHDOG_USEC": "60000000"}, TurnableClock())
    supervision.beat(lambda: False)
    assert not listener.has_heard()
    supervision.beat(lambda: True)
    assert listener.hear() == "WATCHDOG=1"


def test_without_a_watchdog_nobody_is_asked(address: str, listener: Listener) -> None:
    supervision = Supervision({"NOTIFY_SOCKET": address}, TurnableClock())
    supervision.beat(lambda: pytest.fail("nobody wants to know"))
    supervision.ready()
    assert listener.hear() == "READY=1"


def test_a_service_manager_that_is_gone_stops_nobody(tmp_path: Path) -> None:
    Supervision({"NOTIFY_SOCKET": str(tmp_path / "gone")}, TurnableClock()).ready()


def test_the_daemon_tells_its_life(tmp_path: Path) -> None:
    with tempfile.TemporaryDirectory() as folder:
        listener = Listener(f"{folder}/notify")
        program = Program(tmp_path / "one", {"NOTIFY_SOCKET": f"{folder}/notify", "WATCHDOG_USEC": "3000000"})
        with program.running() as daemon:
            assert [listener.hear() for _ in range(3)] == ["READY=1", "WATCHDOG=1", "WATCHDOG=1"]
            daemon.end(signal.SIGTERM)
        said = iter(listener.hear, "STOPPING=1")
        assert set(said) <= {"WATCHDOG=1"}
        listener.line.close()


@pytest.mark.parametrize(
    ("level", "priority"), [("info", "<6>{"), ("warning", "<4>{"), ("error", "<3>{"), ("odd", "{")]
)
def test_the_journal_gets_priorities(level: str, priority: str) -> None:
    stream = io.StringIO()
    Log(stream, TurnableClock(), to_journal=True).say(level, "ready")
    assert stream.getvalue().startswith(priority)


def test_the_journal_is_recognised_by_its_stream(tmp_path: Path) -> None:
    with (tmp_path / "journal").open("w") as stream:
        facts = os.fstat(stream.fileno())
        assert goes_to_journal(stream, {"JOURNAL_STREAM": f"{facts.st_dev}:{facts.st_ino}"})
        assert not goes_to_journal(stream, {"JOURNAL_STREAM": "1:2"}), "it was sent elsewhere since"
        assert not goes_to_journal(stream, {})
    assert not goes_to_journal(io.StringIO(), {"JOURNAL_STREAM": "1:2"})
