"""Settings: ``agent.toml`` in the agent's home, the environment, and defaults for the rest."""

import os
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from types import UnionType
from typing import Any, Literal, get_args, get_origin

from keys.addresses import is_loopback, read_address, read_network
from keys.errors import InvalidInputError, MalformedError
from keys.keyfile import read_passphrase
from keys.sentences import phrase

HOME_VARIABLE = "LICENCE_AGENT_HOME"
LANGUAGE_VARIABLE = "LICENCE_AGENT_LANGUAGE"
HARDWARE_VARIABLE = "LICENCE_AGENT_HARDWARE"
PASSPHRASE_VARIABLE = "LICENCE_AGENT_PASSPHRASE"  # noqa: S105 - the variable's name
USERS_HOME = ".local/share/licence-agent"
"""Below a person's own folder."""
SERVICE_HOME = Path("/var/lib/licence-agent")
"""Where root's agent lives, and the service's."""
DEFAULT_PORT = 7411
Language = Literal["fa", "en"]
_TCTI = re.compile(r"[a-z0-9-]{1,32}(:[ -~]{0,200})?")
_HOST = re.compile(r"[A-Za-z0-9][A-Za-z0-9.:_-]{0,252}")
CUSTOMER_BUILD = Path(__file__).with_name("CUSTOMER_BUILD")
"""A file that packages for customers bring: with it, nothing stands in for the machine's own hardware."""


@dataclass(frozen=True, slots=True)
class Settings:
    """What ``agent.toml`` may say. Durations are in seconds."""

    version: int = 1
    """Format of the file."""
    server: str | None = None
    """URL to reach the licence server by, instead of the one given at activation."""
    host: str = "127.0.0.1"
    """Loopback address of the local API."""
    port: int = DEFAULT_PORT
    """0: any free port."""
    unix_socket: bool = True
    """Whether the local API listens on ``agent.sock`` in the home, too."""
    socket_users: tuple[str, ...] = ()
    """Users of this machine who may use the socket, beside root and the agent's own."""
    administrator: str | None = None
    """The CRM's user who always gets in, to free seats."""
    ttl: int = 120
    """Seconds that a seat lives past its last heartbeat."""
    idle: int = 0
    """Seconds that a person's seat lives past the last activity, whatever heartbeats say; 0: any number."""
    trusted_proxies: tuple[str, ...] = ()
    """Addresses or networks of proxies whose ``X-Forwarded-For`` counts for ``GET /v1/authorize``."""
    tls_host: str | None = None
    """Address of this machine, or 0.0.0.0 or ::, where other machines reach the local API over TLS; none: nowhere."""
    tls_port: int = 7412
    """0: any free port."""
    tls_names: tuple[str, ...] = ()
    """Further names and addresses of this machine for the certificate."""
    language: str | None = None
    """In which language commands speak to people, ``fa`` or ``en``; none: the locale's."""
    device_key: Literal["auto", "file", "tpm"] = "auto"
    """Where a device key is made: in the TPM 2.0 if it can be used, else in a file; in a file; in the TPM only."""
    tpm: str | None = None
    """Where the TPM is, as tpm2-tss writes it (TCTI); none: ``device:/dev/tpmrm0``."""


@dataclass(frozen=True, slots=True)
class Config:
    """Everything that is decided outside the program."""

    home: Path
    settings: Settings
    stand_in: Path | None = None
    """A file of components that stands in for the hardware, in tests and simulations."""
    passphrase: bytes | None = None
    """For device keys that are encrypted at rest."""


def read_config(environment: Mapping[str, str], customer_build: Path = CUSTOMER_BUILD) -> Config:
    """Read all settings.

    Args:
        environment: the process's.
        customer_build: the marker file of builds for customers.

    Raises:
        InvalidInputError: an unknown or impossible setting, with a sentence that names it.
    """
    home = home_of(environment)
    stand_in = environment.get(HARDWARE_VARIABLE)
    if stand_in and customer_build.exists():
        raise InvalidInputError(
            phrase(
                "{variable} is set, but this build reads the machine's own hardware only.", variable=HARDWARE_VARIABLE
            )
        )
    return Config(
        home=home,
        settings=read_settings(home / "agent.toml"),
        stand_in=Path(stand_in).absolute() if stand_in else None,
        passphrase=read_passphrase(environment, PASSPHRASE_VARIABLE),
    )


