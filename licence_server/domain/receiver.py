"""Where messages may be sent: the public internet by HTTPS, and what the vendor's settings add to that.

Whoever adds a webhook must not reach through us what only this machine reaches: its own services, the network behind
it, a cloud's metadata (SSRF). So addresses count, not names, and they are looked at again when one is called.
"""

import re
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Network
from urllib.parse import urlsplit

from keys.addresses import Address, Network, is_in, is_loopback, read_address
from keys.errors import InvalidInputError, MalformedError

LONGEST_URL = 1_000
_HOST = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9._-]{0,251}[A-Za-z0-9])?|[0-9a-f:.]{2,45}")
_UNICAST = IPv6Network("2000::/3")
_NAT64 = IPv6Network("64:ff9b::/96")
_PORTS = {"https": 443, "http": 80}


@dataclass(frozen=True, slots=True)
class Target:
    """A webhook's address, taken apart."""

    scheme: str
    host: str
    port: int
    path: str
    """With the query."""

    @property
    def authority(self) -> str:
        """What the Host header says."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == _PORTS[self.scheme] else f"{host}:{self.port}"


@dataclass(frozen=True, slots=True)
class Receivers:
    """Who may be called.

    Args:
        networks: whose addresses may be, beside public ones (setting ``webhook_networks``).
    """

    networks: tuple[Network, ...] = ()

    def admits(self, address: Address) -> bool:
        """Tell whether an address may be called."""
        return is_in(address, self.networks) or _is_public(address)

    def target(self, url: str) -> Target:
        """Take an address apart, as far as can be judged before its name is resolved.

        Raises:
            InvalidInputError: it is not HTTPS (plain HTTP is for this machine itself), has a user, a fragment or spaces
                in it, or names an address that may not be called.
        """
        target = _taken_apart(url)
        if target.scheme == "http" and not is_loopback(target.host):
            raise InvalidInputError("A webhook's address begins with https://; plain http is for this machine alone.")
        address = _literal("127.0.0.1" if target.host == "localhost" else target.host)
        if address is not None and not self.admits(address):
            raise InvalidInputError(
                f"{target.host} is no public address. If it is a receiver of your own, add its network to "
                "webhook_networks in config.toml and start the server again."
            )
        return target


def _taken_apart(url: str) -> Target:
    is_plain = 0 < len(url) <= LONGEST_URL and all("!" <= letter <= "~" for letter in url) and "\\" not in url
    try:
        parts = urlsplit(url if is_plain else "")
        host, port = parts.hostname or "", parts.port
    except ValueError:
        raise _wrong() from None
    if parts.scheme not in _PORTS or parts.username is not None or "#" in url or not _HOST.fullmatch(host):
        raise _wrong()
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    return Target(parts.scheme, host, port or _PORTS[parts.scheme], path)


def _wrong() -> InvalidInputError:
    return InvalidInputError(
        f"A webhook's address is like https://crm.example.com/hooks/licences, at most {LONGEST_URL} characters."
    )


def _literal(host: str) -> Address | None:
    try:
        return read_address(host)
    except MalformedError:
        return None


def _is_public(address: Address) -> bool:
    if isinstance(address, IPv4Address):
        return address.is_global and not address.is_multicast
    if address in _NAT64:
        return _is_public(IPv4Address(int(address) & 0xFFFFFFFF))
    if address.sixtofour is not None:
        return _is_public(address.sixtofour)
    return address in _UNICAST and address.is_global
