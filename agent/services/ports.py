"""What the agent's use cases need from the outside world."""

from collections.abc import Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Literal, Protocol

from agent.domain.components import Memory, Sighting
from agent.domain.renewal import Progress
from agent.domain.time import Boot, Ledger
from agent.domain.usage import Report
from keys.clock import Clock
from keys.documents.requests import Host
from keys.identity import Randomness
from keys.signing import Signer

Errand = Literal["activation", "validation", "deactivation"]
Slot = Literal["activation", "validation", "again"]
"""Where a request waits: a new activation must not push out a validation under way, nor the other way round; and one
that the server asked for in its place waits beside it, since nobody signed that wish."""


@dataclass(frozen=True, slots=True)
class Pending:
    """A request that is sent again, byte for byte, until it is answered."""

    errand: Errand
    document: bytes
    created_at: int
    """NumericDate, the agent's time."""
    key: str
    """Thumbprint of the device key that signed it."""
    audience: str
    nonce: str
    topic: str
    """What it is about: the digest of the code for an activation, else the ``jti`` of the licence in hand."""
    next_key: str = ""
    """Thumbprint of the key that it asks for in the place of that one; empty: none."""
    pinned: bytes | None = None
    """The trust document to pin once an activation that is carried by hand is answered; None: it goes by network."""


@dataclass(frozen=True, slots=True)
class State:
    """What can't be found in any document."""

    server: str | None = None
    """URL that the licence server is reached by; None: the issuer's own."""
    terms_version: str = "1"
    """The version of the terms that was accepted at activation (T12)."""
    spared: str | None = None
    """``jti`` of the licence that was in hand when its signing key was revoked; it goes on for its grace."""


@dataclass(frozen=True, slots=True)
class LastTry:
    """How the last validation went, for people."""

    at: int
    """NumericDate, the agent's time."""
    word: str
    """``answered``, or the word of the refusal."""
    sentence: str
    cause: str = ""
    """Of a network fault: which, a word of agent.domain.faults; a newer release may have left one unknown here."""


class Papers(Protocol):
    """The signed documents in the home, as bytes; each change is whole or not at all. Absent ones are None."""

    def stamp(self) -> object:
        """Return a value that differs when any of the documents, or the state, was replaced."""
        ...

    def trust(self) -> bytes | None:
        """Return the newest trust document."""
        ...

    def licence(self) -> bytes | None:
        """Return the licence in hand."""
        ...

    def refusal(self) -> bytes | None:
        """Return the refused document beside it."""
        ...

    def outages(self) -> Sequence[bytes]:
        """Return the outage documents that the vendor declared."""
        ...

    def keep_outages(self, documents: Sequence[bytes]) -> None:
        """Replace the outage documents."""
        ...

    def keep_trust(self, document: bytes) -> None:
        """Replace the trust document."""
        ...

    def keep_licence(self, document: bytes) -> None:
        """Replace the licence in hand, and remove the refusal."""
        ...

    def keep_refusal(self, document: bytes) -> None:
        """Put a refused document beside the licence in hand."""
        ...

    def pending(self, slot: Slot) -> Pending | None:
        """Return the request that is not answered yet. Raises StateDamagedError."""
        ...

    def keep_pending(self, slot: Slot, pending: Pending) -> None:
        """Store a request before it is sent."""
        ...

    def drop_pending(self, slot: Slot) -> None:
        """Forget the request: it is answered, or a new one is needed."""
        ...


class States(Protocol):
    """What the agent must remember beside its documents."""

    def read(self) -> State:
        """Return the state. Raises StateDamagedError."""
        ...

    def write(self, state: State) -> None:
        """Replace the state."""
        ...


class Tallies(Protocol):
    """What the agent counts for itself; a damaged tally counts as none."""

    def ledger(self) -> Ledger | None:
        """Return the running-time ledger."""
        ...

    def keep_ledger(self, ledger: Ledger) -> None:
        """Replace the running-time ledger."""
        ...

    def memory(self) -> Memory | None:
        """Return the components as they were last read."""
        ...

    def keep_memory(self, memory: Memory) -> None:
        """Replace what is remembered of the components."""
        ...

    def progress(self) -> tuple[Progress, LastTry | None]:
        """Return how asking has gone so far, and how the last try went."""
        ...

    def keep_progress(self, progress: Progress, last: LastTry | None) -> None:
        """Replace how asking has gone so far."""
        ...


class DeviceKeys(Protocol):
    """The device keys of this home."""

    def make(self) -> Signer:
        """Make a key and store it before anybody learns of it. Raises KeyUnsafeError: only a TPM will do, and fails."""
        ...

    def find(self, thumbprint: str) -> Signer:
        """Return a key. Raises KeyUnsafeError: it is gone, or can't be opened safely."""
        ...

    def stamp(self, thumbprint: str) -> object:
        """Return a value that differs when the key's file was changed."""
        ...

    def flaw(self, thumbprint: str) -> str:
        """Return a sentence on why a key can't be used; empty: it can."""
        ...

    def maker(self, thumbprint: str) -> str:
        """Return who made the TPM that a key lives in; empty: it is in a file. Raises KeyUnsafeError."""
        ...

    def successor(self, thumbprint: str) -> Signer | None:
        """Make a key in a TPM that shall take a key's place, and store it; None: that one is to stay."""
        ...

    def sweep(self, *keep: str) -> None:
        """Remove the keys that serve no activation any more: all but those."""
        ...


class Machine(Protocol):
    """The hardware and the operating system that the agent runs on."""

    @property
    def stand_in(self) -> bool:
        """Tell whether the components come from a file instead of the machine."""
        ...

    def sight(self, issuer: str) -> Sighting:
        """Read the components now, as digests for an issuer."""
        ...

    def boot(self) -> Boot:
        """Return the moment on the boot clock, with the boot id in plain."""
        ...

    def host(self, maker: str) -> Host:
        """Return what people should know of this server; ``maker``: of the TPM with its device key, empty: a file."""
        ...


class Server(Protocol):
    """The licence server. Every method raises UnreachableError for whatever is not its signed or allowed answer."""

    def send(self, errand: Errand, document: bytes) -> bytes:
        """Send a request and return the answer's bytes, not believed yet.

        Raises:
            LicensingError: a refusal that the protocol allows for this errand; nobody signed it.
            UnreachableError: a network fault.
        """
        ...

    def trust(self) -> bytes:
        """Fetch the trust document. Raises UnreachableError."""
        ...


class Reports(Protocol):
    """What is still to be reported: counts, never names (T13)."""

    def report(self) -> Report:
        """Return what the next validation tells."""
        ...

    def settle(self, told: Report) -> None:
        """Forget what the licence server has answered for."""
        ...


class ExchangeLock(Protocol):
    """Lets one process of this home talk to the licence server at a time."""

    def __call__(self) -> AbstractContextManager[None]:
        """Hold the lock. Raises BusyError."""
        ...


@dataclass(frozen=True, slots=True)
class Surroundings:
    """All of the outside world that the use cases work with, put together once."""

    papers: Papers
    states: States
    tallies: Tallies
    keys: DeviceKeys
    machine: Machine
    lock: ExchangeLock
    clock: Clock
    randomness: Randomness
