"""The trust document: which roots vouch, by what threshold, for which signing keys (protocol, section 8; TUF)."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from keys.claims import Reader
from keys.errors import MalformedError, SignatureInvalidError, TooLargeError, TrustRefusedError
from keys.jws import MAX_BYTES, Claims, decode, encode, from_json, to_json
from keys.sentences import phrase
from keys.signing import ACCEPTED_AS, WRITTEN_AS, PublicKey, Signer

KeyStatus = Literal["active", "retired", "revoked"]

LIFETIME = 398 * 86_400
"""Seconds that a trust document is meant to last."""
WARNING = 90 * 86_400
"""Seconds before ``exp`` from which the vendor is warned, and seconds after it for which agents only warn."""
MOST_KEYS = 32
"""Roots, and signing keys, that a document may have."""


@dataclass(frozen=True, slots=True)
class SigningKey:
    """A key that signs licences, and what its signatures are worth."""

    key: PublicKey
    status: KeyStatus
    from_at: int
    until_at: int | None
    """What it signed after this moment is worth nothing; None: no end."""

    def may_sign_at(self, moment: int) -> bool:
        """Tell whether a signature of that moment counts."""
        return self.from_at <= moment and (self.until_at is None or moment <= self.until_at)


@dataclass(frozen=True, slots=True)
class Trust:
    """A trust document that enough roots signed."""

    issuer: str
    version: int
    issued_at: int
    expires_at: int
    roots: tuple[PublicKey, ...]
    threshold: int
    signing: tuple[SigningKey, ...]

    def find(self, kid: str) -> PublicKey:
        """Return a signing key that is not revoked. Raises SignatureInvalidError."""
        return self.signing_key(kid).key

    def signing_key(self, kid: str) -> SigningKey:
        """Return a signing key with its dates. Raises SignatureInvalidError when it is unknown or revoked."""
        for candidate in self.signing:
            if candidate.key.kid == kid and candidate.status != "revoked":
                return candidate
        raise SignatureInvalidError(phrase("The signing key {kid} is unknown or revoked.", kid=kid))

    @property
    def active(self) -> tuple[SigningKey, ...]:
        """The keys that sign now."""
        return tuple(candidate for candidate in self.signing if candidate.status == "active")

    def to_claims(self) -> Claims:
        """Return the payload of the document."""
        return {
            "typ": "trust",
            "iss": self.issuer,
            "version": self.version,
            "iat": self.issued_at,
            "exp": self.expires_at,
            "root": {"keys": [dict(root.jwk) for root in self.roots], "threshold": self.threshold},
            "signing": [
                {
                    "jwk": dict(entry.key.jwk),
                    "status": entry.status,
                    "from": entry.from_at,
                    "until": entry.until_at,
                }
                for entry in self.signing
            ],
        }

    @classmethod
    def from_claims(cls, claims: Claims) -> "Trust":
        """Read a payload. Raises MalformedError."""
        reader = Reader(claims)
        if reader.text("typ") != "trust":
            raise MalformedError(phrase("The document is not a trust document."))
        root = reader.inner("root")
        roots = tuple(PublicKey.from_jwk(jwk.everything()) for jwk in root.objects("keys"))
        trust = cls(
            issuer=reader.text("iss"),
            version=reader.whole("version", 1),
            issued_at=reader.whole("iat"),
            expires_at=reader.whole("exp"),
            roots=roots,
            threshold=root.whole("threshold", 1),
            signing=tuple(_signing_key(entry) for entry in reader.objects("signing")),
        )
        trust._check()
        return trust

    @classmethod
    def of_payload(cls, payload: bytes) -> "Trust":
        """Read the payload of an envelope, whoever signed it. Raises MalformedError."""
        return cls.from_claims(from_json(payload))

    def _check(self) -> None:
        if self.threshold > len(self.roots) or len({root.kid for root in self.roots}) != len(self.roots):
            raise MalformedError(phrase("The roots must differ, and be at least as many as their threshold."))
        if max(len(self.roots), len(self.signing)) > MOST_KEYS:
            raise MalformedError(phrase("A trust document has at most {most} keys of each kind.", most=MOST_KEYS))
        if len({entry.key.kid for entry in self.signing}) != len(self.signing):
            raise MalformedError(phrase("A signing key stands twice in the trust document."))
        if {root.kid for root in self.roots} & {entry.key.kid for entry in self.signing}:
            raise MalformedError(
                phrase("A root key signs only trust documents; this one is named as a signing key too.")
            )


@dataclass(frozen=True, slots=True)
class Envelope:
    """A trust document as bytes: a payload and its signatures, not believed yet."""

    payload: bytes
    signatures: tuple[tuple[bytes, bytes], ...]
    """Protected header and signature, both in base64url."""

    def to_bytes(self) -> bytes:
        """Write JWS JSON serialisation (RFC 7515, section 7.2.1)."""
        rows = [
            {"protected": protected.decode(), "signature": signature.decode()}
            for protected, signature in self.signatures
        ]
        return to_json({"payload": encode(self.payload).decode(), "signatures": rows})

    def signed_by(self, root: Signer) -> "Envelope":
        """Return the document with one signature more; a second one of the same root replaces the first."""
        protected = encode(to_json({"alg": WRITTEN_AS[root.key.kind], "kid": root.key.kid}))
        signature = encode(root.sign(protected + b"." + encode(self.payload)))
        others = tuple(row for row in self.signatures if from_json(decode(row[0])).get("kid") != root.key.kid)
        return Envelope(self.payload, (*others, (protected, signature)))

    def signers(self, roots: Iterable[PublicKey]) -> frozenset[str]:
        """Return the ids of those roots whose signature verifies; strangers' signatures count nothing."""
        known = {root.kid: root for root in roots}
        found = set()
        for protected, signature in self.signatures:
            header = from_json(decode(protected))
            kid, algorithm = header.get("kid"), header.get("alg")
            if not isinstance(kid, str) or kid not in known or set(header) - {"alg", "kid", "typ"}:
                continue
            if not isinstance(algorithm, str) or algorithm not in ACCEPTED_AS[known[kid].kind]:
                continue
            try:
                known[kid].verify(protected + b"." + encode(self.payload), decode(signature))
            except SignatureInvalidError:
                continue
            found.add(kid)
        return frozenset(found)

    @classmethod
    def of(cls, trust: Trust) -> "Envelope":
        """Return an unsigned document."""
        return cls(to_json(trust.to_claims()), ())

    @classmethod
    def from_bytes(cls, document: bytes) -> "Envelope":
        """Read JWS JSON serialisation. Raises MalformedError, TooLargeError."""
        if len(document) > MAX_BYTES:
            raise TooLargeError(
                phrase("The trust document has {size} bytes; {most} are the most.", size=len(document), most=MAX_BYTES)
            )
        reader = Reader(from_json(document))
        payload = decode(reader.text("payload", MAX_BYTES).encode())
        rows = tuple(
            (row.text("protected").encode(), row.text("signature").encode()) for row in reader.objects("signatures")
        )
        return cls(payload, rows)


