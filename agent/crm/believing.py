"""Believing the agent no further than a signed licence goes: a stub that always says yes gains nothing by it."""

import threading
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Literal

from keys.claims import Reader
from keys.clock import Clock
from keys.documents.licence import Licence, open_licence
from keys.documents.outage import Outage, open_outage, stretched
from keys.documents.parts import Notice
from keys.errors import (
    AgentNotBelievedError,
    MalformedError,
    SignatureInvalidError,
    TooLargeError,
    TrustRefusedError,
)
from keys.jws import to_json
from keys.trust import WARNING, pin_trust, replace_trust

Mode = Literal["full", "grace", "restricted", "blocked"]
MODES: tuple[Mode, ...] = ("full", "grace", "restricted", "blocked")
"""From the best to the worst."""

_MOST_OUTAGES = 64
_ENDED_FOR_GOOD = frozenset({"revoked", "superseded", "deactivated", "refused"})
_STOPPED_FOR_NOW = frozenset({"suspended", "expired"})


@dataclass(frozen=True, slots=True)
class Said:
    """What ``GET /v1/licence`` answered; nothing of it is verified."""

    mode: Mode
    reason: str
    notices: tuple[Notice, ...]
    document: bytes | None
    """The signed licence."""
    trust: bytes | None
    """The newest trust document that the agent has."""
    outages: tuple[bytes, ...]
    """The outage documents that it has."""
    members: Mapping[str, object]
    """The whole answer, for what is only shown to people."""

    @classmethod
    def read(cls, reader: Reader) -> "Said":
        """Read the answer. Raises MalformedError."""
        document = reader.raw("document")
        trust = reader.raw("trust") if reader.has("trust") else None
        return cls(
            mode=reader.one_of("mode", Mode),
            reason=reader.word("reason"),
            notices=tuple(Notice.read(entry) for entry in reader.objects("notices")),
            document=document.encode() if isinstance(document, str) else None,
            trust=trust.encode() if isinstance(trust, str) else to_json(trust) if isinstance(trust, dict) else None,
            outages=_outages(reader),
            members=reader.everything(),
        )


@dataclass(frozen=True, slots=True)
class Believed:
    """What the licence allows by a signed document and this machine's clock; the agent can only make it less."""

    mode: Mode
    reason: str
    """Why, in a word: the agent's where its mode is the worse one, else the signed licence's."""
    licence: Licence | None
    """The signed licence; None: there is none, and nobody may come in."""
    notices: tuple[Notice, ...] = ()
    """For people, in English and Persian; the agent's word."""
    members: Mapping[str, object] = field(default_factory=dict)
    """The agent's whole answer, to be shown only: used seats, last validation."""

    @property
    def is_open(self) -> bool:
        """Tell whether people may come in."""
        return self.mode in {"full", "grace"}

    def most_users(self, *, leaving: bool = False) -> int:
        """Return how many different persons can hold seats at once under an honest agent.

        Overdraft is counted, and in every mode one administrator, whose name only the agent knows. ``leaving``: the
        licence stopped so lately that those who were in may still be.
        """
        if self.licence is None or not (self.is_open or leaving):
            return 1
        seats = self.licence.seats
        return seats.users + seats.overdraft_users + 1

    def most_services(self, *, leaving: bool = False) -> int:
        """Return how many different service accounts can hold seats at once under an honest agent; see most_users."""
        return self.licence.seats.service if self.licence is not None and (self.is_open or leaving) else 0


