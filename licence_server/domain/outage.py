"""Outages that the vendor declares: what may be declared, and what was."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import astuple, dataclass, replace

from keys.documents.outage import LONGEST, MOST_LICENCES
from keys.errors import InvalidInputError
from licence_server.domain.identity import checked_line

DAY = 86_400
SUBJECT = "outages"
"""What an approval of one is about: no licence or customer by itself."""
_LONGEST_REASON = 500
_MOST_DAYS = LONGEST // DAY


@dataclass(frozen=True, slots=True)
class Declaration:
    """What somebody wants to declare. Moments are NumericDates."""

    from_at: int
    until_at: int
    days: int
    """How many days longer a lease lasts that would end in it."""
    licences: tuple[str, ...] | None
    """Ids of licences; None: all."""
    reason: str
    """What happened, for people."""

    def checked(self, now: int) -> "Declaration":
        """Return it with its reason trimmed. Raises InvalidInputError that names what is wrong."""
        reason = checked_line("reason of an outage", self.reason, least=1, most=_LONGEST_REASON)
        if not 0 < self.until_at - self.from_at <= LONGEST:
            raise InvalidInputError(
                f"An outage lasts 1 to {_MOST_DAYS} days; one that goes on longer is declared once more."
            )
        if self.until_at <= now:
            raise InvalidInputError("The outage is over already: no lease would go on by it.")
        if not 1 <= self.days <= _MOST_DAYS:
            raise InvalidInputError(f"Leases are stretched by 1 to {_MOST_DAYS} days.")
        if self.licences is not None and not 1 <= len(set(self.licences)) <= MOST_LICENCES:
            raise InvalidInputError(f"Name 1 to {MOST_LICENCES} licences, or declare it for all.")
        licences = None if self.licences is None else tuple(dict.fromkeys(self.licences))
        return replace(self, reason=reason, licences=licences)

    @property
    def terms(self) -> Mapping[str, object]:
        """What a second person agrees to."""
        licences = "all" if self.licences is None else list(self.licences)
        return {
            "from": self.from_at,
            "until": self.until_at,
            "days": self.days,
            "licences": licences,
            "reason": self.reason,
        }


@dataclass(frozen=True, slots=True)
class Declared:
    """An outage that was declared, with its signed document."""

    id: str
    declaration: Declaration
    declared_by: str
    declared_at: int
    approval: str | None
    """By which approval of a second person; None: nobody had to agree."""
    document: str

    @property
    def recorded(self) -> dict[str, str]:
        """What the audit record carries, so that a hidden change shows: a digest of everything, by id."""
        text = json.dumps(astuple(self), separators=(",", ":"), ensure_ascii=True)
        return {self.id: hashlib.sha256(text.encode()).hexdigest()}
