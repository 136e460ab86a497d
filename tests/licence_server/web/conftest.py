"""The web application over a home, and a customer's server that talks to it."""

from collections.abc import Iterator

import pytest

from tests.licence_server.device import Device
from tests.licence_server.office import Home, Office, active_at


@pytest.fixture
def office(home: Home) -> Iterator[Office]:
    """The web application over the home."""
    office = Office.of(home)
    yield office
    office.close()


@pytest.fixture
def device(office: Office) -> Device:
    """A customer's server that has activated a licence over HTTP."""
    return active_at(office)
