"""What doctor has of the network: names, lines, proxies of the environment, and whose certificates count."""

import socket
import ssl
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import unquote, urlsplit

from requests.utils import DEFAULT_CA_BUNDLE_PATH, select_proxy, should_bypass_proxies

PATIENCE = 10.0
"""Seconds for a connection to come about, and for each answer on it: as long as the agent waits."""
MOST_ADDRESSES = 3
_BUNDLES = ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE")
_STORES = (
    "/etc/ssl/certs/ca-certificates.crt",
    "/etc/pki/tls/certs/ca-bundle.crt",
    "/etc/ssl/ca-bundle.pem",
    "/etc/ssl/cert.pem",
)
"""Where systems keep the authorities that their administrators trust: Debian, Fedora, SUSE, Alpine."""


@dataclass(frozen=True, slots=True)
class Proxy:
    """The proxy that the environment names for an address."""

    scheme: str
    host: str
    port: int
    account: tuple[str, str] | None = field(default=None, repr=False)
    """Name and password."""

    @classmethod
    def read(cls, text: str) -> "Proxy":
        """Read what a variable says. Raises ValueError."""
        parts = urlsplit(text if "//" in text else f"http://{text}")
        if not parts.hostname:
            raise ValueError(text)
        account = None if parts.username is None else (unquote(parts.username), unquote(parts.password or ""))
        return cls(parts.scheme, parts.hostname, parts.port or (443 if parts.scheme == "https" else 80), account)

    @property
    def address(self) -> str:
        """How people write it, without the password."""
        return f"{self.scheme}://{self.host}:{self.port}"


def resolve(host: str) -> list[str]:
    """Return the addresses of a name. Raises OSError, UnicodeError."""
    return list(dict.fromkeys(str(entry[4][0]) for entry in socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)))


def connect(address: str, port: int) -> socket.socket:
    """Open a line, on which every wait is bounded. Raises OSError."""
    return socket.create_connection((address, port), PATIENCE)


@dataclass(frozen=True, slots=True)
class Network:
    """The network of this machine; tests pass another one."""

    environment: Mapping[str, str]
    resolve: Callable[[str], Sequence[str]] = resolve
    connect: Callable[[str, int], socket.socket] = connect
    public: str = DEFAULT_CA_BUNDLE_PATH
    """File of the authorities that are known everywhere; those that the agent trusts unless it is told others."""
    stores: Sequence[str] = _STORES
    """Files of the authorities that this machine's administrator trusts: the first one that is there."""

    def variable(self, name: str) -> str:
        """Return a variable that may be written in small letters, which then count."""
        return self.environment.get(name.lower()) or self.environment.get(name) or ""

    def proxy(self, url: str) -> Proxy | None:
        """Return the proxy by which the agent asks an address. Raises ValueError: what the environment has is none."""
        proxies = {name: self.variable(f"{name.upper()}_PROXY") for name in ("http", "https", "all")}
        if should_bypass_proxies(url, self.variable("NO_PROXY")):
            return None
        chosen = select_proxy(url, {name: said for name, said in proxies.items() if said})
        return Proxy.read(chosen) if chosen else None

    @property
    def bundle(self) -> str:
        """File or folder of the authorities that the agent trusts."""
        return next((found for name in _BUNDLES if (found := self.environment.get(name))), self.public)

    @property
    def store(self) -> str:
        """File of the authorities that this machine's administrator trusts; empty: there is none."""
        return next((name for name in self.stores if Path(name).is_file()), "")


def trusting(bundle: str) -> ssl.SSLContext:
    """Return what speaks TLS with whom these authorities vouch for. Raises OSError: there is no such file."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    is_folder = Path(bundle).is_dir()
    context.load_verify_locations(None if is_folder else bundle, bundle if is_folder else None)
    return context


def trusting_anybody() -> ssl.SSLContext:
    """Return what speaks TLS with whoever answers, to look at the certificate; nothing is told over such a line."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context
