"""Readers of the console."""

import pytest

from tests.licence_server.office import Office
from tests.licence_server.web.console.reader import Reader


@pytest.fixture
def reader(office: Office) -> Reader:
    """Somebody who has not signed in."""
    return Reader.of(office)
