"""What holds for all that a vendor issues, whatever it says: it is that vendor's, by a key within its own dates."""

from collections.abc import Callable
from typing import Protocol, TypeVar

from keys.errors import SignatureInvalidError
from keys.jws import Claims, open_document
from keys.sentences import Sentence, phrase
from keys.trust import Trust


class Issued(Protocol):
    """A document that a vendor issued."""

    @property
    def issuer(self) -> str:
        """Whose it is."""
        ...

    @property
    def issued_at(self) -> int:
        """NumericDate of its signing."""
        ...


D = TypeVar("D", bound=Issued)


def open_issued(document: bytes, kind: str, trust: Trust, read: Callable[[Claims], D], what: Sentence) -> D:
    """Verify a document under the trust in hand.

    Args:
        document: the bytes as they came.
        kind: the ``typ`` that it has to have.
        trust: whom to believe.
        read: reads its claims; raises MalformedError.
        what: how people call it, as a sentence begins.

    Raises:
        MalformedError, TooLargeError: not one of that kind.
        SignatureInvalidError: unknown or revoked key, another issuer, or signed outside the key's own dates.
    """
    claims, key = open_document(document, kind, trust)
    issued = read(claims)
    if issued.issuer != trust.issuer:
        said = phrase(
            "{what} is of {issuer}, not of {expected}.", what=what, issuer=issued.issuer, expected=trust.issuer
        )
        raise SignatureInvalidError(said)
    if not trust.signing_key(key.kid).may_sign_at(issued.issued_at):
        raise SignatureInvalidError(phrase("{what} was signed outside the dates of its signing key.", what=what))
    return issued
