"""Settings: ``config.toml`` in the server's home, two variables of the environment, and defaults for the rest."""

import ipaddress
import json
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Literal
from urllib.parse import urlsplit

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError, model_validator

from keys.addresses import is_loopback
from keys.errors import InvalidInputError
from keys.fingerprint import DEFAULT_THRESHOLD
from licence_server.domain.approval import MOST_REHOSTS, MOST_USERS
from licence_server.domain.federation import Identity

DAY = 86_400
HOME_VARIABLE = "LICENCE_SERVER_HOME"
DATABASE_VARIABLE = "LICENCE_SERVER_DATABASE"
SSO_SECRET_VARIABLE = "LICENCE_SERVER_SSO_SECRET_FILE"  # noqa: S105 - the setting's name
DEFAULT_ISSUER = "http://127.0.0.1:7410"


def check_issuer(issuer: str) -> str:
    """Return a public URL that may stand in licences for ever. Raises ValueError with a sentence."""
    parts = urlsplit(issuer)
    host = parts.hostname or ""
    is_plain = all("!" <= letter <= "~" for letter in issuer) and not (parts.query or parts.fragment or parts.username)
    if parts.scheme not in ("https", "http") or not host or not is_plain:
        raise ValueError(f"{issuer!r} is not an address such as https://licences.example.com")
    if issuer.endswith("/"):
        raise ValueError(f"{issuer!r} must not end with a slash: it is compared letter by letter")
    if parts.scheme == "http" and not is_loopback(host):
        raise ValueError(f"{issuer!r} must begin with https://; plain http is for 127.0.0.1, ::1 and localhost alone")
    return issuer


def _network(cidr: str) -> str:
    try:
        return str(ipaddress.ip_network(cidr))
    except ValueError as error:
        raise ValueError(f"{cidr!r} is not a network such as 10.0.0.0/8") from error


def _provider(issuer: str) -> str:
    parts = urlsplit(issuer)
    is_safe = parts.scheme == "https" or (parts.scheme == "http" and is_loopback(parts.hostname or ""))
    if issuer and not (is_safe and parts.hostname and not (parts.query or parts.fragment or parts.username)):
        raise ValueError(f"{issuer!r} is not an address such as https://accounts.example.com")
    return issuer


Cidr = Annotated[str, AfterValidator(_network)]


class Config(BaseModel):
    """Every setting of the licence server. Durations are in seconds."""

    model_config = ConfigDict(frozen=True, strict=True, extra="forbid")

    issuer: Annotated[str, Field(max_length=255), AfterValidator(check_issuer)]
    """The server's public URL; it stands in every licence and can't be changed once licences are out."""
    database: Annotated[str, Field(min_length=1)]
    """SQLAlchemy URL."""
    host: str = "127.0.0.1"
    """Address to listen on. A proxy in front of it does TLS."""
    port: Annotated[int, Field(ge=0, le=65_535)] = 7410
    """Port to listen on; 0 takes a free one."""
    workers: Annotated[int, Field(ge=1, le=64)] = 2
    """Processes that answer requests."""
    threads: Annotated[int, Field(ge=1, le=64)] = 8
    """Threads in each of them."""
    product: Annotated[str, Field(min_length=1, max_length=100)] = "Owj CRM"
    """Name of the product that is licensed."""
    edition: Annotated[str, Field(min_length=1, max_length=100)] = "standard"
    """Edition of a licence that is issued without one."""
    terms_version: Annotated[str, Field(min_length=1, max_length=64)] = "1"
    """Version of the vendor's terms that an activation has to accept (T12)."""
    interval: Annotated[int, Field(ge=1, le=90 * DAY)] = DAY
    """From one validation to the next."""
    grace: Annotated[int, Field(ge=0, le=366 * DAY)] = 14 * DAY
    """How long a licence goes on without the server (T7)."""
    terms_grace: Annotated[int, Field(ge=0, le=366 * DAY)] = 7 * DAY
    """How long a licence goes on after the end of its terms."""
    code_lifetime: Annotated[int, Field(ge=60, le=366 * DAY)] = 30 * DAY
    """How long an activation code can be used."""
    threshold: Annotated[int, Field(ge=1, le=100)] = DEFAULT_THRESHOLD
    """Percent of the enrolled fingerprint that has to match."""
    four_eyes_users: Annotated[int, Field(ge=0, le=MOST_USERS)] = MOST_USERS
    """A licence for more users, overdraft included, needs a second person."""
    four_eyes_rehosts: Annotated[int, Field(ge=0, le=MOST_REHOSTS)] = MOST_REHOSTS
    """Moving a licence more often than this within 365 days needs a second person."""
    four_eyes_revocations: bool = False
    """Whether revoking a licence needs a second person."""
    trusted_proxies: tuple[Cidr, ...] = Field(default=(), strict=False)
    """Networks whose X-Forwarded-For is believed."""
    metrics_networks: tuple[Cidr, ...] = Field(default=("127.0.0.0/8", "::1/128"), strict=False)
    """Networks that may read /metrics."""
    webhook_networks: tuple[Cidr, ...] = Field(default=(), strict=False)
    """Networks in which webhooks may be received, beside the public internet."""
    guesses_per_address: Annotated[int, Field(ge=1)] = 10
    """Refused guesses in a minute from one address (IPv6: from one /64) until they are put off."""
    guesses_in_all: Annotated[int, Field(ge=1)] = 600
    """Refused guesses in a minute from everywhere until they are put off."""
    silence: Annotated[int, Field(ge=3_600, le=366 * DAY)] = 3 * DAY
    """How long a server may not be heard of until the console's desk shows it."""
    session_idle: Annotated[int, Field(ge=60, le=DAY)] = 1_800
    """How long a session at the console lasts without a request; exact to a minute."""
    session_life: Annotated[int, Field(ge=300, le=7 * DAY)] = 43_200
    """How long a session lasts in all."""

    agent_archive: str = ""
    """The archive of the agent's files, from which installation packages are made; empty: none."""

    sso_issuer: Annotated[str, Field(max_length=255), AfterValidator(_provider)] = ""
    """The provider of single sign-on (OpenID Connect), as it names itself; empty: none."""
    sso_client: Annotated[str, Field(max_length=255)] = ""
    """What the provider calls this server."""
    sso_secret_file: str = ""
    """The file with this server's secret at the provider; empty: it has none."""
    sso_name: Annotated[str, Field(min_length=1, max_length=60)] = "single sign-on"
    """What people call the provider."""
    sso_identity: Identity = "sub"
    """The claim that names the account to which an operator is linked."""
    sso_second_factor: Literal["here", "provider"] = "here"
    """Who asks for the second factor."""
    sso_assurances: tuple[str, ...] = Field(default=("mfa",), strict=False)
    """Values of acr or amr, of which one is needed where the provider asks for the second factor."""
    sso_max_age: Annotated[int, Field(ge=0, le=30 * DAY)] = 0
    """How long ago the person may have proved to the provider who they are; 0: any time."""

    @model_validator(mode="after")
    def _is_known_there(self) -> "Config":
        if self.sso_issuer and not self.sso_client:
            raise ValueError("sso_client: the provider of sso_issuer has to know this server by a name")
        return self


