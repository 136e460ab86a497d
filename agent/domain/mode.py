"""What the agent lets the CRM do: derived from what lies in its home and the time, each time (protocol, section 9)."""

from dataclasses import dataclass
from typing import Literal

from agent.domain import notices
from agent.domain.components import Hardware
from agent.domain.time import AgentTime
from keys.documents.licence import Licence
from keys.documents.outage import Outage, stretched
from keys.documents.parts import Notice
from keys.fingerprint import Match, compare
from keys.trust import WARNING

Mode = Literal["full", "grace", "restricted", "blocked"]

_ENDED_FOR_GOOD = frozenset({"revoked", "superseded", "deactivated", "refused"})
_STOPPED_FOR_NOW = frozenset({"suspended", "expired"})


@dataclass(frozen=True, slots=True)
class Hand:
    """What lies in the agent's home, opened and verified."""

    licence: Licence | None = None
    """The licence in hand; None: there is none, or it does not verify."""
    flaw: str = ""
    """A sentence on why the licence that is there does not count; empty: nothing is wrong with it."""
    refusal: Licence | None = None
    """The refused document that lies beside it."""
    key_flaw: str = ""
    """A sentence on why the device key can't be used; empty: it can."""
    key_revoked: bool = False
    """The signing key of the licence was revoked after the licence came; it goes on for the rest of its grace."""
    trust_expires_at: int | None = None
    outages: tuple[Outage, ...] = ()
    """The outages that the vendor declared, of whatever time, as far as those whom we trust signed them."""

    @property
    def refused(self) -> Licence | None:
        """The refusal, if it answers for the licence in hand and no later document has followed."""
        if self.refusal is None or self.licence is None or self.refusal.activation_id != self.licence.activation_id:
            return None
        return self.refusal if self.refusal.seq >= self.licence.seq else None


@dataclass(frozen=True, slots=True)
class Standing:
    """What the licence allows now, and why."""

    mode: Mode
    reason: str
    """A fixed word: ``active``; the licence's own reason or status; or the agent's: ``validation_overdue``,
    ``lease_ended``, ``trust_expired``, ``no_licence``, ``hardware_changed``, ``key_missing``, ``signature_invalid``."""
    licence: Licence | None
    now: int
    """The agent's time, a NumericDate: max(wall clock, floor)."""
    until_at: int | None = None
    """When this mode gets worse by itself: ``exp`` in grace, the end of a licence that ends; None: it does not."""
    notices: tuple[Notice, ...] = ()
    refusal: Licence | None = None
    stretched_at: int | None = None
    """Until when an outage stretches the licence; None: none does."""

    @property
    def days_left(self) -> int | None:
        """Whole days until ``until_at``, the begun one counted; None where there is no such moment."""
        return None if self.until_at is None else notices.days_until(self.until_at, self.now)

    @property
    def ends_at(self) -> int | None:
        """When the licence document ends, stretched or not; None without one."""
        return self.stretched_at or (None if self.licence is None else self.licence.expires_at)

    @property
    def status(self) -> str:
        """The licence's status; ``refused`` while a refusal stands, ``none`` without a licence."""
        if self.refusal is not None:
            return self.refusal.status
        return "none" if self.licence is None else self.licence.status


def judge(hand: Hand, time: AgentTime, hardware: Hardware) -> Standing:
    """Derive the mode: the whole table of section 9, the worst row that applies first.

    Args:
        hand: what lies in the home.
        time: the agent's time.
        hardware: the components that count now.
    """
    licence, now = hand.licence, time.now
    common = _notices_of_the_host(time, hardware)
    if licence is None:
        reason = "signature_invalid" if hand.flaw else "no_licence"
        return Standing("blocked", reason, None, now, None, (notices.explained(reason, hand.flaw), *common))
    match = compare(licence.fingerprint.components, hardware.digests, licence.fingerprint.threshold)
    blocked = _blocked(hand, licence, match)
    ends_at = stretched(licence, hand.outages)
    mode, reason, until_at, own = blocked or _stopped(hand, licence, ends_at, now) or _running(licence, ends_at, now)
    stretched_at = ends_at if licence.expires_at < ends_at and now < ends_at else None
    if mode in {"full", "grace"}:
        own += _warnings(hand, match, now)
        own += () if stretched_at is None else (notices.outage(stretched_at, now),)
    said = (hand.refused or licence).notices
    return Standing(mode, reason, licence, now, until_at, (*own, *said, *common), hand.refused, stretched_at)


_Verdict = tuple[Mode, str, int | None, tuple[Notice, ...]]


def _blocked(hand: Hand, licence: Licence, match: Match) -> _Verdict | None:
    if hand.key_flaw:
        return "blocked", "key_missing", None, (notices.explained("key_missing", hand.key_flaw),)
    if licence.status in _ENDED_FOR_GOOD:
        return "blocked", licence.reason or licence.status, None, ()
    if not match.fits:
        return "blocked", "hardware_changed", None, (notices.explained("hardware_changed", f"{match.describe()}."),)
    if hand.refused is not None:
        return "blocked", hand.refused.reason or hand.refused.status, None, ()
    return None


def _stopped(hand: Hand, licence: Licence, ends_at: int, now: int) -> _Verdict | None:
    if licence.status in _STOPPED_FOR_NOW:
        return "restricted", licence.reason or licence.status, None, ()
    if now >= ends_at:
        return "restricted", "lease_ended", None, (notices.explained("lease_ended"),)
    if hand.trust_expires_at is not None and now >= hand.trust_expires_at + WARNING:
        return "restricted", "trust_expired", None, (notices.explained("trust_expired"),)
    return None


def _running(licence: Licence, ends_at: int, now: int) -> _Verdict:
    if now >= licence.validation.refresh_at + licence.validation.interval:
        return "grace", "validation_overdue", ends_at, (notices.overdue(ends_at, now),)
    term_ends_at = licence.terms.ends_at
    return "full", "active", term_ends_at if term_ends_at is not None and term_ends_at > now else None, ()


def _warnings(hand: Hand, match: Match, now: int) -> tuple[Notice, ...]:
    found = []
    if hand.key_revoked:
        found.append(notices.explained("signing_key_revoked"))
    if hand.trust_expires_at is not None and now >= hand.trust_expires_at:
        found.append(notices.trust_expiring(hand.trust_expires_at + WARNING, now))
    if match.changed:
        found.append(notices.drifted(match.describe()))
    return tuple(found)


def _notices_of_the_host(time: AgentTime, hardware: Hardware) -> tuple[Notice, ...]:
    found = []
    if time.is_behind:
        found.append(notices.clock_behind(time.behind))
    if hardware.lenient:
        found.append(notices.unreadable(hardware.lenient))
    if hardware.stand_in:
        found.append(notices.explained("hardware_stand_in"))
    return tuple(found)
