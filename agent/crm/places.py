"""Seats as a CRM's process knows them: who holds which, since when the agent last said so."""

import unicodedata
from dataclasses import dataclass
from typing import Literal

from keys.errors import InvalidInputError, LicensingError

Kind = Literal["person", "service"]
Pair = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Policy:
    """What a CRM does by itself. All durations are in seconds."""

    interval: int = 30
    """Between two heartbeats; the agent's ``ttl`` (120) must be some times as long."""
    tolerance: int = 300
    """How long whoever holds a seat stays in while the agent does not answer."""
    newcomers: Literal["refuse", "admit"] = "refuse"
    """What people meet who come while the agent does not answer: a sentence, or a seat that is asked for later."""
    admit_for: int = 300
    """How long after the agent's last answer ``admit`` lets newcomers in, up to the signed licence's users."""
    patience: float = 2.0
    """How long a newcomer waits for an agent that has just gone, such as for a restart."""
    active_for: int = 900
    """How long after a person's last request a seat that ``take`` gave is kept alive."""

    def __post_init__(self) -> None:
        if self.newcomers not in {"refuse", "admit"}:
            raise InvalidInputError(f"newcomers is refuse or admit, not {self.newcomers}.")
        if self.interval < 1:
            raise InvalidInputError(f"There must be at least a second between heartbeats, not {self.interval}.")


@dataclass(slots=True)
class Place:
    """A seat that this process holds. Moments are on the boot clock."""

    user: str
    client: str
    address: str | None
    kind: Kind
    id: str | None = None
    """None: let in while the agent was away; still to be asked for."""
    fence: int = 0
    ttl: float = 0
    taken_at: float = 0
    confirmed_at: float = 0
    """When the agent last said that it lives."""
    active_at: float = 0
    """When its person last did something."""
    seen: int | None = None
    """How many seconds before it was asked for another process had it; None: nobody vouches for that."""
    pins: int = 0
    """How many ``with`` blocks hold it: it is kept alive whatever its person does."""
    ended: LicensingError | None = None
    """Why it is held no longer."""


def pair_of(user: str, client: str) -> Pair:
    """Return what two requests for the same seat have in common; the agent compares user names so (section 11)."""
    previous, name = "", user
    while name != previous:
        previous = name
        name = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", name).casefold())
    return name, client
