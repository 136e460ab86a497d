"""Slow and huge requests by the hundred: whoever is honest is answered within a second."""

import os
import signal
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from keys.clock import SystemClock
from tests.contract import stock_client
from tests.contract.stock_client import StockAgent, Trust
from tests.faults.crowd import Manner, crowd
from tests.stories.callers import ask
from tests.stories.parties import HARDWARE, Vendor, customer, vendor
from tests.stories.processes import BIN, ROOT, free_port, pause, wait_for
from tests.threats.plugin import Figure, Rounds

pytestmark = [pytest.mark.long, pytest.mark.timeout(200)]

CROWD: dict[Manner, int] = {"half-open": 500, "half-posted": 64, "huge": 4, "huge and slow": 8}
SECONDS, SAMPLE = 45, 4
"""How long; in full more than twice what a request may take to arrive, so that connections are closed and come back."""
LIMIT, SAMPLE_LIMIT = 1, 5
"""Seconds. A sample has too few answers for a hundredth of them to mean much, and shares its machine."""
_BETWEEN = 0.05
CLOCK = SystemClock()


class SlowError(Exception):
    """An honest request was not answered in time."""


def times(seconds: float, ask: Callable[[], object], given_up: float = 60.0) -> list[float]:
    """Ask again and again, and return how long each answer took, sorted; stop when the limit can't be held any more."""
    found, until = list[float](), CLOCK.boot() + seconds
    while CLOCK.boot() < until:
        began = CLOCK.boot()
        try:
            ask()
        except OSError as error:
            raise SlowError(f"no answer after {CLOCK.boot() - began:.1f} s") from error
        found.append(CLOCK.boot() - began)
        if found[-1] > given_up:
            raise SlowError(f"{found[-1]:.1f} s")
        pause(_BETWEEN)
    return sorted(found)


def p99(found: list[float]) -> float:
    return found[min(len(found) - 1, int(len(found) * 0.99))]


def honest(seller: Vendor, url: str) -> StockAgent:
    agent = StockAgent(url, Trust.pin((seller.home / "root.json").read_bytes()), dict(HARDWARE))
    agent.activate(seller.issue()[1])
    return agent


def address_of(url: str) -> tuple[str, int]:
    parts = urlsplit(url)
    return parts.hostname or "", parts.port or 0


@pytest.mark.threat(36)
def test_the_licence_server_answers_beside_a_crowd(folder: Path, rounds: Rounds, figure: Figure) -> None:
    with vendor(folder) as seller:
        agent = honest(seller, seller.start())
        quiet = p99(times(1.0, agent.validate))
        with crowd(address_of(agent.url), CROWD) as callers:
            there = callers.connected
            found = times(rounds(SECONDS, sample=SAMPLE), agent.validate)
    assert there >= sum(CROWD.values()) - CROWD["huge"] - CROWD["huge and slow"]
    assert p99(found) <= rounds(LIMIT, sample=SAMPLE_LIMIT)
    assert callers.closed["huge"] >= CROWD["huge"], "a body of 1 GiB is refused before it is read"
    figure(
        f"{there} slow connections: honest p99 {p99(found) * 1000:.0f} ms of {len(found)} validations, slowest "
        f"{found[-1] * 1000:.0f} ms; without them {quiet * 1000:.0f} ms"
    )


@pytest.mark.threat(36)
def test_the_agents_local_api_answers_beside_a_crowd(folder: Path, rounds: Rounds, figure: Figure) -> None:
    with vendor(folder / "v") as seller, customer(folder / "c") as buyer:
        buyer.activate(seller.issue()[1], seller.start(), seller.home / "root.json")
        address = buyer.start()
        token = buyer.token("application")
        body = {"user": "sara", "client": "pc-1"}
        assert ask(address, token, "POST", "/v1/seats", body)[0] == 201
        with crowd(address, CROWD) as callers:
            there = callers.connected
            found = times(
                rounds(SECONDS // 3, sample=SAMPLE), lambda: expect_200(ask(address, token, "POST", "/v1/seats", body))
            )
    assert there >= 564
    assert p99(found) <= rounds(LIMIT, sample=SAMPLE_LIMIT)
    figure(f"local API, {there} slow connections: p99 {p99(found) * 1000:.0f} ms of {len(found)} check-outs")


def expect_200(answer: tuple[int, object]) -> None:
    assert answer[0] == 200, answer


@contextmanager
def under_gunicorn(seller: Vendor) -> Iterator[str]:
    """The same application in another server."""
    port = free_port()
    command = [str(BIN / "gunicorn"), "-k", "sync", "-w", "2", "-b", f"127.0.0.1:{port}", "--no-control-socket"]
    application = "tests.stories.gunicorn_app:build()"
    with (
        Path(os.devnull).open("w") as nowhere,
        subprocess.Popen(
            [*command, application],
            cwd=ROOT,
            env=seller.environment,
            start_new_session=True,
            stdout=nowhere,
            stderr=nowhere,
        ) as process,
    ):
        try:
            yield wait_for("gunicorn's start", lambda: alive(port))
        finally:
            os.killpg(process.pid, signal.SIGKILL)


def alive(port: int) -> str | None:
    try:
        return f"http://127.0.0.1:{port}" if ask(("127.0.0.1", port), "", "GET", "/healthz")[0] == 200 else None
    except OSError:
        return None


@pytest.mark.threat(36, control=True)
@pytest.mark.parametrize("manner", ["half-open", "half-posted"])
def test_a_server_that_reads_and_answers_in_one_thread_is_caught(
    folder: Path, manner: Manner, figure: Figure, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stock_client, "TIMEOUT", 3 * LIMIT)
    with vendor(folder) as seller, under_gunicorn(seller) as url:
        agent = honest(seller, url)
        assert p99(times(1.0, agent.validate)) <= SAMPLE_LIMIT, "it is not slow by itself"
        with crowd(address_of(url), {manner: CROWD[manner]}), pytest.raises(SlowError) as caught:
            times(SAMPLE, agent.validate, given_up=LIMIT)
    figure(f"gunicorn's sync workers: {caught.value}")
