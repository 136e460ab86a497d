"""What the use cases of seats are told by the configuration, and what they answer."""

from dataclasses import dataclass

from agent.domain.mode import Mode
from agent.domain.seats import Count, Held, Overdraft
from keys.errors import InvalidInputError
from keys.sentences import phrase

DEFAULT_TTL, LONGEST_TTL = 120, 900
LONGEST_IDLE = 86_400


@dataclass(frozen=True, slots=True)
class SeatSettings:
    """What the configuration says of seats. ``ttl``: seconds a seat lives past its last heartbeat, 1 to 900."""

    ttl: int = DEFAULT_TTL
    administrator: str | None = None
    """The one user who always gets in."""
    idle: int = 0
    """Seconds that a seat lives past its person's last activity, at least ``ttl`` and at most a day; 0: any number."""

    def __post_init__(self) -> None:
        if self.idle and not self.ttl <= self.idle <= LONGEST_IDLE:
            raise InvalidInputError(
                phrase(
                    "Seats can't end after {idle} idle seconds: it must be 0, or {ttl} (ttl) to {longest_idle}.",
                    idle=self.idle,
                    ttl=self.ttl,
                    longest_idle=LONGEST_IDLE,
                )
            )
        if not 1 <= self.ttl <= LONGEST_TTL:
            raise InvalidInputError(
                phrase(
                    "The ttl of seats must be 1 to {longest_ttl} seconds, not {ttl}.",
                    longest_ttl=LONGEST_TTL,
                    ttl=self.ttl,
                )
            )


@dataclass(frozen=True, slots=True)
class Answer:
    """What a CRM is told of its seat. ``expires_in`` is in seconds."""

    seat_id: str
    fence: int
    is_new: bool
    expires_in: int
    users: Count
    clients: Count
    mode: Mode
    overdraft: Overdraft | None = None
    """None: nobody is in beyond the limit."""
    outside_network: bool = False
    """Whether it was asked for from outside the site, which the licence has reported and not refused."""


@dataclass(frozen=True, slots=True)
class Occupied:
    """How many are in."""

    users: Count
    clients: Count
    services: Count
    mode: Mode
    overdraft: Overdraft | None = None


@dataclass(frozen=True, slots=True)
class Occupation:
    """Who holds what; ``now`` is the moment on the boot clock that the seats' ends are to be compared with."""

    occupied: Occupied
    held: tuple[Held, ...]
    assigned: dict[str, int]
    resting: dict[str, int]
    """Freed names, and from when on their places may be anybody's, in the agent's time."""
    waiting: int
    """How many have a place in the queue."""
    now: float


@dataclass(slots=True)
class Figures:
    """What was done since the agent started."""

    given: int = 0
    renewed: int = 0
    heartbeats: int = 0
    lost: int = 0
    released: int = 0
    refused: int = 0
    """Check-outs that were answered with a no; who waits is not refused yet."""
    waited: int = 0
    """Check-outs that got a place in the queue."""
    overdrawn: int = 0
    """Users who got in beyond the limit."""
