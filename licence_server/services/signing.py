"""Signing a document: bytes, memory of them, and the audit entry, in the caller's transaction."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, replace

from keys.documents.licence import Licence as Document
from keys.documents.licence import open_licence
from keys.documents.outage import Outage
from keys.documents.requests import Host
from keys.errors import ApprovalNeededError, SignatureInvalidError, UnavailableError
from keys.identity import Randomness, new_id
from keys.trust import WARNING
from licence_server.domain.activation import Activation, Answer
from licence_server.domain.approval import FourEyes
from licence_server.domain.lease import Lease
from licence_server.domain.licence import Licence
from licence_server.domain.outage import SUBJECT, Declaration
from licence_server.services.ports import Unit
from licence_server.services.ports_desk import Desk
from licence_server.services.recording import bound, record

_RETRY_AFTER = 600


@dataclass(frozen=True, slots=True)
class Asked:
    """What an answer needs to know of the request."""

    request_id: str
    nonce: str
    host: Host
    device_key: str
    """Thumbprint of the device key that the answer is bound to."""


@dataclass(frozen=True, slots=True)
class Case:
    """A request, and what it is about."""

    licence: Licence
    activation: Activation
    asked: Asked
    now: int

    def answered(self, document: Document, signed: bytes) -> Activation:
        """Return the activation with the document as its head."""
        return self.activation.answered(self.asked.request_id, document.document_id, signed, self.asked.host, self.now)


@dataclass(frozen=True, slots=True)
class Signing:
    """Makes the documents of an activation."""

    desk: Desk
    randomness: Randomness

    def first(self, unit: Unit, case: Case) -> bytes:
        """Sign the document that an activation returns, and store the activation."""
        document, signed = self._sign(case)
        activation = case.answered(document, signed)
        activation = replace(activation, first=activation.last)
        unit.activations.add(activation)
        _remember(unit, "licence_activated", case, (document, signed), **bound(activation))
        return signed

    def successor(self, unit: Unit, case: Case, event: str, **details: object) -> bytes:
        """Sign the successor of the head, which becomes the head."""
        document, signed = self._sign(case)
        activation = case.answered(document, signed)
        unit.activations.put(activation)
        _remember(unit, event, case, (document, signed), **bound(activation), **details)
        return signed

    def repeated(self, unit: Unit, case: Case) -> bytes:
        """Return the answer that the request got before, and change nothing.

        Unless its signing key was revoked since: then those bytes are worth nothing, and the agent, which asks until it
        is answered, would never be. They are signed anew, as of now, as the same link of the chain.
        """
        stored = case.activation.last.document.encode()
        try:
            open_licence(stored, self.desk.trust)
            return stored
        except SignatureInvalidError:
            chain = case.activation.chain
        self.check_trust(case.now)
        lease = Lease(self.desk.trust.issuer, case.licence, case.activation, _bound_to(unit, case.activation))
        document = replace(lease.document(chain.head, case.asked.nonce, case.now), seq=chain.seq)
        signed = document.sign(self.desk.signer)
        activation = replace(case.activation, last=Answer(case.asked.request_id, signed.decode()), seen_at=case.now)
        unit.activations.put(activation)
        _record(unit, "document_signed_again", case, (document, signed), **bound(activation))
        return signed

    def refusal(self, unit: Unit, case: Case, reason: str, **why: object) -> bytes:
        """Sign a refused document for one request alone; what binds the licence stays as it is."""
        document, signed = self._sign(case, reason)
        unit.activations.put(case.activation.refused(case.now))
        _remember(unit, "validation_refused", case, (document, signed), reason=reason, **why)
        return signed

    def outage(
        self, unit: Unit, outage: Outage, wanted: Declaration, rules: FourEyes, approval_id: str | None
    ) -> bytes:
        """Sign an outage document; where two people have to agree, only by an approval of this very one, spent now.

        Raises:
            UnavailableError: see check_trust.
            ApprovalNeededError: nobody has agreed to it.
        """
        self.check_trust(outage.issued_at)
        if rules.is_on:
            approval = None if approval_id is None else unit.approvals.lock(approval_id)
            spent = approval is not None and approval.granted and approval.used_at == outage.issued_at
            if approval is None or not spent or not approval.is_for("outage", SUBJECT, wanted.terms):
                raise ApprovalNeededError("A second person has to approve this outage before its document is signed.")
        return outage.sign(self.desk.signer)

    def _sign(self, case: Case, refusal: str | None = None) -> tuple[Document, bytes]:
        self.check_trust(case.now)
        if not case.licence.is_approved:
            detail = "A second person has to approve this licence's size before anything is signed for it."
            raise UnavailableError(detail, _RETRY_AFTER)
        lease = Lease(self.desk.trust.issuer, case.licence, case.activation, case.asked.device_key)
        document = lease.document(new_id("doc", self.randomness), case.asked.nonce, case.now, refusal)
        return document, document.sign(self.desk.signer)

    def check_trust(self, now: int) -> None:
        """Sign nothing for a time at which no agent trusts us any more: it would take our word for that time, and stop.

        Raises:
            UnavailableError: the server's clock is years ahead, or nobody renewed the trust document in time.
        """
        if now >= self.desk.trust.expires_at + WARNING:
            detail = "The trust document has ended by this server's clock; a person must look at both."
            raise UnavailableError(detail, _RETRY_AFTER)


def _bound_to(unit: Unit, activation: Activation) -> str:
    """Return the device key that the head is bound to."""
    moved = activation.moved
    if moved is not None and unit.documents.is_moved(activation.id, activation.chain.head):
        return moved.kid
    return activation.device_key


def _remember(unit: Unit, event: str, case: Case, signed: tuple[Document, bytes], **details: object) -> None:
    moved = signed[0].device_key != case.activation.device_key
    unit.documents.add(signed[0], case.asked.request_id, moved=moved)
    _record(unit, event, case, signed, **details)


def _record(unit: Unit, event: str, case: Case, signed: tuple[Document, bytes], **details: object) -> None:
    document, written = signed
    facts: Mapping[str, object] = {
        "activation": document.activation_id,
        "document": hashlib.sha256(written).hexdigest(),
        "seq": document.seq,
        "status": document.status,
    }
    record(unit, event, case.licence, f"agent:{document.activation_id}", case.now, **facts, **details)
