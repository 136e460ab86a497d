"""The licence in hand as evidence, for a server that lost what it knew (protocol, section 5)."""

from keys.documents.licence import Licence, open_licence
from keys.documents.requests import ValidationRequest
from keys.errors import SignatureInvalidError
from keys.sentences import phrase
from keys.signing import PublicKey
from keys.trust import Trust


def open_held(request: ValidationRequest, key: PublicKey, trust: Trust) -> Licence | None:
    """Return the licence that a request brings along as evidence, or None where it brings none.

    Args:
        request: a request that was verified.
        key: the device key that it was verified under.
        trust: whose licences count.

    Raises:
        MalformedError, SignatureInvalidError: what it brings is not ours, or is somebody else's.
    """
    if request.held is None:
        return None
    held = open_licence(request.held, trust)
    mine = (held.licence_id, held.activation_id, held.device_key) == (
        request.licence_id,
        request.activation_id,
        key.kid,
    )
    if not mine or held.document_id != request.previous or held.status == "refused":
        raise SignatureInvalidError(phrase("The licence in hand is not of this activation, device key and request."))
    return held
