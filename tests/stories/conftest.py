"""What the stories share."""

import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.faults.networks import networks
from tests.stories.serviced import Serviced, Shop, open_shop, serviced
from tests.stories.visit import Country


@pytest.fixture
def folder() -> Iterator[Path]:
    """An empty folder with a short name: the path of a Unix socket has at most 107 bytes."""
    with tempfile.TemporaryDirectory(prefix="story-") as name:
        yield Path(name)


@pytest.fixture(scope="session")
def shop(archive: Path, tmp_path_factory: pytest.TempPathFactory) -> Shop:
    """A vendor with packages of the agent."""
    return open_shop(tmp_path_factory.mktemp("shop"), archive)


@pytest.fixture
def site(shop: Shop, tmp_path: Path) -> Iterator[Serviced]:
    """A customer's server with systemd, and that vendor on its network."""
    with serviced(tmp_path, shop) as found:
        yield found


@pytest.fixture(scope="module")
def country(archive: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Country]:
    """A vendor with packages, and a place for a customer's bare server."""
    with networks() as made:
        yield Country.made(made, tmp_path_factory.mktemp("country"), archive)
