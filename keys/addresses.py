"""Which hosts are this machine itself, and which address a client really came from."""

import ipaddress
import re
from collections.abc import Sequence
from functools import lru_cache
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network

from keys.errors import MalformedError
from keys.sentences import phrase

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network

_LONGEST = 64
"""Characters of an address with its zone, port and brackets."""
_MOST_HOPS = 16
"""How many proxies in a row are followed; what stands further left in a header is not read."""
_MAPPED_BITS = 96
_IPV4_WITH_PORT = re.compile(r"([0-9.]+):[0-9]{1,5}")
_IN_BRACKETS = re.compile(r"\[([^\[\]]+)\](?::[0-9]{1,5})?")


def is_loopback(host: str) -> bool:
    """Tell whether a host is this machine itself: a loopback address, or ``localhost``."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


@lru_cache(maxsize=4096)
def read_address(text: str) -> Address:
    """Read an address as it is meant.

    A mapped one (``::ffff:10.9.0.2``, as a listener for both families reports it, RFC 4291, section 2.5.5.2) is the
    IPv4 address in it, and a zone (``fe80::1%eth0``, RFC 4007) is left out. Raises MalformedError.
    """
    try:
        address = ipaddress.ip_address(text) if len(text) <= _LONGEST else None
    except ValueError:
        address = None
    if address is None:
        raise MalformedError(phrase("The address must be an IPv4 or IPv6 address."))
    if isinstance(address, IPv6Address):
        return address.ipv4_mapped or IPv6Address(int(address))
    return address


def read_network(text: str) -> Network:
    """Read a network in CIDR notation as it is meant: a mapped one is the IPv4 network in it. Raises MalformedError."""
    try:
        network = ipaddress.ip_network(text)
    except ValueError as error:
        raise MalformedError(
            phrase("{text} is no network in CIDR notation, such as 10.1.0.0/16.", text=repr(text[:_LONGEST]))
        ) from error
    mapped = network.network_address.ipv4_mapped if isinstance(network, IPv6Network) else None
    return network if mapped is None else IPv4Network((mapped, network.prefixlen - _MAPPED_BITS))


def is_in(address: Address, networks: Sequence[Network]) -> bool:
    """Tell whether an address is in one of some networks."""
    return any(address.version == network.version and address in network for network in networks)


def client_address(nearest: str, forwarded_for: str | None, trusted: Sequence[Network]) -> str:
    """Return the address that a client came from, in its shortest spelling.

    Each proxy adds at the end of ``X-Forwarded-For`` whom it heard. So the header is read from its end, for as long as
    whoever wrote the next entry is a trusted proxy: what a stranger wrote counts for nothing, wherever it stands.

    Args:
        nearest: the transport's address.
        forwarded_for: the header, its lines joined by commas; None: there is none.
        trusted: the proxies that are believed, as ``read_network`` reads them.

    Raises:
        MalformedError: ``nearest`` is no address. An entry that is none ends the walk: the proxy that wrote it counts.
    """
    address = read_address(nearest)
    for entry in reversed((forwarded_for or "").rsplit(",", _MOST_HOPS)[-_MOST_HOPS:]):
        if not is_in(address, trusted):
            break
        try:
            address = _entry(entry.strip(" \t"))
        except MalformedError:
            break
    return str(address)


def _entry(text: str) -> Address:
    """Read one entry, which may have a port and, for its sake, brackets."""
    found = _IPV4_WITH_PORT.fullmatch(text) or _IN_BRACKETS.fullmatch(text)
    return read_address(text if found is None else found[1])
