"""Use cases: read the audit record, seal it, and prove that nothing in it was changed."""

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice

from keys.clock import Clock
from keys.errors import AuditBrokenError, InvalidInputError, LicensingError, StateDamagedError
from keys.jws import decode, open_document, sign_document
from keys.signing import PublicKey
from keys.trust import SigningKey, Trust
from licence_server.domain.activation import binding_digest
from licence_server.domain.approval import Approval
from licence_server.domain.audit import NOTHING, Entry, Head, Note, Sought, seal_message
from licence_server.domain.customer import Customer
from licence_server.domain.imports import Import
from licence_server.domain.licence import digest_of
from licence_server.domain.operator import Operator
from licence_server.domain.outage import Declared
from licence_server.domain.passkey import Passkey
from licence_server.domain.plan import Plan
from licence_server.domain.token import Token
from licence_server.domain.webhook import Webhook
from licence_server.services.ports import Unit, Units
from licence_server.services.ports_desk import Desk

CHECKPOINT = "audit-checkpoint+jwt"
CLOCK_ACCEPTED = "clock_accepted"
ANY = Sought()
_PART = 1000
"""Entries that are read at once."""
_TOLD = 20
"""So often a check tells how far it is."""
_CLOSING = frozenset({"licence_activated", "licence_revoked"})
"""What leaves a licence without a code that can be used."""


_Recorded = Approval | Customer | Declared | Import | Operator | Passkey | Plan | Token | Webhook
"""What carries a digest of itself into the record."""


@dataclass(frozen=True, slots=True)
class AuditReport:
    """How far a check of the whole record has come; in the end, its outcome."""

    checked: int
    """Entries that are as they were written, out of ``events``."""
    events: int
    checkpoints: int
    valid: bool
    problem: str | None
    """The first place where something is wrong, in a sentence."""


@dataclass(slots=True)
class _Latest:
    """What the record says last of each thing."""

    licences: dict[str, str] = field(default_factory=dict)
    activations: dict[str, str] = field(default_factory=dict)
    customers: dict[str, str] = field(default_factory=dict)
    operators: dict[str, str] = field(default_factory=dict)
    tokens: dict[str, str] = field(default_factory=dict)
    passkeys: dict[str, str | None] = field(default_factory=dict)
    """None: it was removed."""
    approvals: dict[str, str] = field(default_factory=dict)
    plans: dict[str, str] = field(default_factory=dict)
    imports: dict[str, str] = field(default_factory=dict)
    webhooks: dict[str, str] = field(default_factory=dict)
    outages: dict[str, str] = field(default_factory=dict)
    codes: dict[str, list[object]] = field(default_factory=dict)
    """What was issued, by the code's digest."""
    open_codes: dict[str, str] = field(default_factory=dict)
    """The one code of each licence that may still be used."""
    at: int = 0
    """The time of the last signature."""

    def take(self, entry: Entry) -> None:
        details = json.loads(entry.details)
        if "licence" in details:
            self.licences[entry.subject] = details["licence"]
        self.activations.update(details.get("activations", {}))
        self.customers.update(details.get("customers", {}))
        self.operators.update(details.get("operators", {}))
        self.tokens.update(details.get("tokens", {}))
        self.passkeys.update(details.get("passkeys", {}))
        self.approvals.update(details.get("approvals", {}))
        self.plans.update(details.get("plans", {}))
        self.imports.update(details.get("imports", {}))
        self.webhooks.update(details.get("webhooks", {}))
        self.outages.update(details.get("outages", {}))
        if isinstance(details.get("code"), list):
            self.codes[details["code"][0]] = details["code"]
            self.open_codes[entry.subject] = details["code"][0]
        elif entry.event in _CLOSING:
            self.open_codes.pop(entry.subject, None)
        self.at = entry.at if entry.event == CLOCK_ACCEPTED else max(self.at, entry.at)


