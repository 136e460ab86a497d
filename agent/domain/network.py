"""Whose address belongs to the licence's site (T5, T6)."""

from functools import lru_cache

from keys.addresses import Network, is_in, read_address, read_network
from keys.errors import OutsideNetworkError
from keys.sentences import phrase

PRIVATE = (
    "10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16",  # RFC 1918
    "fc00::/7",  # RFC 4193
    "127.0.0.0/8", "::1/128",  # loopback
    "169.254.0.0/16", "fe80::/10",  # link-local: RFC 3927, RFC 4291
)  # fmt: skip
"""What counts as the site's network when the licence names none."""


def check_address(text: str, networks: tuple[str, ...]) -> None:
    """Refuse a client that is not on the site's network.

    Args:
        text: an IPv4 or IPv6 address; a mapped one (``::ffff:10.9.0.2``, as a listener for both reports it) counts as
            the IPv4 address that it carries, and a zone (``%eth0``) is left out.
        networks: the licence's CIDR list; empty: private addresses only.

    Raises:
        MalformedError: no address.
        OutsideNetworkError: outside.
    """
    if not _is_inside(text, networks):
        raise OutsideNetworkError(
            phrase("{address} is outside the network that the licence was bought for.", address=read_address(text))
        )


@lru_cache(maxsize=4096)
def _is_inside(text: str, networks: tuple[str, ...]) -> bool:
    return is_in(read_address(text), _parsed(networks or PRIVATE))


@lru_cache(maxsize=8)
def _parsed(networks: tuple[str, ...]) -> tuple[Network, ...]:
    return tuple(read_network(network) for network in networks)
