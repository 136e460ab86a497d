"""Somebody turns the clocks of real processes, stops them, and starts the machine again: nobody gains, nobody loses."""

import json
import os
import signal
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from agent.store.home import Home
from keys.clock import SystemClock
from tests.agent.cli.program import Program
from tests.agent.vendor import CODE, Vendor
from tests.fakes import TurnableClock
from tests.faults.clocks import WallClock, another_boot
from tests.faults.oddserver import honest, odd_server, plain
from tests.stories.processes import PATIENCE, ROOT, clean_environment, pause, wait_for
from tests.threats.plugin import Figure, Rounds

YEAR_2038 = 2**31
TTL = 2
CRM = """
import http.client, json, sys, threading
port, token, seat, every = sys.argv[1:]
headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
while True:
    connection = http.client.HTTPConnection("127.0.0.1", int(port), timeout=30)
    connection.request("POST", "/v1/seats/heartbeat", json.dumps({"seats": [seat]}), headers)
    if json.load(connection.getresponse())["lost"]:
        break
    connection.close()
    threading.Event().wait(float(every))
print("lost")
"""
TURNS = {"a second": -1, "an hour": -3600, "400 days": -400 * 86_400}


@dataclass
class Running:
    """A daemon, and the clock that it goes by."""

    program: Program
    process: "subprocess.Popen[bytes]"

    @property
    def address(self) -> dict[str, Any]:
        """Where it listens, as soon as it does."""
        return wait_for("the agent's start", self._address)

    def _address(self) -> dict[str, Any] | None:
        assert self.process.poll() is None, "the agent ended"
        file = Home(self.program.home).address
        return json.loads(file.read_bytes()) if file.exists() else None

    def ask(self, method: str, path: str, body: object = None) -> tuple[int, Any]:
        """Ask the local API as the CRM does."""
        request = urllib.request.Request(
            f"http://127.0.0.1:{self.address['port']}{path}",
            data=None if body is None else json.dumps(body).encode(),
            method=method,
            headers={
                "Authorization": f"Bearer {Home(self.program.home).application_token.read_text().strip()}",
                "Content-Type": "application/json",
            },
        )
        try:
            with urllib.request.urlopen(request, timeout=PATIENCE) as answer:  # noqa: S310 - as above
                return answer.status, json.loads(answer.read() or b"null")
        except urllib.error.HTTPError as refusal:
            return refusal.code, json.loads(refusal.read())

    @property
    def licence(self) -> dict[str, Any]:
        return dict(self.ask("GET", "/v1/licence")[1])

    def signal(self, number: signal.Signals) -> None:
        os.kill(self.address["pid"], number)

    def end(self) -> None:
        """Stop as the system's manager does."""
        self.signal(signal.SIGTERM)
        self.process.wait(PATIENCE)


@dataclass
class Site:
    """A customer's machine, off the network from the moment of its activation."""

    program: Program
    clock: WallClock
    lease: int
    issued_at: int

    @contextmanager
    def running(self, *prefix: str, module: str = "agent", **more: str) -> Iterator[Running]:
        """Run the daemon under the site's clock."""
        environment = {**self.program.environment, **self.clock.environment, **more}
        with subprocess.Popen(
            [*prefix, sys.executable, "-m", module, "run", "--port", "0"],
            env=clean_environment() | environment,
            cwd=ROOT,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        ) as process:
            try:
                yield Running(self.program, process)
            finally:
                if process.poll() is None:
                    os.killpg(process.pid, signal.SIGKILL)


@pytest.fixture
def site(folder: Path) -> Callable[..., Site]:
    """Makes machines; ``interval`` and ``grace`` of the licence are in seconds."""

    def make(name: str, interval: int, grace: int) -> Site:
        vendor = Vendor(TurnableClock(wall=SystemClock().now()), interval=interval, grace=grace)
        program = Program(folder / name)
        with odd_server() as server:
            server.answer = honest(vendor)
            program.json("activate", CODE, "--server", server.url)
            server.answer = plain(500)
        return Site(program, WallClock(folder / f"{name}.clock"), interval + grace, vendor.clock.now())

    return make


@pytest.mark.long
@pytest.mark.threat(9)
def test_a_running_agent_whose_clock_is_turned_back_ends_on_time(
    site: Callable[..., Site], rounds: Rounds, figure: Figure
) -> None:
    """Three machines off the network, each turned back another way; a fourth believes its wall clock, and goes on."""
    clock, half = SystemClock(), rounds(20, sample=9)
    with ExitStack() as stack:
        sites = [site(name, half, half) for name in (*TURNS, "weak")]
        agents = [stack.enter_context(each.running()) for each in sites[:-1]]
        weak = stack.enter_context(sites[-1].running(module="tests.stories.weak_clock"))
        assert {agent.licence["mode"] for agent in (*agents, weak)} == {"full"}
        for each, turn in zip(sites, (*TURNS.values(), -3600), strict=True):
            each.clock.turn(turn)
        ended = dict[int, int]()
        while len(ended) < len(agents):
            for number, agent in enumerate(agents):
                if number not in ended and agent.licence["mode"] == "restricted":
                    ended[number] = clock.now() - sites[number].issued_at
            pause(0.1)
        assert weak.licence["mode"] == "full", "the control"
    assert all(2 * half - 1 <= seconds <= 2 * half + PATIENCE for seconds in ended.values())
    turns = zip(TURNS, (ended[number] for number in range(len(TURNS))), strict=True)
    told = ", ".join(f"{seconds} s with the clock {turn} back" for turn, seconds in turns)
    figure(f"a lease of {2 * half} s ended after {told}")


