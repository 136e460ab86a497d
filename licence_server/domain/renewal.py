"""Renewals: which licences are due, and what end each of several gets."""

from dataclasses import dataclass

from keys.errors import InvalidInputError, StateConflictError
from licence_server.domain.duration import Duration
from licence_server.domain.licence import Licence
from licence_server.domain.policy import DAY

MOST_WITHIN = 3_660
"""Days ahead that somebody may look."""
RECENTLY = 90 * DAY
"""Seconds for which a licence that has ended is still due."""
MOST_AT_ONCE = 100
"""Licences that are renewed by one action."""


@dataclass(frozen=True, slots=True)
class Window:
    """Which ends are due: from the first moment up to, but without, the second."""

    since: int
    before: int

    @classmethod
    def of(cls, within: int, now: int) -> "Window":
        """Return what ends within so many days, or has ended recently. Raises InvalidInputError."""
        if not 0 <= within <= MOST_WITHIN:
            raise InvalidInputError(f"Look 0 to {MOST_WITHIN} days ahead.")
        return cls(now - RECENTLY, now + within * DAY)


@dataclass(frozen=True, slots=True)
class Extension:
    """The other end of several licences: so long after each one's own, or the same moment for all."""

    lasting: Duration | None = None
    ends_at: int | None = None

    def check(self) -> None:
        """Check that it says one of both. Raises InvalidInputError."""
        if (self.lasting is None) == (self.ends_at is None):
            raise InvalidInputError("Say by how long the licences are renewed, or until when.")
        if self.lasting is not None:
            self.lasting.checked()

    def of(self, licence: Licence, seen: int, now: int) -> Licence:
        """Return the licence with its other end.

        Args:
            licence: as it is now.
            seen: the end that it had when somebody chose it: what is sent twice renews once.
            now: the server's time.

        Raises:
            StateConflictError: it has another end than was seen, or is revoked.
            InvalidInputError: it would end no later than it does, or than now.
        """
        ends_at = self.ends_at if self.lasting is None else self.lasting.after(seen)
        if licence.terms.ends_at == ends_at:
            raise StateConflictError("It has this end already: it was renewed meanwhile.")
        if licence.terms.ends_at != seen:
            raise StateConflictError("It got another end meanwhile: look at the list once more.")
        if ends_at is None or ends_at <= max(seen, now):
            raise InvalidInputError("It has to end later than it does now, and later than today.")
        return licence.renewed(ends_at, now)
