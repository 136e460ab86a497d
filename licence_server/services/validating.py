"""Use cases: validate, and give a licence back."""

from collections.abc import Callable
from dataclasses import dataclass, replace

from keys.clock import Clock
from keys.documents.moving import open_proof
from keys.documents.requests import DEACTIVATION, VALIDATION, ValidationRequest, open_validation_request
from keys.errors import SignatureInvalidError
from keys.fingerprint import Match, compare
from keys.jws import KeyRing
from keys.signing import PublicKey
from licence_server.domain.activation import Activation
from licence_server.domain.licence import Licence
from licence_server.services.ports import Unit, Units
from licence_server.services.recording import compared, record
from licence_server.services.recovering import Evidence, catch_up, learn_key, move, open_evidence, rebuild, require
from licence_server.services.signing import Asked, Case, Signing


@dataclass(frozen=True, slots=True)
class Validating:
    """Answers validation and deactivation requests (T3).

    Every method raises:
        MalformedError, TooLargeError, SignatureInvalidError: see keys.jws.open_document.
        EvidenceRequiredError: the activation or the licence in hand is unknown here.
        RequestReplayedError: the request was answered, and its answer is not the head.
        UnavailableError: the server's clock went back, or its database does not answer.
    """

    units: Units
    clock: Clock
    signing: Signing
    devices: KeyRing

    def validate(self, document: bytes) -> bytes:
        """Return the successor of the licence in hand, of whatever status."""
        return self._answer(document, VALIDATION)

    def deactivate(self, document: bytes) -> bytes:
        """Take the licence back from the server; it can be activated again with another code."""
        return self._answer(document, DEACTIVATION)

    def _answer(self, document: bytes, kind: str) -> bytes:
        answer = self.opened(document, kind)
        with self.units() as unit:
            return answer(unit)

    def opened(self, document: bytes, kind: str) -> Callable[[Unit], bytes]:
        """Check a request as far as that needs no transaction, and return what answers it within one.

        Args:
            document: the request.
            kind: the header's ``typ`` that it has to have.
        """
        trust = self.signing.desk.trust
        request, key = open_validation_request(document, trust.issuer, self.devices, kind)
        evidence, next_key = open_evidence(request, key, trust), open_proof(request)

        def answer(unit: Unit) -> bytes:
            now = self.clock.now()
            licence, activation = _find(unit, request, key, evidence, now)
            case = Case(licence, activation, Asked(request.request_id, request.nonce, request.host, key.kid), now)
            if activation.last.request_id == request.request_id:
                return self.signing.repeated(unit, case)
            match = _compared(activation, request, key.kid, licence.threshold)
            if not match.fits:
                return self.signing.refusal(unit, case, "fingerprint_mismatch", **compared(match))
            case = _moved(unit, _followed(unit, case, request, evidence), request.previous, next_key)
            case = _drifted(unit, case, request)
            unit.usages.put(activation.id, request.usage)
            told = case.activation.told(request.usage, case.licence.seats, case.now)
            case = replace(case, activation=told)
            if kind == DEACTIVATION:
                return self._give_back(unit, case)
            reported = [event.to_claims() for event in request.events]
            return self.signing.successor(unit, case, "licence_validated", reported=reported)

        return answer

    def _give_back(self, unit: Unit, case: Case) -> bytes:
        if case.activation.binding == "live":
            licence = case.licence.released()
            unit.licences.put(licence)
            case = replace(case, licence=licence, activation=replace(case.activation, binding="deactivated"))
        return self.signing.successor(unit, case, "licence_deactivated")


def _find(
    unit: Unit, request: ValidationRequest, key: PublicKey, evidence: Evidence | None, now: int
) -> tuple[Licence, Activation]:
    licence = unit.licences.find_locked(request.licence_id)
    activation = unit.activations.find(request.activation_id)
    if licence is None or activation is None:
        return rebuild(unit, licence, require(evidence), request, now)
    if activation.licence_id != licence.id:
        raise SignatureInvalidError("The request is signed by another device key than the activation's.")
    if activation.jwk_of(key.kid) is None:
        return licence, learn_key(unit, licence, activation, evidence, key, now=now)
    is_moved = None if activation.moved is None else unit.documents.is_moved(activation.id, request.previous)
    if is_moved is not None and is_moved != (key.kid != activation.device_key):
        raise SignatureInvalidError("The licence in hand is bound to the other device key of this activation.")
    return licence, activation


def _followed(unit: Unit, case: Case, request: ValidationRequest, evidence: Evidence | None) -> Case:
    """Take the request into the chain, and act on what it shows."""
    licence, activation = case.licence, case.activation
    if not activation.chain.remembers(request.previous) and not unit.documents.knows(activation.id, request.previous):
        licence, activation = catch_up(unit, licence, activation, require(evidence), case.now)
    chain, findings = activation.chain.follow(request.previous, request.boot, licence.interval, case.now)
    # Copies of a server that the licence has left are turned away anyway, and harm the rightful one in nothing.
    counts = activation.binding == "live" and licence.state in ("active", "recovered")
    if "clone_detected" in findings and counts and licence.on_clone == "suspend":
        licence = licence.suspended("clone_detected", case.now)
        unit.licences.put(licence)
    about = {"previous": request.previous, "boot": request.boot.id, "host": request.host.name}
    for finding in findings:
        record(unit, finding, licence, f"agent:{activation.id}", case.now, **about)
    return replace(case, licence=licence, activation=replace(activation, chain=chain).suspected(findings, case.now))


def _moved(unit: Unit, case: Case, previous: str, key: PublicKey | None) -> Case:
    """Let the key that is proved take the first one's place, if nothing speaks against it; else all stays as it is."""
    licence, activation = case.licence, case.activation
    if key is None or licence.state_at(case.now) != "active":
        return case
    if not activation.lets_move(previous, licence.interval, case.now):
        return case
    activation = move(unit, licence, activation, key, case.now)
    return replace(case, activation=activation, asked=replace(case.asked, device_key=key.kid))


def _compared(activation: Activation, request: ValidationRequest, kid: str, threshold: int) -> Match:
    enrolled, seen = (activation.counting(each, kid) for each in (activation.components, request.components))
    return compare(enrolled, seen, threshold)


def _drifted(unit: Unit, case: Case, request: ValidationRequest) -> Case:
    """Enrol what was exchanged on the same machine, as far as the year's budget goes."""
    kid = case.asked.device_key
    settled = case.activation.settled(request.components, kid)
    match = _compared(settled, request, kid, case.licence.threshold)
    if not match.changed and not match.added:
        return replace(case, activation=settled)
    activation, enrolled = settled.followed(request.components, match, case.now)
    about = {**compared(match), "enrolled": enrolled}
    record(unit, "fingerprint_drifted", case.licence, f"agent:{activation.id}", case.now, **about)
    return replace(case, activation=activation)
