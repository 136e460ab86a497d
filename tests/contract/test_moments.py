"""Moments at which programs go wrong: the whole agent against the whole server, across each of them (threat 11)."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

import pytest

from keys.documents.licence import Licence
from tests.agent.vendor import HARDWARE
from tests.contract.installed import Installed
from tests.contract.serving import DAY, Premises
from tests.fakes import TurnableClock
from tests.licence_server.office import Home
from tests.threats.plugin import Figure


class Moment(NamedTuple):
    """When it is (a NumericDate), in which zone the machines are set, and what every clock does then, in seconds."""

    at: int
    zone: str = "UTC"
    turn: int = 0


MOMENTS = {
    "NTP steps ten minutes on": Moment(1_800_000_000, turn=600),
    "NTP steps a minute back": Moment(1_800_000_000, turn=-60),
    "a leap second, 2016-12-31 23:59:60": Moment(1_483_228_800, turn=-1),
    "Lord Howe changes by half an hour": Moment(1_791_041_400, "Australia/Lord_Howe"),
    "Apia leaves out 2011-12-30": Moment(1_325_239_200, "Pacific/Apia"),
    "signed 32 bits end, 2038-01-19": Moment(2**31),
    "unsigned 32 bits end, 2106-02-07": Moment(2**32),
}


@pytest.fixture
def zone(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[str], None]]:
    """Sets this process's time zone."""

    def choose(name: str) -> None:
        monkeypatch.setenv("TZ", name)
        time.tzset()

    yield choose
    monkeypatch.undo()
    time.tzset()


@contextmanager
def before(moment: Moment, folder: Path) -> Iterator[tuple[Premises, Installed]]:
    """A vendor, and a customer who activated a day before the moment."""
    home = Home(folder / "vendor", TurnableClock(moment.at - DAY))
    home.complete()
    premises = Premises(home)
    premises.open()
    server = Installed(folder / "server", home.clock, premises.counter.url, HARDWARE)
    server.activate(premises.sell()[1], premises.root)
    yield premises, server
    premises.close()


@pytest.mark.threat(11)
@pytest.mark.parametrize("name", MOMENTS)
def test_nothing_happens_at_the_moment(
    quick_path: Path, zone: Callable[[str], None], monkeypatch: pytest.MonkeyPatch, figure: Figure, name: str
) -> None:
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    moment = MOMENTS[name]
    zone(moment.zone)
    with before(moment, quick_path) as (premises, server):
        clock, licence = premises.home.clock, server.licence
        assert (licence.issued_at, licence.expires_at) == (moment.at - DAY, moment.at + 14 * DAY)
        clock.advance(DAY - 1)
        modes, documents = list[str](), list[Licence]()
        for step in (0, 1, 1, 3600, DAY):
            clock.advance(step)
            clock.turn(moment.turn if step == 1 and len(documents) == 1 else 0)
            documents.append(server.validate())
            modes.append(server.standing.mode)
        assert modes == ["full"] * 5
        issued = [document.issued_at - moment.at for document in documents]
        assert issued == [-1, moment.turn, moment.turn + 1, moment.turn + 3601, moment.turn + 3601 + DAY]
        assert {document.expires_at - document.issued_at for document in documents} == {15 * DAY}
        assert [document.seq for document in documents] == [2, 3, 4, 5, 6]
        assert set(premises.events(licence.licence_id)) == {"licence_issued", "licence_activated"}
        assert premises.home.ask("audit", "verify")["valid"]
        clock.advance(15 * DAY - 60)
        modes = [server.standing.mode]
        clock.advance(60)
        assert [*modes, server.standing.mode] == ["grace", "restricted"]
    figure("full on both sides; the lease ended within a minute of its end")
