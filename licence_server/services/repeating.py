"""Use case: do what a program asks for once, however often it asks (an idempotency key), and answer the same.

A program whose connection broke can't know whether its order was taken. With a key of its own it asks again, and the
order is not done twice. What was answered may hold an activation code, so it is sealed at rest and forgotten in a day.
"""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Protocol

from keys.clock import Clock
from keys.errors import InvalidInputError, LicensingError, StateConflictError, UnavailableError
from licence_server.domain.rights import Actor
from licence_server.services.ports import Units

KEPT = 86_400
"""Seconds for which an answer is kept."""
_LONGEST_KEY = 255


@dataclass(frozen=True, slots=True)
class Asked:
    """A request with a key."""

    actor: Actor
    key: str = field(repr=False)
    content: str = field(repr=False)
    """All that the answer depends on."""


@dataclass(frozen=True, slots=True)
class Kept:
    """An answer: its HTTP status and body."""

    status: int
    body: bytes = field(repr=False)


class Seal(Protocol):
    """Makes of an answer what may be stored (keys.sealing)."""

    def seal(self, secret: str, place: str) -> str:
        """Return it as it may be stored, readable at that place alone."""

    def open(self, sealed: str, place: str) -> str:
        """Return what was sealed for that place."""


@dataclass(frozen=True, slots=True)
class Repeating:
    """Remembers what was asked for under which key, and what came of it."""

    units: Units
    clock: Clock
    seal: Seal

    def once(self, asked: Asked, work: Callable[[], Kept]) -> Kept:
        """Do the work, unless it was done under this key; return what came of it.

        A refusal is not kept: whoever asks again after one is judged anew. After a failure nobody knows whether it was
        done, so it is not done again under this key.

        Raises:
            InvalidInputError: the key is empty or too long.
            StateConflictError: the key stands for another request; or for one that is being done just now, or whose end
                is not known because the server stopped in the midst of it.
        """
        if not 0 < len(asked.key) <= _LONGEST_KEY or not asked.key.isprintable():
            raise InvalidInputError(f"An idempotency key has 1 to {_LONGEST_KEY} printable characters.")
        place, content = _digest(f"{asked.actor.id}\n{asked.key}"), _digest(asked.content)
        earlier = self._begun(place, content)
        if earlier is not None:
            return earlier
        try:
            kept = work()
        except UnavailableError:
            raise  # a commit whose answer was lost may have been made
        except LicensingError:
            self._forget(place)
            raise
        with self.units() as unit:
            unit.repeats.finish(place, kept.status, self.seal.seal(kept.body.decode(), place))
        return kept

    def _begun(self, place: str, content: str) -> Kept | None:
        now = self.clock.now()
        with self.units() as unit:
            unit.repeats.sweep(now - KEPT)
            earlier = unit.repeats.begin(place, content, now)
        if earlier is None:
            return None
        if earlier.content != content:
            raise StateConflictError("This idempotency key stands for another request: take a key for each.")
        if earlier.sealed is None or earlier.status is None:
            raise StateConflictError(
                "A request with this idempotency key was begun, and its end is not known yet. Ask again in a moment; "
                "if this stays so, look whether it was done, and go on with another key."
            )
        return Kept(earlier.status, self.seal.open(earlier.sealed, place).encode())

    def _forget(self, place: str) -> None:
        with self.units() as unit:
            unit.repeats.forget(place)


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
