"""The seal of an installation package: the vendor's word that an agent's files are the ones that it gave out."""

import hashlib
import re
from dataclasses import dataclass
from typing import Literal

from keys.claims import Reader
from keys.documents.issued import open_issued
from keys.errors import MalformedError
from keys.jws import Claims, sign_document
from keys.sentences import phrase
from keys.signing import Signer
from keys.trust import Trust

KIND = "bundle+jwt"
Covered = Literal["tree", "file"]
_DIGEST = re.compile("[0-9a-f]{64}")


@dataclass(frozen=True, slots=True)
class Bundle:
    """What a seal says."""

    issuer: str
    issued_at: int
    """NumericDate of the trust document that the package carries: the same package is sealed by the same bytes."""
    version: str
    """Of the agent."""
    platform: str
    """What it runs on, e.g. ``linux-x86_64``."""
    covers: Covered
    """The list of digests of an agent's files, or a whole package as one file."""
    digest: str
    """SHA-256 of what it covers, in hexadecimal."""

    def sign(self, signer: Signer) -> bytes:
        """Return the signed document."""
        return sign_document(KIND, self.to_claims(), signer)

    def to_claims(self) -> Claims:
        """Return the claims, by their names in the document."""
        return {
            "iss": self.issuer,
            "iat": self.issued_at,
            "version": self.version,
            "platform": self.platform,
            "covers": self.covers,
            "sha256": self.digest,
        }

    @classmethod
    def from_claims(cls, claims: Claims) -> "Bundle":
        """Read verified claims. Raises MalformedError."""
        reader = Reader(claims)
        bundle = cls(
            issuer=reader.text("iss"),
            issued_at=reader.whole("iat"),
            version=reader.word("version"),
            platform=reader.word("platform"),
            covers=reader.one_of("covers", Covered),
            digest=reader.text("sha256", 64),
        )
        if not _DIGEST.fullmatch(bundle.digest):
            raise MalformedError(phrase("A seal has a SHA-256 in hexadecimal."))
        return bundle

    def is_of(self, content: bytes, covered: Covered) -> bool:
        """Tell whether it seals these very bytes, as what they are."""
        return self.covers == covered and self.digest == hashlib.sha256(content).hexdigest()


def open_bundle(document: bytes, trust: Trust) -> Bundle:
    """Verify a seal under the trust in hand.

    Raises:
        MalformedError, TooLargeError: not a seal.
        SignatureInvalidError: unknown or revoked key, another issuer, or signed outside the key's own dates.
    """
    return open_issued(document, KIND, trust, Bundle.from_claims, phrase("The package"))
