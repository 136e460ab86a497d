"""Which components count just now: one that can't be read for a while counts as it did before (protocol, section 5)."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from agent.domain.time import Boot
from keys.fingerprint import Digests

PATIENCE = 86_400
"""Seconds of running time that a component may stay unreadable and still count as before."""


@dataclass(frozen=True, slots=True)
class Sighting:
    """What one reading of the hardware found."""

    digests: Digests
    unreadable: tuple[str, ...] = ()
    """There, but not to be read just now: permission, driver, device busy. Absent components are in neither."""


@dataclass(frozen=True, slots=True)
class Remembered:
    """A component as it was last read, and the seconds of running time since then that it could not be read."""

    digest: str
    unread: float = 0.0


@dataclass(frozen=True, slots=True)
class Memory:
    """The last reading, kept across restarts."""

    boot: Boot
    components: Mapping[str, Remembered] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Hardware:
    """The components that count now."""

    digests: Digests
    lenient: tuple[str, ...] = ()
    """Those among them that can't be read and count as before."""
    stand_in: bool = False
    """They come from a file instead of the machine: for tests and simulations only."""


def recall(memory: Memory, seen: Sighting, boot: Boot) -> tuple[Memory, Hardware]:
    """Complete a reading with what is remembered, and return what to remember next.

    Args:
        memory: what was remembered so far.
        seen: the reading of just now.
        boot: now, on the boot clock; running time while nobody read counts only as far as this clock shows it.
    """
    ran = boot.seconds if boot.id != memory.boot.id else max(0.0, boot.seconds - memory.boot.seconds)
    kept = {
        name: Remembered(memory.components[name].digest, memory.components[name].unread + ran)
        for name in seen.unreadable
        if name in memory.components
    }
    patient = {name: entry.digest for name, entry in kept.items() if entry.unread < PATIENCE}
    fresh = {name: Remembered(digest) for name, digest in seen.digests.items()}
    hardware = Hardware({**patient, **seen.digests}, tuple(sorted(patient)))
    return Memory(boot, {**kept, **fresh}), hardware
