"""What the command line's tests share."""

from pathlib import Path

import pytest

from keys.clock import SystemClock
from tests.agent.cli.program import Program
from tests.agent.vendor import CODE, Vendor
from tests.fakes import TurnableClock
from tests.faults.oddserver import OddServer


@pytest.fixture
def vendor() -> Vendor:
    """A vendor whose time is the real one, as the programs' is."""
    return Vendor(TurnableClock(wall=SystemClock().now()))


@pytest.fixture
def program(tmp_path: Path) -> Program:
    return Program(tmp_path / "one")


@pytest.fixture
def activated(program: Program, server: OddServer) -> Program:
    program.json("activate", CODE, "--server", server.url)
    return program
