"""A disk is full, or its calls fail: nothing is acknowledged that is not stored, and after it all goes on by itself."""

import hashlib
import json
import os
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from threading import Event
from typing import Any

import pytest

from agent.daemon.log import Log
from agent.daemon.repeating import Repeating
from agent.domain.seats import Change
from agent.domain.usage import Report
from agent.store.seats import SqlJournal
from keys.errors import UnavailableError
from licence_server import logs
from tests.agent.seats.fakes import Office as Seats
from tests.agent.seats.fakes import a_journal
from tests.agent.vendor import HARDWARE
from tests.contract.installed import Installed
from tests.contract.serving import Premises
from tests.fakes import TurnableClock
from tests.faults.smalldisk import failing, fill, make_room, small_disk
from tests.faults.tape import terminate
from tests.licence_server.office import ISSUER, Home, problem
from tests.stories.callers import BrokenPromiseError, ask, promise
from tests.stories.cuts import program
from tests.stories.processes import clean_environment, pause, wait_for

ANSWERS = ("licence_activated", "licence_validated")
TRIES = 12


@pytest.fixture
def disk(folder: Path) -> Iterator[Path]:
    with small_disk(folder / "disk") as made:
        yield made


def premises_at(path: Path) -> Premises:
    home = Home(path)
    home.founding().found(ISSUER, None, "tests")
    premises = Premises(home)
    premises.open()
    return premises


@pytest.mark.threat(43)
def test_a_server_on_a_full_disk_signs_nothing_that_it_cannot_store(disk: Path, figure) -> None:
    premises = premises_at(disk / "vendor")
    device, idle = premises.active(), premises.active()
    answers, refused = [device.held, idle.held], list[bytes]()
    for _ in range(TRIES):
        fill(disk)
        request = device.request()
        answer = premises.counter.post("validations", request)
        if answer.status_code == 200:
            answers.append(device.held if device.take(answer.data) is None else answer.data)
        else:
            assert (answer.status_code, problem(answer)["type"]) == (503, "urn:licence:problem:unavailable")
            assert int(answer.headers["Retry-After"]) > 0
            refused.append(request)
    assert refused
    said = premises.home.type("licence", "issue", "--customer", "cus_0", "--users", 3)
    assert (said.exit_code, said.stderr.count("\n")) == (1, 1)
    make_room(disk)
    answers.append(premises.counter.send("validations", refused[-1]))
    device.take(answers[-1])
    answers += [premises.counter.send("validations", each.request()) for each in (device, idle)]
    written = [entry for entry in premises.home.ask("audit", "list") if entry["event"] in ANSWERS]
    stored = {entry["details"]["document"] for entry in written}
    assert {hashlib.sha256(answer).hexdigest() for answer in answers} <= stored
    assert premises.home.ask("audit", "verify")["valid"]
    premises.close()
    figure(f"server on a full disk of 4 MiB: {len(refused)} × 503, 0 signed and not stored")


class HastyJournal(SqlJournal):
    """Says that all is stored, whatever the disk says."""

    def write(self, changes: Sequence[Change], counts: Report) -> None:
        """See bookkeeping.Journal."""
        with suppress(UnavailableError):
            super().write(changes, counts)


def fill_up(seats: Seats, disk: Path) -> list[str]:
    """Ask for seats on a full disk; return those that were given."""
    given = [seats.ask("before")]
    fill(disk)
    for number in range(2):
        with suppress(UnavailableError):
            given.append(seats.ask(f"user-{number}"))
    return given


def check_given(disk: Path, given: list[str]) -> None:
    """After space is back and the agent was started again, every seat that was given is there."""
    make_room(disk)
    journal = a_journal(disk)
    found = {seat.id for seat in journal.remembered()[0].seats}
    journal.close()
    promise(set(given) <= found, f"seats that were given are not stored: {set(given) - found}")


@pytest.mark.threat(43)
def test_a_seat_that_cannot_be_stored_is_not_given(disk: Path) -> None:
    journal = a_journal(disk)
    given = fill_up(Seats(journal), disk)
    journal.close()
    assert len(given) == 1
    check_given(disk, given)


@pytest.mark.threat(43, control=True)
def test_a_journal_that_hides_a_full_disk_is_found_out(disk: Path) -> None:
    journal = a_journal(disk)
    journal.__class__ = HastyJournal
    given = fill_up(Seats(journal), disk)
    journal.close()
    with pytest.raises(BrokenPromiseError):
        check_given(disk, given)


@contextmanager
def running(words: Sequence[object], environment: dict[str, str], log: Path) -> Iterator[subprocess.Popen[str]]:
    """A program, alone or under strace, whose log lies where it is told."""
    with (
        log.open("w") as stream,
        subprocess.Popen(
            list(map(str, words)), env=environment, stdout=subprocess.PIPE, stderr=stream, text=True
        ) as process,
    ):
        try:
            yield process
        finally:
            if words[0] != "strace":
                process.terminate()
            terminate(process)


@contextmanager
def agent(disk: Path, premises: Premises, code: str, before: Sequence[str] = ()) -> Iterator[Any]:
    """The agent's program on this disk, with its log there, too; gives how to ask it."""
    clock = TurnableClock()
    installed = Installed(disk, clock, premises.counter.url, HARDWARE)
    installed.activate(code, premises.root)
    home = disk / "home"
    environment = clean_environment(LICENCE_AGENT_HOME=home, LICENCE_AGENT_HARDWARE=disk / "hardware.json")
    with running([*before, *program("licence-agent"), "run", "--port", "0"], environment, disk / "log") as process:
        address = home / "address.json"
        where = json.loads(wait_for("the agent's start", lambda: address.read_bytes() if address.exists() else None))
        token = (home / "application.token").read_text().strip()

        def call(method: str, path: str, body: object = None) -> tuple[int, Any]:
            return ask((where["host"], where["port"]), token, method, path, body)

        yield call
        assert process.poll() is None


