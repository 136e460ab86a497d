"""A vendor's home to copy."""

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
