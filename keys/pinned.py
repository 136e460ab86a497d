"""Checking documents by a trust document that is pinned in a file and rolls on: what any verifier has to be able to do.

An agent does the same and more. ``docs/conformance.md`` says it for other languages.
"""

from dataclasses import dataclass

from keys.documents.evidence import open_held
from keys.documents.licence import KIND as LICENCE
from keys.documents.licence import Licence, open_licence
from keys.documents.moving import open_proof
from keys.documents.outage import KIND as OUTAGE
from keys.documents.outage import open_outage
from keys.documents.requests import (
    ACTIVATION,
    DEACTIVATION,
    VALIDATION,
    ActivationRequest,
    ValidationRequest,
    open_activation_request,
    open_validation_request,
)
from keys.errors import LicenceRestrictedError, MalformedError, SignatureInvalidError
from keys.examining import DeviceRing, examine
from keys.jws import Claims, kind_of
from keys.signing import PublicKey
from keys.trust import WARNING, Trust

KINDS = (LICENCE, ACTIVATION, VALIDATION, DEACTIVATION, OUTAGE)


@dataclass(frozen=True, slots=True)
class Circumstances:
    """What the one who checks a document knows beside the trust document; whatever is None is not checked."""

    now: int
    """The wall clock: a NumericDate."""
    device: PublicKey | None = None
    """The device key that a licence must be bound to, or that must have signed a request."""
    request: bytes | None = None
    """The request that a licence must be the answer to."""
    held: bytes | None = None
    """The licence in hand that a licence must follow."""


def verify_pinned(document: bytes, kind: str, trust: Trust, around: Circumstances) -> Claims:
    """Return what a document says if it is worth anything to the one who checks it.

    Args:
        document: its bytes.
        kind: the ``typ`` that is expected: one of KINDS.
        trust: whom to believe.
        around: the rest of what is known.

    Raises:
        MalformedError, TooLargeError: not a document of that type.
        SignatureInvalidError: nobody believed signed it, or it belongs to another key, request or chain.
        LicenceRestrictedError: its time is over, or that of the trust document.
    """
    if kind_of(document) != kind:
        raise MalformedError(f"The document is not of the type {kind}.")
    if kind == LICENCE:
        return _licence(document, trust, around).to_claims()
    if kind == OUTAGE:
        return open_outage(document, trust).to_claims()
    return examine(document, trust, _request(document, kind, trust, around.device).key).claims


@dataclass(frozen=True, slots=True)
class _Ring:
    """Believes one device key, or none."""

    device: PublicKey | None

    def find(self, kid: str) -> PublicKey:
        """See keys.jws.KeyRing."""
        if self.device is None:
            raise SignatureInvalidError(f"The request names its device key only by id, {kid}: give the public key.")
        return DeviceRing(self.device).find(kid)


@dataclass(frozen=True, slots=True)
class _Asked:
    """A request that was verified."""

    request: ActivationRequest | ValidationRequest
    key: PublicKey
    successor: PublicKey | None = None
    """The key that shall take that one's place, by its proof."""

    def is_answered_by(self, licence: Licence) -> bool:
        """Tell whether a licence says of itself what the request says."""
        keys = {each.kid for each in (self.key, self.successor) if each is not None}
        mine = licence.device_key in keys and licence.nonce == self.request.nonce
        if isinstance(self.request, ActivationRequest):
            return mine
        said = (self.request.licence_id, self.request.activation_id)
        return mine and said == (licence.licence_id, licence.activation_id)


def _request(document: bytes, kind: str, trust: Trust, device: PublicKey | None) -> _Asked:
    if kind == ACTIVATION:
        asked = _Asked(*open_activation_request(document, trust.issuer))
    else:
        request, key = open_validation_request(document, trust.issuer, _Ring(device), kind)
        open_held(request, key, trust)
        asked = _Asked(request, key, open_proof(request))
    if device is not None and asked.key.kid != device.kid:
        raise SignatureInvalidError(f"The request is signed by {asked.key.kid}, not by the key given.")
    return asked


def _licence(document: bytes, trust: Trust, around: Circumstances) -> Licence:
    licence = open_licence(document, trust)
    if around.request is not None:
        asked = _request(around.request, kind_of(around.request), trust, around.device)
        if not asked.is_answered_by(licence):
            raise SignatureInvalidError("The licence is the answer to another request.")
    elif around.device is not None and licence.device_key != around.device.kid:
        raise SignatureInvalidError(f"The licence is bound to the device key {licence.device_key}, not to this one.")
    if around.held is not None:
        _check_follows(licence, open_licence(around.held, trust))
    now = max(around.now, licence.issued_at)  # a clock that is behind the vendor's says nothing (protocol, section 10)
    if now >= licence.expires_at:
        raise LicenceRestrictedError("The licence's time is over.")
    if now >= trust.expires_at + WARNING:
        raise LicenceRestrictedError("The trust document's time is over: take a newer one.")
    return licence


def _check_follows(licence: Licence, held: Licence) -> None:
    least = held.seq + (licence.status != "refused")
    same = (licence.licence_id, licence.activation_id) == (held.licence_id, held.activation_id)
    if not same or licence.seq < least:
        raise SignatureInvalidError("The licence is no successor of the one in hand.")
