"""Seats: what one is, what the licence allows of them, and what can happen to them."""

from dataclasses import dataclass
from typing import Literal

from agent.domain.mode import Mode, Standing
from keys.documents.parts import NetworkPolicy, Seats

Kind = Literal["person", "service"]
Dimension = Literal["users", "clients", "service"]

LEAVE_WITHIN = 900
"""Seconds after which a seat that was held when the licence became restricted ends (protocol, section 9)."""

REST = 86_400
"""Seconds for which the place of a freed name is given to nobody else (protocol, section 7)."""
OVERDRAFT = "overdraft"
"""The event that is reported when somebody gets in beyond the limit."""

_NONE = Seats("concurrent", 0, 0)


@dataclass(frozen=True, slots=True)
class Seat:
    """A place for one user on one client."""

    id: str
    fence: int
    """Grows with every seat ever given, so that what guards data can tell a late holder from the present one."""
    user: str
    """As names.user_key makes it."""
    client: str
    kind: Kind


@dataclass(frozen=True, slots=True)
class Wanted:
    """Who asks for a seat, from where (an IP address) if it is known."""

    user: str
    client: str
    address: str | None = None
    kind: Kind = "person"
    wait: int = 0
    """Seconds to wait in the queue when no seat is free."""


@dataclass(frozen=True, slots=True)
class Held:
    """A seat that somebody holds, until a moment on the boot clock."""

    seat: Seat
    ends_at: float
    is_new: bool = False
    is_beyond: bool = False
    """Whether its user got in beyond the limit, with this very check-out."""
    is_outside: bool = False
    """Whether it was asked for from outside the site's networks."""


@dataclass(frozen=True, slots=True)
class Count:
    """How many are in, and how many may be; None: any number."""

    used: int
    limit: int | None


@dataclass(frozen=True, slots=True)
class Overdraft:
    """How many users are in beyond the limit now, how many may be, and on how many days more of these 30."""

    users: int
    allowed: int
    days_left: int


@dataclass(frozen=True, slots=True)
class Allowance:
    """What the licence allows at this moment."""

    mode: Mode
    limits: Seats
    networks: tuple[str, ...]
    now: int
    """The agent's time, a NumericDate."""
    ttl: int
    """Seconds that a seat lives past its last heartbeat."""
    administrator: str | None = None
    """The one user who gets in beyond the limits, and while the licence is restricted; counted against none."""
    idle: int = 0
    """Seconds that a person's seat lives past the last activity, whatever heartbeats say; 0: any number."""
    network_policy: NetworkPolicy = "enforce"


def allowance(standing: Standing, ttl: int, administrator: str | None, idle: int) -> Allowance:
    """Read a standing as what it means for seats."""
    licence = standing.licence
    if licence is None:
        return Allowance(standing.mode, _NONE, (), standing.now, ttl, administrator, idle)
    return Allowance(
        standing.mode, licence.seats, licence.networks, standing.now, ttl, administrator, idle, licence.network_policy
    )


@dataclass(frozen=True, slots=True)
class Taken:
    """A seat was given."""

    seat: Seat


@dataclass(frozen=True, slots=True)
class Ended:
    """A seat was released, or ran out; ``ends_at`` is when it would have or had, on the boot clock."""

    seat: Seat
    ends_at: float
    idle_ends_at: float | None = None
    """When it would have ended for want of activity."""


@dataclass(frozen=True, slots=True)
class Assigned:
    """A named user got a place for good, at a moment of the agent's time."""

    user: str
    assigned_at: int
    freed_at: int | None = None
    """When the user lost the same place; None: it is another one, or the first."""


@dataclass(frozen=True, slots=True)
class Freed:
    """A named user lost a place, which rests until it may be somebody else's."""

    user: str
    assigned_at: int
    freed_at: int


@dataclass(frozen=True, slots=True)
class Rested:
    """The place that a user lost at a moment may be anybody's."""

    user: str
    freed_at: int


@dataclass(frozen=True, slots=True)
class Overdrawn:
    """Somebody got in beyond the limit, for the first time on that day (of UTC, since 1970)."""

    day: int


@dataclass(frozen=True, slots=True)
class Forgotten:
    """A day of overdraft is too long ago to count."""

    day: int


@dataclass(frozen=True, slots=True)
class Restricted:
    """The licence became restricted at a moment of the agent's time, or (None) is so no longer."""

    since: int | None
    before: int | None


Change = Taken | Ended | Assigned | Freed | Rested | Overdrawn | Forgotten | Restricted
"""What has to be written down before anybody may be told of it. Renewals need not: a restart gives one more ttl."""


@dataclass(frozen=True, slots=True)
class Remembered:
    """What the journal knew when the agent started."""

    seats: tuple[Seat, ...] = ()
    assigned: tuple[Assigned, ...] = ()
    fence: int = 0
    restricted_since: int | None = None
    resting: tuple[Rested, ...] = ()
    """Freed names whose places are nobody else's yet."""
    overdrawn: tuple[int, ...] = ()
    """Days on which somebody got in beyond the limit."""
