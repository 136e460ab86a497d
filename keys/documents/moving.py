"""A device key in a TPM that takes the place of one in a file: it proves itself, and that one asks (section 5)."""

from keys.claims import Reader
from keys.documents.requests import ValidationRequest
from keys.errors import MalformedError, SignatureInvalidError
from keys.jws import Claims, open_introduction, sign_document
from keys.sentences import phrase
from keys.signing import PublicKey, Signer

KIND = "device-key+jwt"


def prove(signer: Signer, request: ValidationRequest) -> bytes:
    """Return the proof that a key is in hand, for one request of the key that it takes the place of."""
    claims: Claims = {
        "iss": signer.key.kid,
        "aud": request.audience,
        "act": request.activation_id,
        "nonce": request.nonce,
        "key": request.device_key,
    }
    return sign_document(KIND, claims, signer, introduce=True)


def open_proof(request: ValidationRequest) -> PublicKey | None:
    """Return the key that shall take the place of the one that signed a request, or None where none shall.

    Raises:
        MalformedError: it is no proof, or the key is not for ES256: a way leads into a TPM, and none out of it.
        SignatureInvalidError: the key did not sign it for this request, or it is the one that signed that.
    """
    if request.next_key is None:
        return None
    claims, key = open_introduction(request.next_key, KIND)
    if key.kind != "ES256":
        raise MalformedError(phrase("The key that takes another one's place must be a P-256 key."))
    reader = Reader(claims)
    said = (reader.ident("iss"), reader.text("aud"), reader.ident("act"), reader.ident("nonce"), reader.ident("key"))
    if said != (key.kid, request.audience, request.activation_id, request.nonce, request.device_key):
        raise SignatureInvalidError(phrase("The proof of the other device key belongs to another request."))
    if key.kid == request.device_key:
        raise SignatureInvalidError(phrase("The other device key is the one that signed the request."))
    return key
