"""What the agent's suites share."""

from pathlib import Path

import pytest

from tests.agent.rig import Rig
from tests.agent.vendor import Vendor
from tests.fakes import TurnableClock


@pytest.fixture
def clock() -> TurnableClock:
    return TurnableClock()


@pytest.fixture
def vendor(clock: TurnableClock) -> Vendor:
    return Vendor(clock)


@pytest.fixture
def rig(tmp_path: Path, clock: TurnableClock, vendor: Vendor) -> Rig:
    """An agent whose home is empty yet."""
    return Rig(tmp_path / "home", clock, vendor)


@pytest.fixture
def active(rig: Rig) -> Rig:
    """An agent that is activated."""
    rig.activate()
    return rig