@pytest.mark.long
@pytest.mark.threat(9)
def test_no_reboot_off_the_network_stretches_a_lease(site: Callable[..., Site], folder: Path, figure: Figure) -> None:
    """The machine runs for 50, 33 and 42 minutes in three boots, with the clock turned back in each: 120 are enough."""
    machine = site("one", 3600, 3600)
    modes = []
    with machine.running() as agent:
        modes.append(agent.licence["mode"])
        agent.end()
    for uptime, turn in zip((3000, 2000, 2500), TURNS.values(), strict=True):
        machine.clock.turn(turn)
        with machine.running(*another_boot(folder / "boot_id", uptime)) as agent:
            said = agent.licence
            modes.append(said["mode"])
            agent.end()
    assert modes == ["full", "full", "full", "restricted"]
    assert "clock_behind" in {notice["code"] for notice in said["notices"]}
    weak = {"module": "tests.stories.weak_clock"}
    with machine.running(*another_boot(folder / "boot_id", 9000), **weak) as agent:
        assert agent.licence["mode"] == "full", "the control: who believes the wall clock has 400 days more"
    figure("a lease of 2 h ended after 4 boots of 125 minutes in all, with the clock 400 days back")


@pytest.mark.long
@pytest.mark.threat(10)
@pytest.mark.threat(11)
def test_a_clock_that_jumps_anywhere_and_comes_back_leaves_no_trace(site: Callable[..., Site], figure: Figure) -> None:
    """Also past the ends of 32 bits, signed and unsigned; and in a zone whose days are missing or half an hour off."""
    machine, true = site("one", 3600, 3600), SystemClock()
    moment = {"now": 0, "days_left": 0}
    jumps = (1, -1, 900, YEAR_2038 - true.now(), 2 * YEAR_2038 - true.now(), -true.now() + 5)
    for zone in ("Australia/Lord_Howe", "Pacific/Apia"):
        with machine.running(TZ=zone) as agent:
            before = agent.licence
            modes = []
            for jump in jumps:
                machine.clock.turn(jump)
                modes.append(agent.licence["mode"])
                machine.clock.turn(-jump)
                after = agent.licence
                assert {**after, **moment} == {**before, **moment}
            assert modes == ["full", "full", "full", "restricted", "restricted", "full"]
            agent.end()
    with machine.running(module="tests.stories.weak_clock", LICENCE_WEAK="highest") as agent:
        machine.clock.turn(jumps[3])
        assert agent.licence["mode"] == "restricted"
        machine.clock.turn(-jumps[3])
        assert agent.licence["mode"] == "restricted", "the control: who remembers the latest wall clock stays there"
    figure(f"{len(jumps)} jumps to and fro in 2 zones, among them 2038, 2106 and 1970: the same answer after as before")


@contextmanager
def crm(agent: Running, seat: str) -> Iterator["subprocess.Popen[str]"]:
    """A CRM's process, which keeps a seat until it is told that it is lost, says so, and ends."""
    token = Home(agent.program.home).application_token.read_text().strip()
    command = [sys.executable, "-c", CRM, str(agent.address["port"]), token, seat, str(TTL / 4)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            yield process
        finally:
            process.kill()


@pytest.mark.long
@pytest.mark.threat(12)
@pytest.mark.threat(46)
@pytest.mark.parametrize("stopped", ["CRM", "agent"])
def test_who_was_stopped_for_two_ttl_has_lost_the_seat(site: Callable[..., Site], figure: Figure, stopped: str) -> None:
    """The next one holds a larger fencing number, so that what guards the data can refuse the late one."""
    machine = site("one", 3600, 3600)
    (machine.program.home / "agent.toml").write_text(f"version = 1\nttl = {TTL}\n")
    with machine.running() as agent:
        _, first = agent.ask("POST", "/v1/seats", {"user": "sara", "client": "pc-1"})
        with crm(agent, first["seat"]) as process:
            pause(2 * TTL)
            assert agent.ask("GET", "/v1/licence")[1]["seats"]["users"]["used"] == 1, "the control: kept in time"
            pids = {"CRM": process.pid, "agent": agent.address["pid"]}
            os.kill(pids[stopped], signal.SIGSTOP)
            pause(2 * TTL)
            os.kill(pids[stopped], signal.SIGCONT)
            assert process.communicate(timeout=PATIENCE)[0] == "lost\n"
        status, second = agent.ask("POST", "/v1/seats", {"user": "reza", "client": "pc-1"})
        assert (status, second["users"]["used"]) == (201, 1)
        assert agent.ask("POST", "/v1/seats/heartbeat", {"seats": [first["seat"]]})[1]["renewed"] == []
        guard = Guard()
        assert [guard.lets(seat["fence"]) for seat in (first, second, first)] == [True, True, False]
    figure(f"{stopped} stopped for {2 * TTL} s with a ttl of {TTL} s: seat lost, fence {first['fence']} refused")


@dataclass
class Guard:
    """What keeps the data (a database, a disk): it lets nobody in who comes with an older number than somebody did."""

    highest: int = 0

    def lets(self, fence: int) -> bool:
        self.highest = max(self.highest, fence)
        return fence == self.highest
