"""A home, made once and copied for each test."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.licence_server.device import Device
from tests.licence_server.office import ISSUER, Home, Office, device_at


@pytest.fixture(scope="session")
def founded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A complete home, never touched again."""
    home = Home(tmp_path_factory.mktemp("founded") / "home")
    home.founding().found(ISSUER, None, "cli:tests")
    home.founding().shown()
    return home.path


@pytest.fixture
def home(founded: Path, tmp_path: Path) -> Home:
    """A home of the test's own."""
    return Home(tmp_path / "home").copied_from(founded)


@pytest.fixture
def office(home: Home) -> Iterator[Office]:
    """The web application over the home."""
    office = Office.of(home)
    yield office
    office.close()


@pytest.fixture
def device(office: Office) -> Device:
    """A customer's server that has activated a licence over HTTP."""
    _, code = office.sell()
    device = device_at(office)
    device.activate(code)
    office.clock.advance(86_400)
    return device
