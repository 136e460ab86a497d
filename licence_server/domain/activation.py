"""An activation: one licence bound to one server by its device key and its fingerprint (T4)."""

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Literal, get_args

from keys.documents.parts import Seats
from keys.documents.requests import Host, Usage
from keys.fingerprint import Match, weight
from licence_server.domain.chain import Chain, Finding
from licence_server.domain.days import Days

Binding = Literal["live", "superseded", "deactivated"]

DRIFT_WEIGHT = 40
DRIFT_PERIOD = 365 * 86_400
"""At most so much weight of the enrolled components changes in so many seconds: no ship of Theseus."""
_TPM = "tpm_ek"


@dataclass(frozen=True, slots=True)
class Answer:
    """A document that was sent, with the request that made it: a repeated request gets the same bytes."""

    request_id: str
    document: str


@dataclass(frozen=True, slots=True)
class Drift:
    """Enrolled weight that was exchanged at a moment."""

    at: int
    weight: int


@dataclass(frozen=True, slots=True)
class Suspicion:
    """What the chain showed and no person has looked at yet: the gravest of it, and when."""

    finding: Finding
    at: int


@dataclass(frozen=True, slots=True)
class DeviceKey:
    """A device key, by its thumbprint."""

    kid: str
    jwk: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Activation:
    """A licence on one server."""

    id: str
    licence_id: str
    device_key: str
    """Thumbprint of the key that it was made with, which serves this activation and never another."""
    jwk: Mapping[str, str]
    binding: Binding
    activated_at: int
    components: Mapping[str, str]
    drifts: tuple[Drift, ...]
    chain: Chain
    host: Host
    seen_at: int
    first: Answer
    last: Answer
    days: Days = Days()  # noqa: RUF009 - it is frozen
    """On which it was answered."""
    suspicion: Suspicion | None = None
    refused_at: int | None = None
    """The latest hour in which somebody was refused a seat, as its server told."""
    overdraft_at: int | None = None
    """The latest hour in which more users were in than were bought, as its server told."""
    moved: DeviceKey | None = None
    """The key in a TPM that took the first one's place: as good as that for what it was given, and never replaced."""

    def jwk_of(self, kid: str) -> Mapping[str, str] | None:
        """Return the public key of that thumbprint; None: it is none of this activation's."""
        if kid == self.device_key:
            return self.jwk
        return self.moved.jwk if self.moved is not None and self.moved.kid == kid else None

    def lets_move(self, previous: str, interval: int, now: int) -> bool:
        """Tell whether another key may take the first one's place.

        Only once, only out of a file, and only where nothing looks like a second server: who asks holds the head,
        nothing displaced another head of late, and no person has anything to look at.

        Args:
            previous: ``jti`` of the licence in hand of who asks.
            interval: seconds between validations, by the licence.
            now: the server's time.
        """
        quiet = previous == self.chain.head and self.chain.is_quiet(interval, now) and self.suspicion is None
        return not _is_tpms(self.jwk) and self.moved is None and self.binding == "live" and quiet

    def suspected(self, findings: Iterable[Finding], now: int) -> "Activation":
        """Return the activation with what its chain showed; a graver finding that nobody looked at stays."""
        known = () if self.suspicion is None else (self.suspicion.finding,)
        gravest = max((*known, *findings), key=_GRAVITY.index, default=None)
        if gravest is None or gravest in known:
            return self
        return replace(self, suspicion=Suspicion(gravest, now))

    def cleared(self) -> "Activation":
        """Return the activation without any suspicion: a person looked, and the chain is anchored anew."""
        return replace(self, chain=self.chain.released(), suspicion=None)

    def told(self, usage: Iterable[Usage], seats: Seats, now: int) -> "Activation":
        """Return the activation with when seats were short; what is told of hours to come counts for nothing."""
        past = [hour for hour in usage if hour.hour_at <= now]
        refused = [hour.hour_at for hour in past if hour.refused]
        beyond = [hour.hour_at for hour in past if seats.overdraft_users and hour.users > seats.users]
        return replace(
            self, refused_at=_latest(self.refused_at, refused), overdraft_at=_latest(self.overdraft_at, beyond)
        )

    def counting(self, components: Mapping[str, str], kid: str) -> Mapping[str, str]:
        """Return those of some components that count beside a device key.

        A TPM counts beside a key that lives in it. A backup from before the key moved has the first key, and is
        recognised by what counted then.
        """
        if self.moved is None or kid == self.moved.kid:
            return components
        return {name: value for name, value in components.items() if name != _TPM}

    def settled(self, seen: Mapping[str, str], kid: str) -> "Activation":
        """Enrol the TPM that the device key lives in, where none is enrolled, at no cost to the year's budget.

        So whoever moves the key into a TPM stands where an activation in it would have put them. It comes once: what is
        enrolled stays, another TPM is a change like any other, and a key in a TPM is never replaced.

        Args:
            seen: the components that a request names.
            kid: thumbprint of the device key that its answer is bound to.
        """
        if _TPM in self.components or _TPM not in seen or not _is_tpms(self.jwk_of(kid) or {}):
            return self
        return replace(self, components={**self.components, _TPM: seen[_TPM]})

    def followed(self, seen: Mapping[str, str], match: Match, now: int) -> tuple["Activation", bool]:
        """Enrol what changed on the same machine, as far as the budget of a year allows.

        Components that are missing now stay enrolled: leaving out the changed ones must gain nothing.

        Returns:
            The activation, and whether it follows the change; False when there is none, or the budget is spent.
        """
        fresh = (*match.changed, *match.added)
        recent = tuple(drift for drift in self.drifts if drift.at > now - DRIFT_PERIOD)
        cost = weight(fresh)
        if not fresh or sum(drift.weight for drift in recent) + cost > DRIFT_WEIGHT:
            return replace(self, drifts=recent), False
        components = {**self.components, **{name: seen[name] for name in fresh}}
        return replace(self, components=components, drifts=(*recent, Drift(now, cost))), True

    def answered(self, request_id: str, document_id: str, document: bytes, host: Host, now: int) -> "Activation":
        """Return the activation with a successor as its head."""
        answer = Answer(request_id, document.decode())
        chain, days = self.chain.advance(document_id), self.days.marked(now, refused=False)
        return replace(self, chain=chain, last=answer, host=host, seen_at=now, days=days)

    def refused(self, now: int) -> "Activation":
        """Return the activation after a refused document, which changes nothing but what is told of the day."""
        return replace(self, days=self.days.marked(now, refused=True))


