"""What an installation asks of the agent's settings, in a home that is somebody else's."""

import os
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from agent.config import read_settings
from agent.daemon.site import Customer, Typed
from agent.store.vendors import Vendor
from agent.system.layout import Layout
from keys.clock import SystemClock
from tests.contract.serving import in_memory

NOBODY = 65_534
NOTHING: Mapping[str, str] = {}


def customer(root: Path, port: int | None) -> Customer:
    program = Path("/usr/bin/licence-agent")
    typed = Typed(NOTHING, SystemClock(), os.urandom, program, lambda *_: None, lambda _: "", port=port)
    return Customer(Layout(root), program, "init", Vendor(), typed)


@pytest.fixture
def root() -> Iterator[Path]:
    """The root of a machine, which everybody may look into."""
    with in_memory() as folder:
        folder.chmod(0o755)
        yield folder


@pytest.fixture
def home(root: Path) -> Path:
    made = root / "var/lib/licence-agent"
    made.mkdir(parents=True)
    os.chown(made, NOBODY, NOBODY)
    return made


def test_the_port_that_was_asked_for_stays(home: Path, root: Path) -> None:
    home.joinpath("agent.toml").write_text("ttl = 90\n")
    asked = customer(root, 7421)
    assert (asked.agent().config.settings.port, asked.is_configured()) == (7421, False)
    asked.configure()
    assert asked.is_configured()
    settings = read_settings(home / "agent.toml")
    assert (settings.port, settings.ttl) == (7421, 90)
    assert (home / "agent.toml").stat().st_uid == NOBODY
    later = customer(root, None)
    later.configure()
    assert later.is_configured()
    assert later.agent().config.settings.port == 7421


@pytest.mark.threat(49)
def test_a_link_of_the_owners_leads_nowhere(home: Path, root: Path, tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text("ttl = 91\n")
    secret.chmod(0o600)
    (home / "agent.toml").symlink_to(secret)
    with pytest.raises(PermissionError):
        customer(root, 7421).configure()
    assert secret.read_text() == "ttl = 91\n"
