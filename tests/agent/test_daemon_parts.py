"""The daemon's parts: a loop that outlives its steps' faults, a log that nobody can forge, the entry that explains."""

import importlib
import io
import json
import logging
from threading import Event

import pytest

from agent import entry
from agent.daemon.door import peers
from agent.daemon.log import Handler, Log
from agent.daemon.repeating import Repeating
from keys.errors import InvalidInputError, UnreachableError
from tests.fakes import TurnableClock


@pytest.fixture
def stream() -> io.StringIO:
    return io.StringIO()


@pytest.fixture
def log(stream: io.StringIO) -> Log:
    return Log(stream, TurnableClock())


def lines(stream: io.StringIO) -> list[dict[str, object]]:
    return [json.loads(line) for line in stream.getvalue().splitlines()]


def test_a_loop_goes_on_until_it_is_stopped(log: Log, stream: io.StringIO) -> None:
    enough, steps = Event(), []

    def step() -> float:
        steps.append(1)
        if len(steps) == 3:
            enough.set()
        return 0.0

    loop = Repeating("work", step, log)
    loop.start()
    assert enough.wait(5)
    loop.stop(5)
    assert not lines(stream)


@pytest.mark.parametrize(
    ("fault", "event", "wait"),
    [
        (UnreachableError("no"), "work_failed", 1.0),
        (OSError(28, "No space left on device"), "work_failed", 60.0),
        (ZeroDivisionError("secret"), "work_crashed", 60.0),
    ],
)
def test_a_fault_is_logged_and_survived(
    log: Log, stream: io.StringIO, fault: Exception, event: str, wait: float
) -> None:
    def step() -> float:
        raise fault

    assert Repeating("work", step, log)._once() == wait
    assert lines(stream)[0]["event"] == event
    assert "secret" not in stream.getvalue()


@pytest.mark.threat(33)
def test_nobody_forges_a_line(log: Log, stream: io.StringIO) -> None:
    log.say("info", "x", detail='one\r\n{"level": "error"}\x1b[31m\u202e')
    assert len(lines(stream)) == 1
    assert "\x1b" not in stream.getvalue()


def test_what_libraries_say_is_logged_without_values(log: Log, stream: io.StringIO) -> None:
    handler, logger = Handler(log), logging.getLogger("library")
    logger.addHandler(handler)
    logger.info("chatter")
    logger.warning("careful")
    logger.error("failed with %s", "a value", exc_info=ValueError("secret"))
    logger.removeHandler(handler)
    assert [line["event"] for line in lines(stream)] == ["library", "library"]
    assert "secret" not in stream.getvalue()


def test_the_socket_is_for_named_users() -> None:
    assert 0 in peers(())
    assert peers(("root",)) == peers(())
    with pytest.raises(InvalidInputError, match="no-such-user"):
        peers(("no-such-user",))


def test_a_missing_library_is_named_with_what_to_install(monkeypatch) -> None:
    def missing(name: str) -> None:
        raise ModuleNotFoundError("No module named 'requests'", name="requests")

    monkeypatch.setattr(importlib, "import_module", missing)
    with pytest.raises(SystemExit, match=r"needs requests\. Install with the extra `agent`"):
        entry.main()
