"""Opening any document of the protocol, for people who want to know what they hold."""

from dataclasses import dataclass

from keys.documents.licence import KIND as LICENCE
from keys.documents.licence import open_licence
from keys.documents.outage import KIND as OUTAGE
from keys.documents.outage import open_outage
from keys.documents.requests import (
    ACTIVATION,
    DEACTIVATION,
    VALIDATION,
    open_activation_request,
    open_validation_request,
)
from keys.errors import InvalidInputError, MalformedError, SignatureInvalidError
from keys.jws import Claims, introduces, kind_of, open_document, open_introduction
from keys.signing import PublicKey
from keys.trust import Envelope, Trust, pin_trust, replace_trust


@dataclass(frozen=True, slots=True)
class Finding:
    """A document that was verified."""

    kind: str
    signed_by: tuple[str, ...]
    """Key ids: of the signing key, of the device key, of the roots."""
    claims: Claims


@dataclass(frozen=True, slots=True)
class DeviceRing:
    """Believes one device key."""

    key: PublicKey

    def find(self, kid: str) -> PublicKey:
        """See keys.jws.KeyRing."""
        if kid != self.key.kid:
            raise SignatureInvalidError(f"The request is signed by {kid}, not by the key given.")
        return self.key


def examine(document: bytes, trust: Trust | None, device: PublicKey | None = None) -> Finding:
    """Verify a document of whatever type.

    Args:
        document: a licence, a request, an outage document or a trust document.
        trust: whom to believe; a request must then be meant for its issuer, a trust document follow it.
        device: the key of a request that names its key only by id.

    Raises:
        InvalidInputError: what it has to be verified by was not given.
        MalformedError, SignatureInvalidError, TooLargeError, TrustRefusedError: it is not what it should be.
    """
    if document.startswith(b"{"):
        return _trust(document, trust)
    kind = kind_of(document)
    if kind in {LICENCE, OUTAGE}:
        return _of_the_vendor(document, kind, trust)
    if kind in {ACTIVATION, VALIDATION, DEACTIVATION}:
        return _request(document, kind, trust, device)
    raise MalformedError(
        "This is none of: licence, activation, validation, deactivation, outage document, trust document."
    )


def _trust(document: bytes, current: Trust | None) -> Finding:
    found = pin_trust(document) if current is None else replace_trust(current, document)
    signers = Envelope.from_bytes(document).signers(found.roots)
    return Finding("trust", tuple(root.kid for root in found.roots if root.kid in signers), found.to_claims())


def _of_the_vendor(document: bytes, kind: str, trust: Trust | None) -> Finding:
    if trust is None:
        what = "A licence" if kind == LICENCE else "An outage document"
        raise InvalidInputError(f"{what} is verified by a trust document: give it with --root FILE.")
    found = open_licence(document, trust) if kind == LICENCE else open_outage(document, trust)
    _, key = open_document(document, kind, trust)
    return Finding(kind, (key.kid,), found.to_claims())


def _request(document: bytes, kind: str, trust: Trust | None, device: PublicKey | None) -> Finding:
    if introduces(document, kind):
        claims, key = open_introduction(document, kind)
    elif device is None:
        raise InvalidInputError("This request names its key only by id: give the public key with --key FILE.")
    else:
        claims, key = open_document(document, kind, DeviceRing(device))
    audience = str(claims.get("aud")) if trust is None else trust.issuer
    if kind == ACTIVATION:
        open_activation_request(document, audience)
    else:
        open_validation_request(document, audience, DeviceRing(key), kind)
    return Finding(kind, (key.kid,), claims)