_GRAVITY: tuple[Finding, ...] = get_args(Finding)
"""The chain names its findings in the order of their gravity."""


def _is_tpms(jwk: Mapping[str, str]) -> bool:
    """Tell whether a TPM may have made a key: it makes P-256 keys alone, and our files hold Ed25519 keys."""
    return jwk.get("kty") == "EC"


def _latest(known: int | None, found: list[int]) -> int | None:
    return max((*found, *(() if known is None else (known,))), default=None)


def binding_digest(activation: Activation) -> str:
    """Return a digest of what binds a licence to a server; the audit record carries it, so a hidden change shows."""
    chain = activation.chain
    fields = (
        (activation.id, activation.licence_id, activation.device_key, dict(activation.jwk)),
        (activation.binding, activation.activated_at, dict(activation.components)),
        [(drift.at, drift.weight) for drift in activation.drifts],
        (chain.head, chain.seq, chain.anchored, chain.switches),
        [(entry.document_id, entry.how, entry.at) for entry in chain.displaced],
        [(visit.boot, visit.uptime, visit.at) for visit in chain.visits],
        [(entry.boot, entry.at) for entry in chain.surroundings],
        [(answer.request_id, answer.document) for answer in (activation.first, activation.last)],
        # Left out where there is none, so that records from before it was kept go on being true.
        *(() if activation.suspicion is None else ((activation.suspicion.finding, activation.suspicion.at),)),
        *(() if activation.moved is None else ({"moved": (activation.moved.kid, dict(activation.moved.jwk))},)),
    )
    text = json.dumps(fields, sort_keys=True, separators=(",", ":"), ensure_ascii=True)
    return hashlib.sha256(text.encode()).hexdigest()
