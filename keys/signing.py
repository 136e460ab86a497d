"""Public keys and signers: Ed25519 (RFC 8032, RFC 8037) and ES256 (RFC 7518, section 3.4) behind one interface.

The algorithm belongs to the key, never to the message (RFC 8725, section 3.1).
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal, Protocol, cast

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature, encode_dss_signature
from joserfc.errors import JoseError
from joserfc.jwk import ECKey, OKPKey

from keys.errors import MalformedError, SignatureInvalidError
from keys.sentences import phrase

Kind = Literal["Ed25519", "ES256"]
PublicHalf = ed25519.Ed25519PublicKey | ec.EllipticCurvePublicKey
PrivateHalf = ed25519.Ed25519PrivateKey | ec.EllipticCurvePrivateKey

WRITTEN_AS: dict[Kind, str] = {"Ed25519": "EdDSA", "ES256": "ES256"}
"""What ``alg`` we write; RFC 9864's ``Ed25519`` once stock libraries know it."""
ACCEPTED_AS: dict[Kind, frozenset[str]] = {
    "Ed25519": frozenset({"EdDSA", "Ed25519"}),
    "ES256": frozenset({"ES256"}),
}

_MEMBERS: dict[str, frozenset[str]] = {
    "OKP": frozenset({"kty", "crv", "x"}),
    "EC": frozenset({"kty", "crv", "x", "y"}),
}
_COORDINATE = 32
_SMALL_ORDER = frozenset(
    bytes.fromhex(encoding)
    for encoding in (
        "0000000000000000000000000000000000000000000000000000000000000000",
        "0100000000000000000000000000000000000000000000000000000000000000",
        "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
        "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
        "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
        "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
        "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    )
)
"""y-coordinates of Ed25519's points of small order, canonical or not; the sign bit makes each of them two encodings."""


@dataclass(frozen=True, slots=True)
class PublicKey:
    """A public key that verifies with its own algorithm and no other."""

    kid: str
    """Thumbprint (RFC 7638), base64url."""
    kind: Kind
    jwk: Mapping[str, str]
    """Public members only (RFC 7517)."""
    half: PublicHalf = field(repr=False, compare=False)

    def verify(self, message: bytes, signature: bytes) -> None:
        """Check a JOSE signature of 64 bytes. Raises SignatureInvalidError."""
        if len(signature) != 2 * _COORDINATE:
            raise SignatureInvalidError(phrase("The signature has the wrong length."))
        try:
            if isinstance(self.half, ed25519.Ed25519PublicKey):
                self.half.verify(signature, message)
            else:
                r, s = int.from_bytes(signature[:_COORDINATE]), int.from_bytes(signature[_COORDINATE:])
                self.half.verify(encode_dss_signature(r, s), message, ec.ECDSA(hashes.SHA256()))
        except InvalidSignature:
            raise SignatureInvalidError(phrase("The signature does not fit the bytes and the key.")) from None

    @classmethod
    def of(cls, half: PublicHalf) -> "PublicKey":
        """Name a key of the cryptography library."""
        key = OKPKey(half, half) if isinstance(half, ed25519.Ed25519PublicKey) else ECKey(half, half)
        members = {
            name: str(value) for name, value in key.as_dict(private=False).items() if name in _MEMBERS[key.key_type]
        }
        kind: Kind = "Ed25519" if isinstance(half, ed25519.Ed25519PublicKey) else "ES256"
        return cls(key.thumbprint(), kind, members, half)

    @classmethod
    def from_jwk(cls, jwk: object) -> "PublicKey":
        """Read a public JWK.

        Raises:
            MalformedError: not a public Ed25519 or P-256 key, members too many, or a point of small order, for which
                one constant signature verifies every message.
        """
        if not isinstance(jwk, dict) or not all(isinstance(value, str) for value in jwk.values()):
            raise MalformedError(phrase("A key must be a JWK with text members."))
        curve = (jwk.get("kty"), jwk.get("crv"))
        if curve not in {("OKP", "Ed25519"), ("EC", "P-256")} or set(jwk) != _MEMBERS[jwk["kty"]]:
            raise MalformedError(
                phrase("A key must be a public Ed25519 or P-256 key, with the members RFC 8037 or RFC 7518 name.")
            )
        try:
            public = cls.of(_imported(jwk))
        except (JoseError, ValueError, TypeError) as error:
            raise MalformedError(phrase("The key's members are no point of its curve.")) from error
        if public.jwk != jwk:
            raise MalformedError(phrase("The key's members are not in canonical base64url."))
        _refuse_small_order(public)
        return public


class Signer(Protocol):
    """Signs with one private key, in memory, in a TPM or an HSM. The key itself never shows."""

    @property
    def key(self) -> PublicKey:
        """The public half."""
        ...

    def sign(self, message: bytes) -> bytes:
        """Return the JOSE signature: 64 bytes."""
        ...


class SoftwareSigner:
    """Signs with a private key in this process's memory."""

    def __init__(self, private: PrivateHalf) -> None:
        self.private = private
        self._key = PublicKey.of(private.public_key())

    def __repr__(self) -> str:
        return f"SoftwareSigner({self._key.kid})"

    @property
    def key(self) -> PublicKey:
        """See Signer."""
        return self._key

    def sign(self, message: bytes) -> bytes:
        """See Signer."""
        if isinstance(self.private, ed25519.Ed25519PrivateKey):
            return self.private.sign(message)
        r, s = decode_dss_signature(self.private.sign(message, ec.ECDSA(hashes.SHA256())))
        return r.to_bytes(_COORDINATE) + s.to_bytes(_COORDINATE)

    @classmethod
    def generate(cls, kind: Kind = "Ed25519") -> "SoftwareSigner":
        """Make a key from the operating system's randomness."""
        return cls(
            ed25519.Ed25519PrivateKey.generate() if kind == "Ed25519" else ec.generate_private_key(ec.SECP256R1())
        )


def _imported(jwk: dict[str, str | list[str]]) -> PublicHalf:
    key = OKPKey.import_key(jwk) if jwk["kty"] == "OKP" else ECKey.import_key(jwk)
    return cast("PublicHalf", key.public_key)


def _refuse_small_order(public: PublicKey) -> None:
    if not isinstance(public.half, ed25519.Ed25519PublicKey):
        return
    encoding = public.half.public_bytes_raw()
    if encoding[:-1] + bytes([encoding[-1] & 0x7F]) in _SMALL_ORDER:
        raise MalformedError(phrase("The key is a point of small order."))
