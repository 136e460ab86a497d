"""A home, made once and copied for each test."""

from pathlib import Path

import pytest

from tests.licence_server.office import ISSUER, Home


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