def home_of(environment: Mapping[str, str]) -> Path:
    """Return where the agent lives."""
    return Path(environment.get(HOME_VARIABLE) or default_home(environment)).absolute()


def default_home(environment: Mapping[str, str]) -> Path:
    """Return where the agent lives when nobody says otherwise."""
    if os.name == "nt":
        return Path(environment.get("PROGRAMDATA", r"C:\ProgramData")) / "licence-agent"
    return SERVICE_HOME if os.geteuid() == 0 else Path.home() / USERS_HOME


def overlooked(environment: Mapping[str, str], service: Path = SERVICE_HOME) -> Path | None:
    """Return the home of the service's agent where a command looks past it; None: it does not.

    It does when no home is named and the person has none: somebody forgot ``sudo``.
    """
    home = home_of(environment)
    try:
        is_meant = bool(environment.get(HOME_VARIABLE)) or home == service or home.exists()
        return None if is_meant or not service.is_dir() else service
    except OSError:  # who may not even look does not know of one
        return None


def read_settings(path: Path) -> Settings:
    """Read ``agent.toml``; a missing file means the defaults. Raises InvalidInputError."""
    try:
        content = tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return Settings()
    except (ValueError, RecursionError) as error:  # also for numbers of thousands of digits, and deep nesting
        raise InvalidInputError(phrase("{path} can't be read: {error}", path=path, error=error)) from error
    known = {field.name: field.type for field in fields(Settings)}
    for name, value in content.items():
        if name not in known:
            raise InvalidInputError(
                phrase(
                    "{path}: there is no setting {name}. There are: {known}.",
                    path=path,
                    name=name,
                    known=", ".join(known),
                )
            )
        if not _fits(value, known[name]):
            raise InvalidInputError(phrase("{path}: {name} can't be {value}.", path=path, name=name, value=repr(value)))
    given: dict[str, Any] = {
        name: tuple(value) if isinstance(value, list) else value for name, value in content.items()
    }
    return check(Settings(**given), str(path))


def check(settings: Settings, place: str) -> Settings:
    """Return settings that make sense together. Raises InvalidInputError; ``place`` says where they come from."""
    if settings.version != 1:
        raise InvalidInputError(
            phrase(
                "{place}: version {version} is unknown; this release knows version 1.",
                place=place,
                version=settings.version,
            )
        )
    if not is_loopback(settings.host):
        raise InvalidInputError(
            phrase("{place}: host must be 127.0.0.1 or ::1, not {host}.", place=place, host=settings.host)
        )
    if not 0 <= settings.port <= 65_535:
        raise InvalidInputError(
            phrase("{place}: port must be 0 to 65535, not {port}.", place=place, port=settings.port)
        )
    if settings.tpm is not None and _TCTI.fullmatch(settings.tpm) is None:
        raise InvalidInputError(
            phrase("{place}: tpm must be as device:/dev/tpmrm0, not {tpm}.", place=place, tpm=repr(settings.tpm))
        )
    _check_tls(settings, place)
    if settings.language not in {None, *get_args(Language)}:
        raise InvalidInputError(
            phrase("{place}: language must be fa or en, not {language}.", place=place, language=settings.language)
        )
    for each in settings.trusted_proxies:
        try:
            read_network(each)
        except MalformedError as error:
            raise InvalidInputError(phrase("{place}: trusted_proxies: {error}", place=place, error=error)) from error
    return settings


def _check_tls(settings: Settings, place: str) -> None:
    if not 0 <= settings.tls_port <= 65_535:
        raise InvalidInputError(
            phrase("{place}: tls_port must be 0 to 65535, not {tls_port}.", place=place, tls_port=settings.tls_port)
        )
    for name in settings.tls_names:
        if _HOST.fullmatch(name) is None:
            raise InvalidInputError(
                phrase("{place}: tls_names: {name} is neither a name nor an address.", place=place, name=repr(name))
            )
    if settings.tls_host is not None:
        try:
            read_address(settings.tls_host)
        except MalformedError as error:
            raise InvalidInputError(
                phrase("{place}: tls_host must be an address, not {tls_host}.", place=place, tls_host=settings.tls_host)
            ) from error


def _fits(value: object, kind: object) -> bool:
    if kind == tuple[str, ...]:
        return isinstance(value, list) and all(isinstance(each, str) for each in value)
    if get_origin(kind) is Literal:
        return value in get_args(kind)
    kinds = get_args(kind) if isinstance(kind, UnionType) else (kind,)
    return type(value) in kinds
