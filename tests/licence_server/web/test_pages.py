"""The server's database damaged page by page: agents get a signed answer or come back later, never a crash."""

import json
import random
import shutil
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, suppress
from dataclasses import dataclass
from pathlib import Path

import pytest
import structlog

from keys.checkup import examine, failed
from keys.documents.licence import Licence as Document
from keys.errors import LicensingError
from licence_server.doctor import CHECKS, Place
from tests.agent.seats.test_pages import DAMAGES, PAGE
from tests.licence_server.device import Device
from tests.licence_server.office import Home, Office, ProblemError, device_at
from tests.threats.plugin import Figure, Rounds

ALLOWED = {
    "unavailable",
    "evidence-required",
    "code-unknown",
    "request-replayed",
    "malformed",
    "not-found",
    "signature-invalid",
}
"""Nobody signed any of them, so an agent that is active stays so."""


@dataclass(frozen=True, slots=True)
class World:
    """A server with customers, and one of their agents."""

    home: Home
    device: Device
    code: str


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> World:
    home = Home(tmp_path_factory.mktemp("pages") / "home")
    home.founding().found("https://licence.example.com", None, "cli:tests")
    office = Office.of(home)
    for _ in range(8):
        office.sell()
    device = device_at(office)
    device.activate(office.sell()[1])
    for _ in range(4):
        home.clock.advance(86_400)
        device.validate()
    office.server.auditing.seal()
    code = office.sell()[1]
    office.close()
    structlog.reset_defaults()
    with closing(sqlite3.connect(home.path / "licences.sqlite3")) as database:
        database.execute("PRAGMA journal_mode = DELETE")
    return World(home, device, code)


def revalidated(newcomer: Device) -> Document:
    return newcomer.validate() if newcomer.held else newcomer.activate("a code that nobody has")


def outcome(errand: Callable[[], Document]) -> str:
    """Run an errand to the server: a signed answer, or a problem that an agent comes back from."""
    try:
        return str(errand().status)
    except ProblemError as problem:
        word, status = str(problem.word), problem.response.status_code
    assert (word in ALLOWED, status >= 500) == (True, word == "unavailable"), (word, status)
    return word


def answers(world: World, home: Home) -> Iterator[str]:
    """Do what agents and people do, and yield how it went."""
    try:
        office = Office.of(home)
    except LicensingError as error:
        yield error.word
        return
    before = world.device.held
    try:
        world.device.vendor = office  # type: ignore[assignment]
        newcomer = device_at(office)
        errands = (world.device.validate, lambda: newcomer.activate(world.code), lambda: revalidated(newcomer))
        yield from (outcome(errand) for errand in errands)
        for path in ("/healthz", "/readyz", "/metrics", "/agent/v1/trust"):
            assert office.call("GET", path).status_code in {200, 503, 404}
        for use in (office.server.reading.licences, office.server.reading.customers, office.server.auditing.verify):
            with suppress(LicensingError):
                use()
        lines = [json.loads(line) for line in office.log.getvalue().splitlines()]
        assert not [line for line in lines if line["event"] == "crash"], lines
    finally:
        world.device.held = before
        office.close()


@pytest.mark.long
@pytest.mark.timeout(600)
@pytest.mark.threat(50)
def test_a_database_with_any_page_damaged(world: World, tmp_path: Path, figure: Figure, rounds: Rounds) -> None:
    whole = (world.home.path / "licences.sqlite3").read_bytes()
    chance = random.Random(50)
    cases = [(place, damage) for place in range(0, len(whole), PAGE) for damage in DAMAGES[:4] + DAMAGES[7:9]]
    found = signed = 0
    outcomes = dict[str, int]()
    cases = chance.sample(cases, min(len(cases), rounds(len(cases), sample=40)))
    for number, (place, damage) in enumerate(cases):
        folder = tmp_path / str(number)
        shutil.copytree(world.home.path, folder)
        page = damage(whole[place : place + PAGE], chance)
        (folder / "licences.sqlite3").write_bytes(whole[:place] + page + whole[place + PAGE :])
        home = Home(folder, world.home.clock)
        found += bool(failed(examine(CHECKS, Place(folder, {}, home.clock))))
        said = list(answers(world, home))
        signed += "active" in said
        for word in said:
            outcomes[word] = outcomes.get(word, 0) + 1
        shutil.rmtree(folder)
    assert found > len(cases) / 2
    figure(
        f"database, {len(cases)} damages to {len(whole) // PAGE} pages: {found} told by doctor, 0 crashes; {outcomes}"
    )
