"""Where a request comes from: the transport's address, or what a trusted proxy says of it (trap: forged headers)."""

from collections.abc import Sequence
from dataclasses import dataclass

from keys import addresses
from keys.addresses import Address, Network
from keys.errors import MalformedError


@dataclass(frozen=True, slots=True)
class Networks:
    """Networks in CIDR notation."""

    networks: tuple[Network, ...]

    @classmethod
    def of(cls, cidrs: Sequence[str]) -> "Networks":
        """Read networks that were checked before."""
        return cls(tuple(addresses.read_network(cidr) for cidr in cidrs))

    def has(self, address: Address | None) -> bool:
        """Tell whether an address is in one of them; no address is in none."""
        return address is not None and addresses.is_in(address, self.networks)


def client_address(peer: str | None, forwarded_for: str, proxies: Networks) -> Address | None:
    """Return the client's address; None: the transport has none.

    Args:
        peer: the transport's address.
        forwarded_for: the header X-Forwarded-For; each proxy adds at its end whom it heard.
        proxies: who is believed. What a stranger wrote into the header counts nothing.
    """
    try:
        return addresses.read_address(addresses.client_address(peer or "", forwarded_for, proxies.networks))
    except MalformedError:
        return None
