"""Signatures at a thousandth of the price: a keyed digest in place of Ed25519, which other tests are about.

Everything else of a document stays: its header, its strict JSON, the claims' types, the key ring, the refusal of what
does not verify. Whoever knows the public key can forge such a signature, so nothing here is a secret.
"""

import hashlib
from dataclasses import dataclass, field

from keys.errors import SignatureInvalidError
from keys.jws import KeyRing
from keys.signing import PublicKey, SoftwareSigner
from keys.trust import Envelope, SigningKey, Trust
from tests.fakes import START


class QuickKey(PublicKey):
    """A public key under another's name."""

    __slots__ = ()

    @classmethod
    def like(cls, key: PublicKey) -> "QuickKey":
        return cls(key.kid, key.kind, key.jwk, key.half)

    def digest(self, message: bytes) -> bytes:
        return hashlib.blake2b(message, key=self.kid.encode(), digest_size=64).digest()

    def verify(self, message: bytes, signature: bytes) -> None:
        """See PublicKey."""
        if signature != self.digest(message):
            raise SignatureInvalidError("The signature does not fit the bytes and the key.")


class QuickSigner:
    """A signer (keys.signing.Signer) of the name of a real one."""

    def __init__(self, key: PublicKey) -> None:
        self.key = QuickKey.like(key)

    def sign(self, message: bytes) -> bytes:
        return self.key.digest(message)


class QuickRing:
    """The same keys as another ring's (keys.jws.KeyRing)."""

    def __init__(self, ring: KeyRing) -> None:
        self._ring, self._known = ring, dict[str, QuickKey]()

    def find(self, kid: str) -> PublicKey:
        if kid not in self._known:
            self._known[kid] = QuickKey.like(self._ring.find(kid))
        return self._known[kid]


@dataclass(slots=True)
class QuickDesk:
    """A desk to sign at (licence_server.services.ports.Desk)."""

    issuer: str = "https://licence.example.com"
    root: SoftwareSigner = field(default_factory=SoftwareSigner.generate)
    signer: QuickSigner = field(init=False)
    trust: Trust = field(init=False)

    def __post_init__(self) -> None:
        self.signer = QuickSigner(SoftwareSigner.generate().key)
        key = SigningKey(self.signer.key, "active", 0, None)
        self.trust = Trust(self.issuer, 1, START, 3 * START, (self.root.key,), 1, (key,))

    @property
    def trust_document(self) -> bytes:
        return Envelope.of(self.trust).signed_by(self.root).to_bytes()
