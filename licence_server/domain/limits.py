"""Limits on guessing: token buckets by address (or name) and in all, in bounded memory. Pure: time comes in."""

import ipaddress
from collections import OrderedDict
from dataclasses import dataclass, field
from functools import lru_cache

from keys.addresses import Address, read_address
from keys.errors import MalformedError

PERIOD = 60.0
"""Seconds in which an empty bucket fills up."""
MOST_ADDRESSES = 20_000
"""Addresses that are remembered; who was quiet longest is forgotten first. The bucket for all bounds the rest."""


@dataclass(slots=True)
class Bucket:
    """Tokens that come back evenly over ``PERIOD``."""

    capacity: float
    tokens: float
    at: float

    def wait(self, now: float) -> float:
        """Fill up to the present, and return the seconds until there is a token; 0: there is one."""
        passed = max(0.0, now - self.at)
        self.tokens = min(self.capacity, self.tokens + passed * self.capacity / PERIOD)
        self.at = now
        return 0.0 if self.tokens >= 1 else (1 - self.tokens) * PERIOD / self.capacity


@dataclass(slots=True)
class Guesses:
    """Counts refused guesses. Not for use by several threads at once.

    Args:
        per_address: guesses a minute from one address.
        in_all: guesses a minute from everywhere.
    """

    per_address: float
    in_all: float
    _everybody: Bucket | None = None
    _addresses: OrderedDict[str, Bucket] = field(default_factory=OrderedDict)

    def take(self, address: str, now: float) -> float:
        """Count one guess.

        Args:
            address: as ``group`` names it; or whatever else is counted by, such as a name.
            now: seconds on a clock that never goes back.

        Returns:
            0 when it was within the limits, else the seconds after which another one would be.
        """
        mine = self._addresses.pop(address, None) or Bucket(self.per_address, self.per_address, now)
        self._addresses[address] = mine
        if len(self._addresses) > MOST_ADDRESSES:
            self._addresses.popitem(last=False)
        if self._everybody is None:
            self._everybody = Bucket(self.in_all, self.in_all, now)
        wait = max(mine.wait(now), self._everybody.wait(now))
        if wait == 0:
            mine.tokens -= 1
            self._everybody.tokens -= 1
        return wait

    def give_back(self, address: str) -> None:
        """Take back a guess that was none: whoever is right is not counted."""
        for bucket in (self._addresses.get(address), self._everybody):
            if bucket is not None:
                bucket.tokens = min(bucket.capacity, bucket.tokens + 1)

    def __len__(self) -> int:
        return len(self._addresses)


@lru_cache(maxsize=4096)
def normalised(text: str) -> Address | None:
    """Read an address as a peer names it; an IPv4 address in IPv6 clothes is that IPv4 address. None: it is none."""
    try:
        return read_address(text)
    except MalformedError:
        return None


def group(address: Address | None) -> str:
    """Return what shares one bucket: an IPv4 address, a /64 of IPv6, or all that have no address."""
    if isinstance(address, ipaddress.IPv6Address):
        return str(ipaddress.ip_network((address, 64), strict=False))
    return "unknown" if address is None else str(address)
