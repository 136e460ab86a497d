"""What the agent's suites share."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from keys.tpm import Tpm
from tests.agent.rig import Rig
from tests.agent.vendor import Vendor
from tests.fakes import TurnableClock
from tests.faults.oddserver import OddServer, honest, odd_server


@pytest.fixture
def clock() -> TurnableClock:
    return TurnableClock()


@pytest.fixture
def vendor(clock: TurnableClock) -> Vendor:
    return Vendor(clock)


@pytest.fixture
def server(vendor: Vendor) -> Iterator[OddServer]:
    """The vendor's licence server on a socket, without TLS."""
    with odd_server() as server:
        server.answer = honest(vendor)
        yield server


@pytest.fixture(scope="module")
def tpm(tcti: str) -> Tpm:
    return Tpm(tcti)


@pytest.fixture
def rig(tmp_path: Path, clock: TurnableClock, vendor: Vendor) -> Rig:
    """An agent whose home is empty yet."""
    return Rig(tmp_path / "home", clock, vendor)


@pytest.fixture
def active(rig: Rig) -> Rig:
    """An agent that is activated."""
    rig.activate()
    return rig
