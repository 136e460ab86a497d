"""A vendor whose server listens on a socket."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.agent.rig import Rig
from tests.agent.vendor import HARDWARE, Vendor
from tests.contract.installed import Installed
from tests.contract.local import Local
from tests.contract.serving import Counter, Premises, in_memory
from tests.fakes import TurnableClock
from tests.faults.proxy import Wire, wire_to
from tests.licence_server.device import Device


@pytest.fixture
def quick_path() -> Iterator[Path]:
    """A folder for one test, as ``tmp_path``, in memory."""
    with in_memory() as folder:
        yield folder


@pytest.fixture
def premises(founded: Path, quick_path: Path) -> Iterator[Premises]:
    """A vendor's server over SQLite, open."""
    premises = Premises.at(quick_path / "vendor", founded)
    premises.open()
    yield premises
    premises.close()


@pytest.fixture
def on_each_database(founded: Path, quick_path: Path, database_url: str) -> Iterator[Premises]:
    """A vendor's server over each database in turn; at the end its record must be whole."""
    premises = Premises.at(quick_path / "vendor", founded, database_url)
    premises.open()
    yield premises
    assert premises.home.ask("audit", "verify")["valid"]
    premises.close()


@pytest.fixture
def device(premises: Premises) -> Device:
    """A customer's server that activated a licence a day ago."""
    return premises.active()


@pytest.fixture
def rig(quick_path: Path) -> Rig:
    """An agent in this process, with a licence for 3 users and 4 clients."""
    clock = TurnableClock()
    rig = Rig(quick_path / "home", clock, Vendor(clock))
    rig.activate()
    return rig


@pytest.fixture
def local(rig: Rig) -> Iterator[Local]:
    """Its local API."""
    local = Local(rig)
    yield local
    local.stop()


@pytest.fixture
def counter(premises: Premises) -> Counter:
    return premises.counter


@pytest.fixture
def wire(premises: Premises, monkeypatch: pytest.MonkeyPatch) -> Iterator[Wire]:
    """The line that agents reach the vendor by."""
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    with wire_to(premises.counter.url) as wire:
        yield wire


@pytest.fixture
def new(premises: Premises, wire: Wire, quick_path: Path) -> Callable[..., Installed]:
    """Makes customers' servers, each with hardware of its own, activated unless the code is empty."""
    count = iter(range(100))

    def make(code: str | None = None, **order: Any) -> Installed:
        number = next(count)
        parts = {name: f"{value} {number}" for name, value in HARDWARE.items()}
        server = Installed(quick_path / f"server-{number}", premises.home.clock, wire.url, parts)
        if code != "":
            server.activate(code or premises.sell(**order)[1], premises.root)
        return server

    return make
