"""What can be told of a request that is stored: what it said, and whether an answer is its own."""

from dataclasses import dataclass

from agent.domain.usage import Report
from agent.services.ports import Pending
from keys.documents.licence import Licence
from keys.documents.requests import DEACTIVATION, VALIDATION, ValidationRequest, open_validation_request
from keys.errors import SignatureInvalidError
from keys.sentences import phrase
from keys.signing import PublicKey, Signer

KINDS = {"validation": VALIDATION, "deactivation": DEACTIVATION}


def belongs(answer: Licence, pending: Pending, licence: Licence) -> bool:
    """Tell whether an answer is the one to this request: an old one, or another server's, is not."""
    grows = answer.seq > licence.seq or answer.status == "refused"
    is_mine = answer.device_key in {pending.key, pending.next_key or pending.key}
    said = (answer.nonce, answer.issuer, answer.licence_id, answer.activation_id)
    return grows and is_mine and said == (pending.nonce, licence.issuer, licence.licence_id, licence.activation_id)


def told(pending: Pending, signer: Signer) -> Report:
    """Return what a stored request reported."""
    request = opened(pending, signer)
    return Report(request.usage, request.events)


def opened(pending: Pending, signer: Signer) -> ValidationRequest:
    """Return a stored request. Raises LicensingError: that key did not sign it."""
    ring = OwnKey(signer.key)
    return open_validation_request(pending.document, pending.audience, ring, KINDS[pending.errand])[0]


@dataclass(frozen=True, slots=True)
class OwnKey:
    """The agent's own device key as the only one to believe."""

    key: PublicKey

    def find(self, kid: str) -> PublicKey:
        """See keys.jws.KeyRing."""
        if kid != self.key.kid:
            raise SignatureInvalidError(phrase("The stored request was signed by another key."))
        return self.key
