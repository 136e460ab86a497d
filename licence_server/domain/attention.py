"""What needs somebody today: signs of licences, and alarms of the server itself."""

from dataclasses import dataclass
from typing import Literal, get_args

from keys.trust import WARNING, Trust
from licence_server.domain.audit import TOLERANCE, Head

Kind = Literal["clones", "restores", "recovered", "silent", "refused", "overdraft", "ending"]
KINDS: tuple[Kind, ...] = get_args(Kind)
"""The gravest first."""
Fault = Literal["clock_behind", "trust_ends"]

MOST = 200
"""Signs of one kind that are counted; beyond that there are so many that nobody counts them."""
SOON = 30 * 86_400
"""Seconds before and after the end of its terms in which a licence in force is about to end."""
LATELY = 7 * 86_400
"""Seconds for which it matters that people were refused a seat, or that the overdraft was used."""


@dataclass(frozen=True, slots=True)
class Sign:
    """Why a licence needs somebody."""

    licence_id: str
    at: int
    """When it showed; of a licence that ends, when it ends."""
    code: str
    """What it was, such as ``clone_suspected``; else its kind."""


@dataclass(frozen=True, slots=True)
class Alarm:
    """What is wrong with the server itself."""

    fault: Fault
    at: int
    """When the trust document ends, or ended; or the last signature, before which the clock is."""


def alarms_of(trust: Trust, head: Head | None, now: int) -> tuple[Alarm, ...]:
    """Return what is wrong with the server: its clock is behind, or its trust document ends within 90 days."""
    behind = () if head is None or now >= head.at - TOLERANCE else (Alarm("clock_behind", head.at),)
    ending = () if trust.expires_at - now >= WARNING else (Alarm("trust_ends", trust.expires_at),)
    return (*behind, *ending)
