"""Opening any document of the protocol, for people who want to know what they hold."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from keys.documents.bundle import KIND as BUNDLE
from keys.documents.bundle import Bundle, open_bundle
from keys.documents.licence import KIND as LICENCE
from keys.documents.licence import Licence, open_licence
from keys.documents.moving import open_proof
from keys.documents.outage import KIND as OUTAGE
from keys.documents.outage import Outage, open_outage
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

_VENDORS: Mapping[str, tuple[str, Callable[[bytes, Trust], Licence | Outage | Bundle]]] = MappingProxyType({
    LICENCE: ("A licence", open_licence),
    OUTAGE: ("An outage document", open_outage),
    BUNDLE: ("The seal of a package", open_bundle),
})  # fmt: skip
"""What the vendor signs: its name, and how it is opened."""


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
        document: a licence, a request, an outage document, the seal of a package or a trust document.
        trust: whom to believe; a request must then be meant for its issuer, a trust document follow it.
        device: the key of a request that names its key only by id.

    Raises:
        InvalidInputError: what it has to be verified by was not given.
        MalformedError, SignatureInvalidError, TooLargeError, TrustRefusedError: it is not what it should be.
    """
    if document.startswith(b"{"):
        return _trust(document, trust)
    kind = kind_of(document)
    if kind in _VENDORS:
        return _of_the_vendor(document, kind, trust)
    if kind in {ACTIVATION, VALIDATION, DEACTIVATION}:
        return _request(document, kind, trust, device)
    raise MalformedError(
        "This is none of: licence, activation, validation, deactivation, outage document, seal, trust document."
    )


def _trust(document: bytes, current: Trust | None) -> Finding:
    found = pin_trust(document) if current is None else replace_trust(current, document)
    signers = Envelope.from_bytes(document).signers(found.roots)
    return Finding("trust", tuple(root.kid for root in found.roots if root.kid in signers), found.to_claims())


def _of_the_vendor(document: bytes, kind: str, trust: Trust | None) -> Finding:
    if trust is None:
        raise InvalidInputError(f"{_VENDORS[kind][0]} is verified by a trust document: give it with --root FILE.")
    found = _VENDORS[kind][1](document, trust)
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
        open_proof(open_validation_request(document, audience, DeviceRing(key), kind)[0])
    return Finding(kind, (key.kid,), claims)
