"""The licence: the one signed document, a lease that every validation renews (protocol, section 2)."""

from dataclasses import dataclass
from typing import Literal

from keys.claims import Reader
from keys.documents.issued import open_issued
from keys.documents.parts import Customer, Fingerprint, NetworkPolicy, Notice, Product, Seats, Terms, Validation
from keys.jws import Claims, sign_document
from keys.sentences import phrase
from keys.signing import Signer
from keys.trust import Trust

KIND = "licence+jwt"

Status = Literal["active", "suspended", "revoked", "expired", "superseded", "deactivated", "refused"]


@dataclass(frozen=True, slots=True)
class Licence:
    """A licence bound to one server, as the licence server signed it at one moment."""

    issuer: str
    licence_id: str
    activation_id: str
    document_id: str
    seq: int
    """1 for the first document of the activation, then one more for each; a refused document repeats the head's."""
    issued_at: int
    expires_at: int
    nonce: str
    device_key: str
    """Thumbprint of the device key that the licence is bound to (RFC 7800)."""
    activated_at: int
    """When the activation's first document was signed: of two activations of one licence the younger wins."""
    status: Status
    reason: str | None
    customer: Customer
    product: Product
    site: str
    terms: Terms
    seats: Seats
    features: tuple[str, ...]
    networks: tuple[str, ...]
    fingerprint: Fingerprint
    validation: Validation
    notices: tuple[Notice, ...] = ()
    network_policy: NetworkPolicy = "enforce"
    """``enforce`` in documents of before there was a choice."""

    def sign(self, signer: Signer) -> bytes:
        """Return the signed document."""
        return sign_document(KIND, self.to_claims(), signer)

    def to_claims(self) -> Claims:
        """Return the claims, by their names on the wire."""
        return {
            "iss": self.issuer,
            "sub": self.licence_id,
            "act": self.activation_id,
            "jti": self.document_id,
            "seq": self.seq,
            "iat": self.issued_at,
            "exp": self.expires_at,
            "nonce": self.nonce,
            "cnf": {"jkt": self.device_key},
            "activated_at": self.activated_at,
            "status": self.status,
            "reason": self.reason,
            "customer": self.customer.to_claims(),
            "product": self.product.to_claims(),
            "site": self.site,
            "terms": self.terms.to_claims(),
            "seats": self.seats.to_claims(),
            "features": list(self.features),
            "networks": list(self.networks),
            "network_policy": self.network_policy,
            "fingerprint": self.fingerprint.to_claims(),
            "validation": self.validation.to_claims(),
            "notices": [notice.to_claims() for notice in self.notices],
        }

    @classmethod
    def from_claims(cls, claims: Claims) -> "Licence":
        """Read verified claims. Raises MalformedError."""
        reader = Reader(claims)
        return cls(
            issuer=reader.text("iss"),
            licence_id=reader.ident("sub"),
            activation_id=reader.ident("act"),
            document_id=reader.ident("jti"),
            seq=reader.whole("seq", 1),
            issued_at=reader.whole("iat"),
            expires_at=reader.whole("exp"),
            nonce=reader.ident("nonce"),
            device_key=reader.inner("cnf").ident("jkt"),
            activated_at=reader.whole("activated_at"),
            status=reader.one_of("status", Status),
            reason=reader.maybe_word("reason"),
            customer=Customer.read(reader.inner("customer")),
            product=Product.read(reader.inner("product")),
            site=reader.text("site"),
            terms=Terms.read(reader.inner("terms")),
            seats=Seats.read(reader.inner("seats")),
            features=reader.words("features"),
            networks=reader.networks("networks"),
            fingerprint=Fingerprint.read(reader.inner("fingerprint")),
            validation=Validation.read(reader.inner("validation")),
            notices=tuple(Notice.read(entry) for entry in reader.objects("notices")),
            network_policy=_network_policy(reader),
        )


def _network_policy(reader: Reader) -> NetworkPolicy:
    found: NetworkPolicy = reader.one_of("network_policy", NetworkPolicy) if reader.has("network_policy") else "enforce"
    return found


def open_licence(document: bytes, trust: Trust) -> Licence:
    """Verify a licence under the trust in hand.

    Raises:
        MalformedError, TooLargeError: not a licence.
        SignatureInvalidError: unknown or revoked key, another issuer, or signed outside the key's own dates.
    """
    return open_issued(document, KIND, trust, Licence.from_claims, phrase("The licence"))