@pytest.mark.long
@pytest.mark.threat(43)
def test_an_agent_on_a_full_disk_keeps_who_is_in_and_recovers_by_itself(folder: Path, disk: Path, figure) -> None:
    premises = premises_at(folder / "vendor")
    _, code = premises.sell(clients=None)
    with agent(disk, premises, code) as call:
        seats = [call("POST", "/v1/seats", {"user": f"user-{n}", "client": "pc"})[1]["seat"] for n in range(3)]
        for number in range(TRIES):
            fill(disk)
            assert call("POST", "/v1/seats/heartbeat", {"seats": seats}) == (200, {"renewed": seats, "lost": []})
            status, answer = call("POST", "/v1/seats", {"user": f"new-{number}", "client": "pc"})
            assert (status, answer["type"]) in {
                (503, "urn:licence:problem:unavailable"),
                (409, "urn:licence:problem:seats-exhausted"),
            }
            if number % 4 == 3:
                assert call("DELETE", f"/v1/seats/{seats.pop()}")[0] == 204
            if number % 6 == 5:
                fill(disk)
                refused = validate(disk / "home")
                assert (refused.returncode, refused.stdout, len(refused.stderr.splitlines())) == (1, "", 2), refused
            assert call("GET", "/v1/licence")[1]["mode"] == "full"
        make_room(disk)
        assert call("POST", "/v1/seats", {"user": "new", "client": "pc"})[0] == 201
        assert validate(disk / "home").returncode == 0
    premises.close()
    figure(f"agent on a full disk of 4 MiB: {TRIES} rounds, heartbeats and releases all answered, 0 seats given")


def validate(home: Path) -> subprocess.CompletedProcess[str]:
    environment = clean_environment(LICENCE_AGENT_HOME=home, LICENCE_AGENT_HARDWARE=home.parent / "hardware.json")
    words = [*program("licence-agent"), "validate"]
    return subprocess.run(words, env=environment, capture_output=True, text=True, check=False)


@pytest.mark.long
@pytest.mark.threat(43)
@pytest.mark.parametrize(("calls", "error", "after"), [("fdatasync", "EIO", 10), ("pwrite64", "ENOSPC", 60)])
def test_a_journal_whose_disk_fails_gives_no_seat(folder: Path, calls: str, error: str, after: int) -> None:
    premises, place = premises_at(folder / "vendor"), folder / "disk"
    _, code = premises.sell(clients=None)
    place.mkdir()
    given = list[str]()
    before = failing(calls, error, [place / "home/seats.sqlite3", place / "home/seats.sqlite3-wal"], after=after)
    with agent(place, premises, code, before) as call:
        statuses = list[int]()
        for number in range(40):
            status, answer = call("POST", "/v1/seats", {"user": "sara", "client": f"pc-{number}"})
            statuses.append(status)
            given += [answer["seat"]] if status == 201 else []
        assert set(statuses) == {201, 503}
        assert call("POST", "/v1/seats/heartbeat", {"seats": given}) == (200, {"renewed": given, "lost": []})
        assert call("DELETE", f"/v1/seats/{given.pop()}")[0] == 204
    check_given(place / "home", given)
    premises.close()


@pytest.mark.long
@pytest.mark.threat(43)
@pytest.mark.parametrize("calls", ["fdatasync", "pwrite64"])
def test_a_server_whose_disk_fails_answers_later(folder: Path, calls: str, figure) -> None:
    premises = premises_at(folder / "vendor")
    device = premises.active()
    premises.close()
    home = premises.home.path
    environment = clean_environment(LICENCE_SERVER_HOME=home)
    files = [home / "licences.sqlite3", home / "licences.sqlite3-wal"]
    words = [*failing(calls, "EIO", files, after=60), *program("licence-server"), "run", "--port", "0"]
    answers, refused = list[bytes](), list[bytes]()
    with running(words, environment, folder / "log") as process:
        assert process.stdout is not None
        premises.counter.url = process.stdout.readline().split()[-1]
        while len(refused) < 5:
            request = refused[-1] if refused else device.request()
            answer = premises.counter.post("validations", request)
            assert answer.status_code in {200, 503}
            if answer.status_code == 503:
                refused.append(request)
                assert int(answer.headers["Retry-After"]) > 0
                pause(0.05)
            else:
                device.take(answer.data)
                answers.append(answer.data)
    premises.open()
    device.take(premises.counter.send("validations", refused[-1]))
    device.validate()
    stored = {entry["details"].get("document") for entry in premises.home.ask("audit", "list")}
    assert {hashlib.sha256(answer).hexdigest() for answer in answers} <= stored
    assert premises.home.ask("audit", "verify")["valid"]
    premises.close()
    figure(f"{calls} fails under the server: {len(answers)} answers before, all stored; 503 with Retry-After after")


@pytest.mark.threat(43)
def test_a_log_that_cannot_be_written_stops_nothing(folder: Path) -> None:
    premises = premises_at(folder / "vendor")
    device = premises.active()
    full = os.fdopen(os.open("/dev/full", os.O_WRONLY), "w", buffering=1)
    logs.set_up(premises.home.clock, full)
    assert device.validate().status == "active"
    premises.close()
    log, steps = Log(full, premises.home.clock), list[int]()
    enough = Event()

    def step() -> float:
        steps.append(1)
        if len(steps) > 1:
            enough.set()
        raise UnavailableError("Nothing can be stored.", 1)

    loop = Repeating("work", step, log)
    loop.start()
    assert enough.wait(30)
    loop.stop(5)
    with suppress(OSError):
        full.close()
