"""What every suite shares: databases, the agent's files, another time zone, names of tests."""

import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from tests import postgres
from tests.bundle.building import built_archive
from tests.licence_server.office import Home
from tests.naming import named
from tests.tpm import software_tpm

pytest_plugins = ["tests.threats.plugin"]
_HALF_AN_HOUR = 1_800

# Hypothesis would fail an example that takes 200 ms: a busy machine is no defect.
settings.register_profile("exploring", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("repeating", settings.get_profile("exploring"), derandomize=True)


def pytest_configure(config: pytest.Config) -> None:
    """Look for other examples each time in the long tests in full; elsewhere a change is tried on the same ones."""
    is_full = config.getoption("markexpr") == "long" and not config.getoption("sample")
    settings.load_profile("exploring" if is_full else "repeating")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with what may take more than half an hour by itself: at the end all else would have waited for it."""
    items.sort(key=lambda item: (own := item.get_closest_marker("timeout")) is None or own.args[0] <= _HALF_AN_HOUR)


def pytest_make_parametrize_id(val: object) -> str | None:
    """See named."""
    return named(val) if isinstance(val, str) and set(val) & set("[]") else None


@pytest.fixture(scope="session")
def postgresql_server() -> Iterator[postgres.Postgres]:
    """One server for each process of the test run, made when the first test asks for it."""
    with postgres.running() as server:
        yield server


@pytest.fixture
def postgresql_url(postgresql_server: postgres.Postgres) -> Iterator[str]:
    """The SQLAlchemy URL of an empty PostgreSQL database for one test."""
    with postgresql_server.database() as url:
        yield url


@pytest.fixture(scope="session")
def archive() -> Path:
    """The agent's files as ``make agent-tree`` packs them, for the licence server to make packages of."""
    return built_archive()


@pytest.fixture(scope="session")
def founded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A complete home of a licence server, never touched again."""
    return Home(tmp_path_factory.mktemp("founded") / "home").complete().path


@pytest.fixture(scope="module")
def tcti(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """How to reach a TPM of the module's own."""
    with software_tpm(tmp_path_factory.mktemp("tpm") / "state") as tcti:
        yield tcti


@pytest.fixture
def public_path(tmp_path: Path) -> Path:
    """``tmp_path``, which the machine's other users can reach."""
    for folder in (tmp_path, *tmp_path.parents):
        if folder == Path(tempfile.gettempdir()):
            break
        folder.chmod(0o755)
    return tmp_path


@pytest.fixture
def sqlite_url(tmp_path: Path) -> str:
    """The SQLAlchemy URL of an empty SQLite database for one test."""
    return f"sqlite:///{tmp_path / 'server.sqlite3'}"


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest) -> str:
    """An empty database of each kind in turn: whatever takes this runs on both."""
    url: str = request.getfixturevalue(f"{request.param}_url")
    return url


@pytest.fixture(params=["Asia/Tehran", "America/New_York"])
def elsewhere(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """This process in another time zone."""
    with monkeypatch.context() as changed:
        changed.setenv("TZ", request.param)
        time.tzset()
        yield
    time.tzset()