@dataclass(frozen=True, slots=True)
class Auditing:
    """Looks after the record of who did what."""

    units: Units
    reading: Units
    clock: Clock
    desk: Desk

    def entries(self, sought: Sought = ANY, after: int = 0, most: int | None = None) -> Sequence[Entry]:
        """Return the entries that somebody looks for, oldest first, beginning after the one of a number."""
        return list(islice(self.walk(sought, after), most))

    def walk(self, sought: Sought = ANY, after: int = 0) -> Iterator[Entry]:
        """Go through them, however many there are: in parts, so that nothing is held up, and little is in memory."""
        following: int | None = after
        while following is not None:
            found, following = self.page(sought, following, _PART)
            yield from found

    def page(
        self, sought: Sought, after: int, most: int, *, newest: bool = False
    ) -> tuple[Sequence[Entry], int | None]:
        """Return a part of them, and after which number the following one begins; None: there is none."""
        with self.reading() as unit:
            found = unit.audit.search(sought, _actors(unit, sought.by), after, most + 1, newest=newest)
        shown = found[:most]
        return shown, shown[-1].seq if len(found) > most else None

    def seal(self) -> bool:
        """Sign a checkpoint when the record has grown since the last one, and tell whether it had."""
        with self.units() as unit:
            head, checkpoints = unit.audit.head(), unit.audit.checkpoints()
            if head is None or (checkpoints and checkpoints[-1][0] >= head.seq):
                return False
            now = self.clock.now()
            claims = {"iss": self.desk.trust.issuer, "seq": head.seq, "digest": head.digest, "iat": now}
            document = sign_document(CHECKPOINT, claims, self.desk.signer)
            unit.audit.add_checkpoint(head.seq, now, document.decode())
        return True

    def accept_clock(self, reason: str, by: str) -> int:
        """Take the clock as right though the last signature was later, and return its time (protocol, section 4)."""
        if not reason.strip():
            raise InvalidInputError("Say in a sentence why the clock is right now.")
        now = self.clock.now()
        with self.units() as unit:
            unit.audit.note(Note(now, by, CLOCK_ACCEPTED, "server", {"reason": reason}))
            unit.audit.allow_clock(now)
        return now

    def verify(self) -> AuditReport:
        """Check every entry, every checkpoint, the seal of the end, and what is stored against what was recorded."""
        *_, outcome = self.verification()
        return outcome

    def verification(self) -> Iterator[AuditReport]:
        """Do the same, and tell now and then how far it is; the outcome comes last."""
        with self.reading() as unit:
            events, checkpoints = unit.audit.count(), len(unit.audit.checkpoints())
            every, checked = max(1, events // _TOLD), 0
            try:
                for checked in self._check(unit):
                    if checked % every == 0:
                        yield AuditReport(checked, events, checkpoints, valid=True, problem=None)
            except (AuditBrokenError, StateDamagedError) as error:
                yield AuditReport(checked, events, checkpoints, valid=False, problem=str(error))
            else:
                yield AuditReport(events, events, checkpoints, valid=True, problem=None)

    def check_end(self) -> int:
        """Check that the last entry is the one that was sealed last, and return the time of the last signature.

        Raises AuditBrokenError. Cheap; ``verify`` checks the whole.
        """
        with self.reading() as unit:
            head = unit.audit.head()
            if head is None:
                return 0
            last = list(unit.audit.entries(head.seq - 1))
        if [entry.seq for entry in last] != [head.seq]:
            raise AuditBrokenError(f"The record was cut or added to at its end: its last entry was {head.seq}.")
        self._check_end(head, last[0].seq, last[0].digest, _AnyKey(self.desk.trust))
        return head.at

    def _check(self, unit: Unit) -> Iterator[int]:
        """Check it, and tell the number of each entry that is as it was written. Raises AuditBrokenError."""
        ring = _AnyKey(self.desk.trust)
        sealed = {seq: self._opened(seq, document, ring) for seq, document in unit.audit.checkpoints()}
        seq, digest, latest = 0, NOTHING, _Latest()
        for entry in unit.audit.entries():
            entry.check(seq, digest)
            seq, digest = entry.seq, entry.digest
            if sealed.pop(seq, digest) != digest:
                raise AuditBrokenError(f"Entry {seq} is not the one that its checkpoint sealed.")
            latest.take(entry)
            yield seq
        if sealed:
            raise AuditBrokenError(f"The record ends at entry {seq}, but a checkpoint seals entry {min(sealed)}.")
        head = unit.audit.head()
        self._check_end(head, seq, digest, ring)
        if head is not None and head.at != latest.at:
            raise AuditBrokenError(f"The time of the last signature was changed: it was {latest.at}.")
        _check_stored(unit, latest)
        _check_recorded("Customer", unit.customers.all(), latest.customers)
        _check_recorded("Operator", unit.operators.all(), latest.operators)
        _check_recorded("API token", unit.tokens.all(), latest.tokens)
        passkeys = {name: digest for name, digest in latest.passkeys.items() if digest is not None}
        _check_recorded("Passkey", unit.passkeys.all(), passkeys)
        _check_recorded("Approval", unit.approvals.all(), latest.approvals)
        _check_recorded("Plan", unit.plans.all(), latest.plans)
        _check_recorded("Import", unit.imports.all(), latest.imports)
        _check_recorded("Webhook", unit.webhooks.all(), latest.webhooks)
        _check_recorded("Outage", unit.outages.all(), latest.outages)
        _check_codes(unit, latest)

    def _opened(self, seq: int, document: str, ring: "_AnyKey") -> object:
        try:
            claims, _ = open_document(document.encode(), CHECKPOINT, ring)
        except LicensingError as error:
            raise AuditBrokenError(f"The checkpoint of entry {seq} is not signed by us: {error}") from error
        if claims.get("seq") != seq or claims.get("iss") != self.desk.trust.issuer:
            raise AuditBrokenError(f"The checkpoint of entry {seq} belongs to another place.")
        return claims.get("digest")

    def _check_end(self, head: Head | None, seq: int, digest: str, ring: "_AnyKey") -> None:
        if head is None and seq == 0:
            return
        if head is None or (head.seq, head.digest) != (seq, digest):
            raise AuditBrokenError(f"The record was cut or added to at its end: its last entry is {seq}.")
        kid, _, signature = head.seal.partition(".")
        try:
            ring.find(kid).verify(seal_message(self.desk.trust.issuer, seq, digest), decode(signature.encode()))
        except LicensingError as error:
            raise AuditBrokenError(f"The end of the record, entry {seq}, is not sealed by us: {error}") from error


def _actors(unit: Unit, by: str) -> Sequence[str]:
    """Return as whom a person stands in the record: at the command line, at the console, by each token."""
    if ":" in by:
        return (by,)
    operator = unit.operators.named(by)
    tokens = () if operator is None else unit.tokens.all(operator.id)
    return (f"cli:{by}", f"operator:{by}", *(f"operator:{by}/{token.id}" for token in tokens))


class _AnyKey:
    """Every signing key that ever was, revoked ones too: the record outlives them, and seals nothing but itself."""

    def __init__(self, trust: Trust) -> None:
        self._keys: dict[str, SigningKey] = {entry.key.kid: entry for entry in trust.signing}

    def find(self, kid: str) -> PublicKey:
        if kid not in self._keys:
            raise AuditBrokenError(f"the key {kid[:64]} was never ours.")
        return self._keys[kid].key


def _check_stored(unit: Unit, latest: _Latest) -> None:
    """Find rows that were changed behind the record."""
    for licence in unit.licences.all():
        if latest.licences.pop(licence.id, None) != digest_of(licence):
            raise AuditBrokenError(f"Licence {licence.id} is not as the record left it.")
    if latest.licences:
        raise AuditBrokenError(f"Licence {min(latest.licences)} is in the record, but no longer in the database.")
    for activation in unit.activations.all():
        if latest.activations.pop(activation.id, None) != binding_digest(activation):
            raise AuditBrokenError(f"Activation {activation.id} is not as the record left it.")
    if latest.activations:
        raise AuditBrokenError(f"Activation {min(latest.activations)} is in the record, but not in the database.")


def _check_recorded(what: str, found: Iterable[_Recorded], recorded: dict[str, str]) -> None:
    """Find what was changed, removed or slipped in behind the record."""
    for each in found:
        if {each.id: recorded.pop(each.id, None)} != each.recorded:
            raise AuditBrokenError(f"{what} {each.id} is not as the record left it.")
    if recorded:
        raise AuditBrokenError(f"{what} {min(recorded)} is in the record, but no longer in the database.")


def _check_codes(unit: Unit, latest: _Latest) -> None:
    """Find codes that were slipped in, changed or opened again."""
    for code in unit.codes.all():
        if latest.codes.get(code.digest) != code.facts():
            raise AuditBrokenError(f"A code of licence {code.licence_id} is not as the record left it.")
        if code.is_open and latest.open_codes.get(code.licence_id) != code.digest:
            raise AuditBrokenError(f"A code of licence {code.licence_id} that was used or withdrawn can be used again.")