class Verifier:
    """Verifies what the agent shows, under a root that came with the CRM."""

    def __init__(self, root: bytes, clock: Clock, *, product: str | None = None, licence: str | None = None) -> None:
        """Pin whom to believe.

        Args:
            root: a trust document of the CRM's vendor. Newer ones that the agent shows are taken if they follow it.
            clock: this machine's.
            product: the name that the licence must be for; None: any of this vendor's.
            licence: the id that the licence must have; None: any.

        Raises:
            MalformedError, TooLargeError, TrustRefusedError: not a trust document that its own roots signed.
        """
        self._shipped = self._trust = pin_trust(root)
        self._clock, self._product, self._id = clock, product, licence
        self._newest: Licence | None = None
        self._document = b""
        self._outages: tuple[bytes, ...] = ()
        self._floor_at, self._floor_boot = 0, 0.0
        self._lock = threading.Lock()

    def believe(self, said: Said) -> Believed:
        """Return what may be believed of an answer.

        Raises:
            AgentNotBelievedError: the agent says more than a signed licence in force allows.
        """
        with self._lock:
            self._roll_on(said.trust)
            self._outages = said.outages
            flaw = self._take(said.document)
            own, reason = self.judge(flaw)
            licence = None if flaw else self._newest
        if MODES.index(said.mode) >= MODES.index(own):
            return Believed(said.mode, said.reason, licence, said.notices, said.members)
        if own == "full" or own == "grace":  # noqa: PLR1714 - mypy narrows it so
            return Believed(own, reason, licence, said.notices, said.members)
        why = flaw or f"the licence that it shows does not allow that by this machine's clock: {reason}."
        raise AgentNotBelievedError(f"The licence agent says {said.mode}, but {why}", own)

    def judge(self, flaw: str = "") -> tuple[Mode, str]:
        """Return the mode of the newest signed licence by this machine's clock, and why (protocol, section 10)."""
        licence, now = self._newest, self._now()
        if licence is None or flaw:
            return "blocked", "no_licence"
        if licence.status in _ENDED_FOR_GOOD | _STOPPED_FOR_NOW:
            return "blocked" if licence.status in _ENDED_FOR_GOOD else "restricted", licence.reason or licence.status
        ends_at = licence.expires_at if now < licence.expires_at else stretched(licence, self._declared())
        if now >= min(ends_at, self._trust.expires_at + WARNING):
            return "restricted", "lease_ended" if now >= ends_at else "trust_expired"
        if now >= licence.validation.refresh_at + licence.validation.interval:
            return "grace", "validation_overdue"
        return "full", "active"

    def _roll_on(self, trust: bytes | None) -> None:
        """Take a newer trust document; an older or foreign one changes nothing, and its licences won't count."""
        if trust is not None:
            with suppress(MalformedError, TooLargeError, TrustRefusedError):
                self._trust = replace_trust(self._trust, trust)

    def _take(self, document: bytes | None) -> str:
        """Take a licence if it is newer than the one in hand; return what is wrong with it."""
        if document is None:
            return "it shows no licence."
        if self._newest is None or document != self._document:
            try:
                licence = self._opened(document)
            except (MalformedError, TooLargeError, SignatureInvalidError) as error:
                return f"the licence that it shows does not count: {error}"
            if self._product not in {None, licence.product.name}:
                return f"the licence that it shows is for {licence.product.name}, not for {self._product}."
            if self._id not in {None, licence.licence_id}:
                return f"the licence that it shows is {licence.licence_id}, not {self._id}."
            if self._newest is None or _age(licence) >= _age(self._newest):
                self._newest, self._document = licence, document
                self._floor_at, self._floor_boot = max(self._floor(), licence.issued_at), self._clock.boot()
        return ""

    def _declared(self) -> Iterator[Outage]:
        """Yield the outages that the vendor declared, as far as it signed what the agent shows."""
        for document in self._outages:
            with suppress(MalformedError, TooLargeError, SignatureInvalidError):
                yield open_outage(document, self._trust)

    def _opened(self, document: bytes) -> Licence:
        """Verify a licence under the newest trust.

        A key that is revoked signs nothing any more; but an honest agent goes on with what it signed until the next
        validation, and a CRM that starts just then must not stop for it. An agent that hid the revocation would be
        believed as far.
        """
        try:
            return open_licence(document, self._trust)
        except SignatureInvalidError:
            if self._newest is not None or self._shipped is self._trust:
                raise
            return open_licence(document, self._shipped)

    def _now(self) -> int:
        """Return the wall clock's time, but never less than signed and running time make it at least."""
        return max(self._clock.now(), self._floor())

    def _floor(self) -> int:
        return self._floor_at + int(self._clock.boot() - self._floor_boot)


def _outages(reader: Reader) -> tuple[bytes, ...]:
    """Read the outage documents; an agent of an older release has none. Raises MalformedError."""
    found = reader.raw("outages") if reader.has("outages") else []
    if not isinstance(found, list) or len(found) > _MOST_OUTAGES:
        raise MalformedError(f"The outages must be a list of at most {_MOST_OUTAGES}.")
    return tuple(each.encode() for each in found if isinstance(each, str))


def _age(licence: Licence) -> tuple[int, int, int]:
    """Order documents by which of two counts: the younger activation, then the later link of its chain."""
    return licence.activated_at, licence.seq, licence.issued_at