def pin_trust(document: bytes) -> Trust:
    """Open a trust document that a person vouches for by carrying it: a threshold of its own roots must have signed it.

    Raises:
        MalformedError, TooLargeError: not a trust document.
        TrustRefusedError: too few of its own roots signed it.
    """
    envelope = Envelope.from_bytes(document)
    trust = Trust.of_payload(envelope.payload)
    _check_threshold(envelope, trust, phrase("its own"))
    return trust


def replace_trust(current: Trust, document: bytes) -> Trust:
    """Return the successor of the trust in hand, or the trust in hand when the document is the same version.

    Raises:
        MalformedError, TooLargeError: not a trust document.
        TrustRefusedError: an older version, another issuer, or too few of the old or of the new roots signed it.
    """
    envelope = Envelope.from_bytes(document)
    trust = Trust.of_payload(envelope.payload)
    _check_threshold(envelope, current, phrase("the trusted"))
    _check_threshold(envelope, trust, phrase("its own"))
    if trust.issuer != current.issuer:
        raise TrustRefusedError(
            phrase(
                "The trust document is of {issuer}, not of {expected}.", issuer=trust.issuer, expected=current.issuer
            )
        )
    if trust.version < current.version or (trust.version == current.version and trust != current):
        raise TrustRefusedError(
            phrase(
                "Version {version} does not follow version {held}, which is in hand.",
                version=trust.version,
                held=current.version,
            )
        )
    return current if trust.version == current.version else trust


def _check_threshold(envelope: Envelope, trust: Trust, whose: str) -> None:
    count = len(envelope.signers(trust.roots))
    if count < trust.threshold:
        raise TrustRefusedError(
            phrase(
                "{count} of {whose} roots signed the trust document; {threshold} are needed.",
                count=count,
                whose=whose,
                threshold=trust.threshold,
            )
        )


def _signing_key(reader: Reader) -> SigningKey:
    return SigningKey(
        key=PublicKey.from_jwk(reader.raw("jwk")),
        status=reader.one_of("status", KeyStatus),
        from_at=reader.whole("from"),
        until_at=reader.maybe_whole("until"),
    )
