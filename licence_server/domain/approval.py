"""Four eyes: what one person must not do alone, and what a second person decided about it."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import astuple, dataclass, replace
from typing import Literal, get_args

from keys.errors import InvalidInputError, NotAllowedError, StateConflictError

Deed = Literal["issue", "seats", "rehost", "revoke", "outage"]
ApprovalState = Literal["waiting", "granted", "refused", "used", "lapsed"]

APPROVAL_STATES: tuple[ApprovalState, ...] = get_args(ApprovalState)
OPEN: tuple[ApprovalState, ...] = ("waiting", "granted")
"""Those about which somebody can still do something."""
YEAR = 365 * 86_400
LIFETIME = 7 * 86_400
"""Seconds after which what was asked for can be neither granted nor used."""
_LONGEST_REASON = 500


MOST_USERS = 2_000_000
"""More than any licence has, overdraft included."""
MOST_REHOSTS = 1_000


@dataclass(frozen=True, slots=True)
class FourEyes:
    """What needs a second person, by the vendor's settings. As it stands here: nothing."""

    users: int = MOST_USERS
    """For so many users, overdraft included, one person may issue a licence."""
    rehosts: int = MOST_REHOSTS
    """So often in a year one person may allow to move a licence."""
    revocations: bool = False
    """Whether revoking a licence needs two."""

    @property
    def is_on(self) -> bool:
        """Tell whether anything needs two people; then declaring an outage always does."""
        return self != FourEyes()


@dataclass(frozen=True, slots=True)
class Approval:
    """One person's wish to do something once, and another person's answer."""

    id: str
    deed: Deed
    subject: str
    """The licence; or the customer that a licence is to be issued to; or ``outages``."""
    terms: Mapping[str, object]
    """What exactly: an approval is for this and nothing else."""
    asked_by: str
    asked_at: int
    decided_by: str | None = None
    decided_at: int | None = None
    granted: bool | None = None
    reason: str = ""
    """Why it was refused."""
    used_at: int | None = None

    @property
    def created_at(self) -> int:
        """Where it stands in lists."""
        return self.asked_at

    def state_at(self, now: int) -> ApprovalState:
        """Return what has become of it."""
        if self.used_at is not None:
            return "used"
        if self.granted is False:
            return "refused"
        if now >= self.asked_at + LIFETIME:
            return "lapsed"
        return "waiting" if self.granted is None else "granted"

    def is_for(self, deed: Deed, subject: str, terms: Mapping[str, object]) -> bool:
        """Tell whether it is about just this."""
        return (self.deed, self.subject, _canonical(self.terms)) == (deed, subject, _canonical(terms))

    def decided(self, by: str, now: int, *, granted: bool, reason: str = "") -> "Approval":
        """Return it with a second person's answer.

        Args:
            by: who decides, as in the audit record.
            now: the server's time.
            granted: whether it may be done.
            reason: why not, in a sentence; needed for a no.

        Raises:
            NotAllowedError: who asked must not decide.
            StateConflictError: it was decided before, or has lapsed.
            InvalidInputError: a no without a reason, or a reason that is too long.
        """
        if person(by) == person(self.asked_by):
            raise NotAllowedError("Who asked for something can't approve it: ask another person.")
        if self.state_at(now) != "waiting":
            raise StateConflictError(f"Approval {self.id} is {self.state_at(now)}; only a waiting one can be decided.")
        if len(reason) > _LONGEST_REASON or not (granted or reason.strip()):
            raise InvalidInputError(f"Say why not, in a sentence of at most {_LONGEST_REASON} characters.")
        return replace(self, decided_by=by, decided_at=now, granted=granted, reason=reason.strip())

    def used(self, now: int) -> "Approval":
        """Return it as spent. Raises StateConflictError where it allows nothing any more."""
        if self.state_at(now) != "granted":
            raise StateConflictError(f"Approval {self.id} is {self.state_at(now)} and allows nothing.")
        return replace(self, used_at=now)

    @property
    def recorded(self) -> dict[str, str]:
        """What the audit record carries, so that a hidden change shows: a digest of everything, by id."""
        fields = astuple(replace(self, terms={}))
        text = json.dumps((fields, _canonical(self.terms)), separators=(",", ":"), ensure_ascii=True)
        return {self.id: hashlib.sha256(text.encode()).hexdigest()}


def person(by: str) -> str:
    """Return who somebody is, by whatever door they came: ``cli:sara``, ``operator:sara`` and her tokens are one."""
    return (by.partition(":")[2] or by).partition("/")[0]


def _canonical(terms: Mapping[str, object]) -> str:
    return json.dumps(dict(terms), sort_keys=True, separators=(",", ":"), ensure_ascii=True)
