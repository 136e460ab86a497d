"""The outage document: the vendor declares a force majeure, and leases that would end in it go on (T7)."""

from collections.abc import Iterable
from dataclasses import dataclass

from keys.claims import Reader
from keys.documents.issued import open_issued
from keys.documents.licence import Licence
from keys.errors import MalformedError
from keys.jws import Claims, sign_document
from keys.sentences import phrase
from keys.signing import Signer
from keys.trust import Trust

KIND = "outage+jwt"
LONGEST = 90 * 86_400
"""Seconds that an outage may last, and that a lease may be stretched; one that goes on is declared once more."""
MOST_LICENCES = 1_000
ALL = "all"


@dataclass(frozen=True, slots=True)
class Outage:
    """A force majeure, as the vendor signed it. Moments are NumericDates."""

    issuer: str
    document_id: str
    issued_at: int
    from_at: int
    """A lease that ended before this is not brought back."""
    until_at: int
    """No lease goes on past this by this document."""
    extends: int
    """Seconds that a lease goes on after its ``exp``."""
    licences: tuple[str, ...] | None
    """Ids of the licences that it is for; None: all of the issuer's."""

    def sign(self, signer: Signer) -> bytes:
        """Return the signed document."""
        return sign_document(KIND, self.to_claims(), signer)

    def to_claims(self) -> Claims:
        """Return the claims, by their names on the wire."""
        return {
            "iss": self.issuer,
            "jti": self.document_id,
            "iat": self.issued_at,
            "from": self.from_at,
            "until": self.until_at,
            "extends": self.extends,
            "licences": ALL if self.licences is None else list(self.licences),
        }

    @classmethod
    def from_claims(cls, claims: Claims) -> "Outage":
        """Read verified claims. Raises MalformedError."""
        reader = Reader(claims)
        outage = cls(
            issuer=reader.text("iss"),
            document_id=reader.ident("jti"),
            issued_at=reader.whole("iat"),
            from_at=reader.whole("from"),
            until_at=reader.whole("until"),
            extends=reader.whole("extends", 1),
            licences=None if reader.raw("licences") == ALL else reader.idents("licences", MOST_LICENCES),
        )
        if not 0 < outage.until_at - outage.from_at <= LONGEST or outage.extends > LONGEST:
            raise MalformedError(
                phrase("An outage lasts and extends at most {most} seconds, and ends after it begins.", most=LONGEST)
            )
        return outage

    def is_for(self, licence: Licence) -> bool:
        """Tell whether it is about a licence at all."""
        return self.issuer == licence.issuer and (self.licences is None or licence.licence_id in self.licences)

    def end_of(self, licence: Licence) -> int:
        """Return when a licence document ends under it: its ``exp``, or later where that falls into the outage.

        What is not active is never revived, nor what ended before the outage; and nothing lasts past its end.
        """
        ends_at = licence.expires_at
        if licence.status != "active" or not self.is_for(licence) or not self.from_at <= ends_at < self.until_at:
            return ends_at
        return min(ends_at + self.extends, self.until_at)


def stretched(licence: Licence, outages: Iterable[Outage]) -> int:
    """Return when a licence document ends: by the one outage that stretches it furthest, for they don't add up."""
    return max([licence.expires_at, *(outage.end_of(licence) for outage in outages)])


def open_outage(document: bytes, trust: Trust) -> Outage:
    """Verify an outage document under the trust in hand.

    Raises:
        MalformedError, TooLargeError: not an outage document.
        SignatureInvalidError: unknown or revoked key, another issuer, or signed outside the key's own dates.
    """
    return open_issued(document, KIND, trust, Outage.from_claims, phrase("The outage document"))
