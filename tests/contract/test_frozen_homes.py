"""The homes of every release, opened by this one: upgrading loses nothing, and nobody notices."""

import configparser
import json
import os
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import pytest

from agent.config import Config, Settings
from agent.daemon.assembly import Agent, assemble
from agent.domain.mode import Standing
from agent.healing import Healing
from agent.store.seats import journal_flaw, open_journal
from keys.checkup import examine
from licence_server.doctor import CHECKS, Place
from licence_server.storage.migrate import upgrade
from tests.contract.frozen import HOMES, Facts, freeze, thaw
from tests.contract.serving import DAY, Premises
from tests.fakes import TurnableClock
from tests.licence_server.office import Home

ROOT = Path(__file__).parents[2]
VERSIONS = sorted(path.name for path in HOMES.iterdir() if path.is_dir())
pytestmark = [pytest.mark.threat(51), pytest.mark.parametrize("version", VERSIONS)]


@dataclass(frozen=True, slots=True)
class Thawed:
    """A vendor and a customer of an earlier release, on machines that have this one now."""

    facts: Facts
    premises: Premises
    agent: Agent

    @property
    def standing(self) -> Standing:
        return self.agent.judging.standing()


@pytest.fixture
def thawed(version: str, quick_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Thawed]:
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    frozen = HOMES / version
    said = json.loads((frozen / "facts.json").read_text(encoding="utf-8"))
    facts = Facts(**{**said, "users": tuple(said["users"])})
    for name in ("server", "agent"):
        thaw(frozen / name, quick_path / name)
    clock = TurnableClock(wall=facts.now)
    premises = Premises(Home(quick_path / "server", clock))
    upgrade(premises.home.config.database)
    counter = premises.open()
    settings = Settings(server=counter.url, port=0)
    agent = assemble(Config(quick_path / "agent/home", settings, quick_path / "agent/hardware.json"), clock, os.urandom)
    yield Thawed(facts, premises, agent)
    premises.close()


def test_an_agent_goes_on_where_it_was(thawed: Thawed) -> None:
    agent, facts = thawed.agent, thawed.facts
    assert Healing(agent.home, agent.around).examine() == []
    assert (thawed.standing.mode, thawed.standing.reason) == ("full", "active")
    licence = agent.judging.holding.licence()
    assert (licence.licence_id, licence.seq) == (facts.licence, facts.seq)
    assert journal_flaw(agent.home.journal) == ""
    with closing(open_journal(agent.home.journal, facts.now)) as journal:
        assert journal.warning is None
        seats, _ = journal.remembered()
        assert {seat.user for seat in seats.seats} == set(facts.users)
        assert journal.ledger() is not None
    thawed.premises.home.clock.advance(DAY)
    assert agent.validating().validate(agent.server()).seq == facts.seq + 1
    assert thawed.standing.mode == "full"
    assert agent.validating().deactivate(agent.server()).status == "deactivated"


def test_a_server_goes_on_where_it_was(thawed: Thawed) -> None:
    home = thawed.premises.home
    found = {each.check: each for each in examine(CHECKS, Place(home.path, {}, home.clock))}
    failed = {name: each.said for name, each in found.items() if each.state == "failed"}
    assert not {name: said for name, said in failed.items() if name not in {"port", "room"}}
    assert home.ask("audit", "verify")["valid"]
    assert home.ask("licence", "show", thawed.facts.licence)["state"] == "active"
    device = thawed.premises.device()
    assert device.activate(thawed.facts.unused_code).status == "active"
    home.clock.advance(DAY)
    assert device.validate().seq == 2
    assert home.ask("audit", "verify")["valid"]


def test_a_backup_of_it_comes_back(thawed: Thawed, quick_path: Path) -> None:
    file = thawed.premises.back_up()
    thawed.premises.restore(file)
    assert thawed.premises.home.ask("audit", "verify")["valid"]
    thawed.premises.home.clock.advance(DAY)
    agent = thawed.agent
    assert agent.validating().validate(agent.server()).seq == thawed.facts.seq + 1


def test_what_is_frozen_and_thawed_is_the_same(version: str, tmp_path: Path) -> None:
    for name in ("server", "agent"):
        thaw(HOMES / version / name, tmp_path / f"{name}-thawed")
        freeze(tmp_path / f"{name}-thawed", tmp_path / name)
        before = {
            path.relative_to(HOMES / version / name): path.read_bytes() for path in _files(HOMES / version / name)
        }
        assert {path.relative_to(tmp_path / name): path.read_bytes() for path in _files(tmp_path / name)} == before


def test_this_release_is_frozen_too(version: str) -> None:
    setup = configparser.ConfigParser()
    setup.read(ROOT / "setup.cfg", encoding="utf-8")
    assert setup["metadata"]["version"] in VERSIONS
    assert (HOMES / version / "facts.json").exists()


def _files(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file()]