def find_home(environment: Mapping[str, str], *, is_root: bool) -> Path:
    """Return where the home is, made or not."""
    if environment.get(HOME_VARIABLE):
        return Path(environment[HOME_VARIABLE]).absolute()
    return Path("/var/lib/licence-server") if is_root else Path("~/.local/share/licence-server").expanduser()


def load_config(home: Path, environment: Mapping[str, str]) -> Config:
    """Read the settings of a home.

    Raises:
        InvalidInputError: there is no ``config.toml``, or a setting in it is unknown or can't be right.
    """
    file = home / "config.toml"
    try:
        found = tomllib.loads(file.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise InvalidInputError(
            f"{home} is not the home of a licence server: {file.name} is missing. Run: licence-server init"
        ) from error
    except (ValueError, RecursionError) as error:  # also for numbers of thousands of digits, and deep nesting
        raise InvalidInputError(f"{file} is not valid TOML: {error}") from error
    found.setdefault("database", default_database(home))
    if environment.get(DATABASE_VARIABLE):
        found["database"] = environment[DATABASE_VARIABLE]
    if environment.get(SSO_SECRET_VARIABLE):
        found["sso_secret_file"] = environment[SSO_SECRET_VARIABLE]
    return read_config(found, file)


def read_config(found: Mapping[str, object], source: Path) -> Config:
    """Check settings; ``source`` is for the sentence. Raises InvalidInputError that names every wrong one."""
    try:
        return Config.model_validate(dict(found))
    except ValidationError as error:
        raise InvalidInputError(f"{source}: {'; '.join(_sentences(error))}.") from error


def settings_file(issuer: str) -> str:
    """Return the ``config.toml`` of a new home: the issuer, and every other setting as a comment with its default."""
    lines = ["# Settings of the licence server. Durations are in seconds.", "", f"issuer = {json.dumps(issuer)}"]
    for name, field in Config.model_fields.items():
        if name != "issuer":
            default = "sqlite:///..." if field.is_required() else field.get_default()
            lines.append(f"# {name} = {json.dumps(default)}")
    return "\n".join(lines) + "\n"


def default_database(home: Path) -> str:
    """Return the URL of the SQLite database in a home."""
    return f"sqlite:///{home.absolute() / 'licences.sqlite3'}"


def _sentences(error: ValidationError) -> list[str]:
    """Say which setting is wrong and why, without repeating its value: a database URL has a password in it."""
    known = ", ".join(sorted(Config.model_fields))
    found = []
    for problem in error.errors(include_url=False, include_input=False):
        name = ".".join(str(part) for part in problem["loc"])
        if problem["type"] == "extra_forbidden":
            found.append(f"there is no setting {name!r}; there are {known}")
        else:
            said = problem["msg"].removeprefix("Value error, ").rstrip(".")
            found.append(f"{name}: {said}" if name else said)
    return found
