"""Settings: what is unknown or impossible is named."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from agent.config import Settings, default_home, overlooked, read_config, read_settings
from keys.addresses import is_loopback
from keys.errors import InvalidInputError
from tests.contract.serving import in_memory

NOBODY = 65_534


def written(folder: Path, text: str) -> Path:
    path = folder / "agent.toml"
    path.write_text(text, encoding="utf-8")
    return path


def test_without_a_file_there_are_defaults(tmp_path) -> None:
    assert read_settings(tmp_path / "agent.toml") == Settings()


def test_every_setting_can_be_given(tmp_path) -> None:
    text = """
version = 1
server = "https://licence.example.com"
host = "::1"
port = 0
unix_socket = false
socket_users = ["www-data"]
administrator = "sara"
ttl = 60
"""
    wanted = Settings(1, "https://licence.example.com", "::1", 0, False, ("www-data",), "sara", 60)
    assert read_settings(written(tmp_path, text)) == wanted


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("prot = 7411", "no setting prot"),
        ('port = "7411"', "port can't be '7411'"),
        ("port = true", "port can't be True"),
        ("port = 70000", "0 to 65535"),
        ('host = "0.0.0.0"', "127.0.0.1"),
        ('host = "licence.example.com"', "127.0.0.1"),
        ("socket_users = [5]", "socket_users"),
        ("version = 2", "version 2"),
        ("idle = 1.5", "idle can't be 1.5"),
        ('trusted_proxies = ["proxy"]', "trusted_proxies: 'proxy' is no network"),
        ('trusted_proxies = ["10.0.0.5/8"]', "trusted_proxies: '10.0.0.5/8' is no network"),
        ('tls_host = "crm.example"', "tls_host must be an address"),
        ("tls_port = -1", "tls_port must be 0 to 65535"),
        ('tls_names = ["a b"]', "tls_names: 'a b' is neither"),
        ('device_key = "hsm"', "device_key can't be 'hsm'"),
        ("device_key = []", "device_key can't be"),
        ('tpm = "/dev/tpm0"', "tpm must be as device:/dev/tpmrm0"),
        ("port = ", "can't be read"),
    ],
)
def test_what_is_wrong_is_named(tmp_path, text: str, named: str) -> None:
    with pytest.raises(InvalidInputError, match=named):
        read_settings(written(tmp_path, text))


def test_the_environment_names_home_hardware_and_passphrase(tmp_path) -> None:
    environment = {
        "LICENCE_AGENT_HOME": str(tmp_path),
        "LICENCE_AGENT_HARDWARE": "hardware.json",
        "LICENCE_AGENT_PASSPHRASE": "secret",
    }
    config = read_config(environment)
    assert (config.home, config.passphrase) == (tmp_path, b"secret")
    assert config.stand_in == Path("hardware.json").absolute()


def test_a_customers_build_refuses_a_stand_in(tmp_path) -> None:
    marker = tmp_path / "CUSTOMER_BUILD"
    marker.touch()
    environment = {"LICENCE_AGENT_HOME": str(tmp_path), "LICENCE_AGENT_HARDWARE": "hardware.json"}
    with pytest.raises(InvalidInputError, match="own hardware only"):
        read_config(environment, marker)
    assert read_config({"LICENCE_AGENT_HOME": str(tmp_path)}, marker).stand_in is None


@pytest.fixture
def service() -> Iterator[Path]:
    """Where a service's agent lives on a machine; a person's things lie beside it."""
    with in_memory() as folder:
        folder.chmod(0o755)
        yield folder / "service"


@contextmanager
def somebody(home: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Be a person who is not root meanwhile."""
    monkeypatch.setenv("HOME", str(home))
    os.seteuid(NOBODY)
    try:
        yield
    finally:
        os.seteuid(0)


def test_a_command_without_sudo_is_told_of_the_service_that_it_looks_past(
    service: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    person = service.parent / "person"
    with somebody(person, monkeypatch):
        assert overlooked({}, service) is None, "there is no service"
    service.mkdir()
    with somebody(person, monkeypatch):
        assert overlooked({}, service) == service
        assert overlooked({"LICENCE_AGENT_HOME": ""}, service) == service
        assert overlooked({"LICENCE_AGENT_HOME": "/srv/agent"}, service) is None, "another one is meant"
    (person / ".local/share/licence-agent").mkdir(parents=True)
    with somebody(person, monkeypatch):
        assert overlooked({}, service) is None, "the person has one"
    person.chmod(0o700)
    with somebody(person, monkeypatch):
        assert overlooked({}, service) is None, "nobody can tell"
    assert overlooked({}, default_home({})) is None, "root's is the service's"


def test_the_default_home_is_an_absolute_folder() -> None:
    assert default_home({}).is_absolute()


@pytest.mark.parametrize(
    ("host", "loopback"), [("localhost", True), ("127.9.9.9", True), ("10.0.0.1", False), ("x", False)]
)
def test_loopback(host: str, loopback: bool) -> None:
    assert is_loopback(host) is loopback
