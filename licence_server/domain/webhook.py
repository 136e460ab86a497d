"""Webhooks: which events programs of the vendor's are told of, where to, and signed with what.

By the Standard Webhooks convention (https://www.standardwebhooks.com), so that receivers need no code of ours.
"""

import base64
import hashlib
import hmac
import json
from collections.abc import Collection, Mapping
from dataclasses import astuple, dataclass, field, replace
from types import MappingProxyType
from typing import Literal

from keys.errors import InvalidInputError, StateConflictError
from keys.identity import Randomness
from licence_server.domain.attempt import Outcome

PING = "webhook.ping"
EVENTS: Mapping[str, str] = MappingProxyType(
    {
        "licence_issued": "licence.issued",
        "licence_activated": "licence.activated",
        "licence_moved": "licence.rehosted",
        "rehost_allowed": "licence.rehost_allowed",
        "licence_deactivated": "licence.deactivated",
        "licence_suspended": "licence.suspended",
        "licence_resumed": "licence.resumed",
        "licence_revoked": "licence.revoked",
        "licence_renewed": "licence.renewed",
        "seats_changed": "licence.seats_changed",
        "networks_changed": "licence.networks_changed",
        "licence_recovered": "licence.recovered",
        "licence_confirmed": "licence.confirmed",
        "clone_suspected": "licence.clone_suspected",
        "clone_detected": "licence.clone_detected",
        "state_rolled_back": "licence.state_rolled_back",
        "customer_added": "customer.added",
        "customer_changed": "customer.changed",
        "representative_appointed": "customer.representative_appointed",
        "outage_declared": "outage.declared",
        "approval_asked": "approval.asked",
        "approval_granted": "approval.granted",
        "approval_refused": "approval.refused",
        "webhook_tested": PING,
    }
)
"""What the audit record calls an event, and what a webhook does. What is not here is told to nobody."""
TYPES: tuple[str, ...] = tuple(name for name in EVENTS.values() if name != PING)
"""What somebody can subscribe to."""

MOST_WEBHOOKS = 32
OVERLAP = 86_400
"""Seconds in which messages carry a signature of the secret before, too."""
PATIENCE = 5 * 86_400
"""Seconds of nothing but failures after which an endpoint is switched off."""
_PREFIX = "whsec_"
_KEY_BYTES = 32

Why = Literal["gone", "failing"]


@dataclass(frozen=True, slots=True)
class Webhook:
    """An endpoint of somebody's that is told of events. The secrets are sealed (decision 28)."""

    id: str
    url: str
    types: tuple[str, ...]
    created_at: int
    sealed: str = field(repr=False)
    previous: str | None = field(default=None, repr=False)
    """The secret before the last rotation, sealed."""
    previous_until: int | None = None
    failing_since: int | None = None
    """The first failure since the last success."""
    disabled_at: int | None = None
    why: Why | None = None
    """Why it was switched off: it said that it is gone for good (410), or it failed for days."""
    removed_at: int | None = None

    @property
    def is_on(self) -> bool:
        """Whether anything is sent there."""
        return self.disabled_at is None and self.removed_at is None

    @property
    def recorded(self) -> dict[str, str]:
        """What the audit record carries, so that a hidden change shows: a digest of all but its failures, by id."""
        text = json.dumps(astuple(replace(self, failing_since=None)), separators=(",", ":"))
        return {self.id: hashlib.sha256(text.encode()).hexdigest()}

    def wants(self, name: str, subject: str) -> bool:
        """Tell whether it is told of an event of that name; a ping is for the one that it tests."""
        return self.is_on and (name in self.types or (name == PING and subject == self.id))

    def sealed_at(self, now: int) -> tuple[str, ...]:
        """Return the sealed secrets that sign at a moment."""
        if self.previous is None or self.previous_until is None or now >= self.previous_until:
            return (self.sealed,)
        return self.sealed, self.previous

    def rotated(self, sealed: str, now: int) -> "Webhook":
        """Return it with another secret; the present one signs, too, for a day."""
        return replace(self, sealed=sealed, previous=self.sealed, previous_until=now + OVERLAP)

    def enabled(self) -> "Webhook":
        """Return it switched on again. Raises StateConflictError: it is on."""
        if self.disabled_at is None:
            raise StateConflictError(f"The webhook {self.id} is on already.")
        return replace(self, disabled_at=None, why=None, failing_since=None)

    def removed(self, now: int) -> "Webhook":
        """Return it as gone, without its secrets."""
        return replace(self, removed_at=now, sealed="", previous=None, previous_until=None)

    def after(self, outcome: Outcome, now: int) -> "Webhook":
        """Return it after an attempt: as it was, failing, or switched off."""
        if outcome.is_good:
            return replace(self, failing_since=None)
        since = now if self.failing_since is None else self.failing_since
        why: Why | None = "gone" if outcome.is_gone else "failing" if now - since >= PATIENCE else None
        if why is None or not self.is_on:
            return replace(self, failing_since=since)
        return replace(self, failing_since=since, disabled_at=now, why=why)


def new_webhook_secret(randomness: Randomness) -> str:
    """Return a secret as receivers take it: ``whsec_`` and 256 random bits in base64."""
    return _PREFIX + base64.b64encode(randomness(_KEY_BYTES)).decode()


def signature(secret: str, message_id: str, at: int, body: str) -> str:
    """Return what ``webhook-signature`` says for one secret (HMAC-SHA256 over id, moment and body)."""
    key = base64.b64decode(secret.removeprefix(_PREFIX))
    signed = hmac.digest(key, f"{message_id}.{at}.{body}".encode(), hashlib.sha256)
    return f"v1,{base64.b64encode(signed).decode()}"


def check_types(types: Collection[str]) -> tuple[str, ...]:
    """Return event types in the order of the table. Raises InvalidInputError: there are none, or one is none."""
    strange = sorted(set(types) - set(TYPES))
    if strange:
        raise InvalidInputError(f"{strange[0][:80]!r} is no event; there are {', '.join(TYPES)}.")
    if not types:
        raise InvalidInputError(f"A webhook needs at least one event; there are {', '.join(TYPES)}.")
    return tuple(name for name in TYPES if name in types)
