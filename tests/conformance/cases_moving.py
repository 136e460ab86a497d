"""A device key that another one takes the place of: its proof in a request, and the answer that may be bound to it."""
# ruff: noqa: E501 - a case is a row
# fmt: off

from collections.abc import Iterator
from typing import Any

from tests.conformance.material import (
    BAD,
    DEACTIVATING,
    DEACTIVATION,
    DEVICE,
    DIGEST,
    ISSUER,
    NEXT,
    STRANGER,
    TPM,
    UNSIGNED,
    VALIDATING,
    VALIDATION,
    Case,
    Json,
    Key,
    activation,
    as_json,
    b64,
    checked,
    forge,
    header,
    hs256,
    licence,
    validation,
)

KIND = "device-key+jwt"
SOURCE = "protocol, section 5: moving the device key"
OTHER_TPM = Key(23, "EC")
MINE = {"device": as_json(DEVICE.jwk)}
KNOWN: dict[str, Any] = {"kind": VALIDATION, "beside": MINE}
PROVING: Json = {"iss": TPM.kid, "aud": ISSUER, "act": "act_1", "nonce": VALIDATING["nonce"], "key": DEVICE.kid}
LONGEST = 4096


def cases() -> Iterator[Case]:
    yield from good()
    yield from of_others()
    yield from keys()
    yield from forms()
    yield from claims()
    yield from answers()


def proof(signer: Key = TPM, /, **changes: Any) -> bytes:
    """What a key says for itself; a claim that is ``...`` is left out."""
    said = {**PROVING, "iss": signer.kid, **changes}
    return forge(header(KIND, signer, introduce=True), {name: value for name, value in said.items() if value is not ...}, signer)


def moving(next_key: bytes | object = None, **changes: Any) -> bytes:
    said = proof() if next_key is None else next_key
    return validation(next_key=said.decode() if isinstance(said, bytes) else said, **changes)


def wrapped(head: object, said: Json | bytes = PROVING, key: Key | None = TPM) -> bytes:
    return moving(forge(as_json(head), said, key))


def good() -> Iterator[Case]:
    yield checked("next-key-plain", "Each of both keys signs for the other.", SOURCE, moving(), claims={"jti": "req_2"}, **KNOWN)
    yield checked("next-key-claims-unknown", "A newer agent may say more.", "protocol, section 2", moving(proof(colour="blue")), **KNOWN)
    held = forge(header(VALIDATION, DEVICE, introduce=True), {**VALIDATING, "held": licence(jti="doc_1", seq=1).decode(), "next_key": proof().decode()}, DEVICE)
    yield checked("next-key-with-evidence", "Both at once: the licence in hand names the key that signs, and that one the other.", SOURCE, held, **KNOWN)
    sized = proof(pad="x" * _padding(LONGEST))
    assert len(sized) == LONGEST
    yield checked("next-key-of-4096", "The largest that is read.", SOURCE, moving(sized), **KNOWN)
    given = forge(header(DEACTIVATION, DEVICE), {**DEACTIVATING, "next_key": 7}, DEVICE)
    yield checked("deactivation-next-key", "A deactivation has no such claim, and claims that no table has are passed over.", "protocol, section 2", given, kind=DEACTIVATION, beside=MINE)
    from_tpm = validation(OTHER_TPM, next_key=proof(key=OTHER_TPM.kid).decode())
    yield checked("next-key-of-a-p256-device", "The request is good. The server lets nothing move that is no Ed25519 key, and says nothing.", SOURCE, from_tpm, kind=VALIDATION, beside={"device": as_json(OTHER_TPM.jwk)})


def of_others() -> Iterator[Case]:
    for what, changes, why in (
        ("for-another-server", {"aud": "https://other.example"}, "It was made for another licence server."),
        ("for-another-activation", {"act": "act_2"}, "It was made for another activation."),
        ("replayed", {"nonce": "b2xk"}, "It was made for an earlier request of the same agent."),
        ("for-another-key", {"key": STRANGER.kid}, "It was made to take another key's place."),
        ("for-itself", {"key": TPM.kid}, "It names its own key as the one whose place it takes."),
        ("of-another-issuer", {"iss": OTHER_TPM.kid}, "iss names the key that signed it."),
        ("issued-by-the-old-key", {"iss": DEVICE.kid}, "iss names the key that signed it."),
    ):
        yield checked(f"next-key-{what}", why, SOURCE, moving(proof(**changes)), UNSIGNED, **KNOWN)
    same = validation(TPM, next_key=proof(key=TPM.kid).decode())
    yield checked("next-key-the-same", "No key takes its own place.", SOURCE, same, UNSIGNED, kind=VALIDATION, beside={"device": as_json(TPM.jwk)})
    swapped = forge(header(KIND, TPM, introduce=True), PROVING, OTHER_TPM)
    yield checked("next-key-signed-by-another", "Whoever knows a public key could name it: it has to sign itself.", SOURCE, moving(swapped), UNSIGNED, **KNOWN)
    head, _, signature = proof().split(b".")
    mixed = b".".join([head, b64(as_json({**PROVING, "colour": "blue"})).encode(), signature])
    yield checked("next-key-changed", "The signature covers every byte.", SOURCE, moving(mixed), UNSIGNED, **KNOWN)
    yield checked("next-key-under-a-bad-request", "What comes along makes nothing good: the request itself is somebody else's.", SOURCE, forge(header(VALIDATION, DEVICE), {**VALIDATING, "next_key": proof().decode()}, STRANGER), UNSIGNED, **KNOWN)


def keys() -> Iterator[Case]:
    ed25519 = proof(NEXT)
    yield checked("next-key-ed25519", "A way leads into a TPM, and none out of it.", SOURCE, moving(ed25519), BAD, **KNOWN)
    for what, jwk, why in (
        ("private", {**TPM.jwk, "d": DIGEST}, "A private key does not belong into a message."),
        ("with-kid", {**TPM.jwk, "kid": "mine"}, "A key has the members of its kind and no others."),
        ("padded", {**TPM.jwk, "x": TPM.jwk["x"] + "="}, "One spelling for one key: else one key has two thumbprints."),
        ("p384", {**TPM.jwk, "crv": "P-384"}, "That curve is not used."),
        ("not-on-curve", {**TPM.jwk, "y": TPM.jwk["x"]}, "The point is not on P-256."),
        ("symmetric", {"kty": "oct", "k": DIGEST}, "No symmetric key signs."),
        ("null", None, "null is no key."),
    ):
        yield checked(f"next-key-jwk-{what}", why, SOURCE, wrapped({"alg": "ES256", "typ": KIND, "jwk": jwk}), BAD, **KNOWN)


def forms() -> Iterator[Case]:
    jwk = TPM.jwk
    for what, head, expect, why in (
        ("kid", {"alg": "ES256", "typ": KIND, "kid": TPM.kid}, BAD, "Nobody knows the key yet: it has to come along."),
        ("kid-beside-jwk", {"alg": "ES256", "typ": KIND, "kid": TPM.kid, "jwk": jwk}, BAD, "One of both, and not both."),
        ("crit", {"alg": "ES256", "typ": KIND, "jwk": jwk, "crit": ["exp"]}, BAD, "A header has three members and no more."),
        ("typ-of-a-request", {"alg": "ES256", "typ": VALIDATION, "jwk": jwk}, BAD, "A document of another type proves something else."),
        ("typ-missing", {"alg": "ES256", "jwk": jwk}, BAD, "Its type is said."),
        ("alg-eddsa", {"alg": "EdDSA", "typ": KIND, "jwk": jwk}, UNSIGNED, "The algorithm belongs to the key."),
        ("alg-hs256", {"alg": "HS256", "typ": KIND, "jwk": jwk}, UNSIGNED, "The algorithm belongs to the key."),
    ):
        yield checked(f"next-key-{what}", why, SOURCE, wrapped(head), expect, **KNOWN)
    none = forge({"alg": "none", "typ": KIND, "jwk": jwk}, PROVING, None)
    yield checked("next-key-alg-none", "An unsecured proof proves nothing.", "RFC 8725, section 3.1", moving(none), UNSIGNED, **KNOWN)
    with_public = hs256({"alg": "HS256", "typ": KIND, "jwk": jwk}, PROVING, as_json(jwk))
    yield checked("next-key-hs256-by-its-public-half", "A public key is no secret.", "RFC 8725, section 2.1", moving(with_public), UNSIGNED, **KNOWN)
    der = forge(header(KIND, TPM, introduce=True), PROVING, None)
    der += b64(TPM.der(der[:-1])).encode()
    yield checked("next-key-signature-der", "A TPM's programs give DER; JOSE's form is R and S, 32 bytes each.", "RFC 7518, section 3.4", moving(der), UNSIGNED, **KNOWN)
    for what, next_key, why in (
        ("null", None, "null is no document."),
        ("empty", "", "Nothing is no document."),
        ("object", PROVING, "Claims that nobody signed."),
        ("list", [proof().decode()], "One key takes another one's place, not several."),
        ("text", "yes", "Not three parts."),
        ("a-licence", licence().decode(), "A licence is no proof of a key."),
        ("a-request", activation(TPM).decode(), "An activation request brings a key along, too, and proves it for something else."),
        ("of-4097", proof(pad="x" * (_padding(LONGEST) + 1)).decode(), "More than 4096 characters."),
        ("padded", proof().decode() + "==", "There is one base64url form."),
        ("five-parts", "e30.e30.e30.e30.e30", "Encrypted proofs are not read."),
        ("persian", "کلید", "Not base64url."),
    ):
        yield checked(f"next-key-{what}", why, SOURCE, validation(next_key=next_key), BAD, **KNOWN)


def claims() -> Iterator[Case]:
    for what, changes, why in (
        ("iss-missing", {"iss": ...}, "It says whose it is."),
        ("aud-missing", {"aud": ...}, "It says whom it is meant for."),
        ("aud-list", {"aud": [ISSUER]}, "aud is one text."),
        ("act-missing", {"act": ...}, "It says for which activation."),
        ("nonce-missing", {"nonce": ...}, "It says for which request."),
        ("nonce-number", {"nonce": 7}, "A number is no nonce."),
        ("key-missing", {"key": ...}, "It says whose place it takes."),
        ("key-jwk", {"key": DEVICE.jwk}, "A key is named by its thumbprint."),
    ):
        yield checked(f"next-key-{what}", why, SOURCE, moving(proof(**changes)), BAD, **KNOWN)
    twice = as_json(PROVING).replace(b'"nonce"', b'"key":"x","nonce"')
    yield checked("next-key-claim-twice", "Two readers would see two keys.", "RFC 7493 (I-JSON); protocol, section 2", wrapped(header(KIND, TPM, introduce=True), twice), BAD, **KNOWN)


def answers() -> Iterator[Case]:
    asked = moving()
    moved = licence(cnf={"jkt": TPM.kid})
    for what, document, request, expect, why in (
        ("moved", moved, asked, "accepted", "The server let the key move: the licence is bound to the other one from now on."),
        ("not-moved", licence(), asked, "accepted", "The server did not let it move, and says so by what the licence is bound to."),
        ("to-a-third-key", licence(cnf={"jkt": OTHER_TPM.kid}), asked, UNSIGNED, "Bound to a key that nobody proved."),
        ("moved-unasked", moved, validation(), UNSIGNED, "Nobody asked for it: the server can't choose a key."),
        ("moved-with-an-old-nonce", licence(cnf={"jkt": TPM.kid}, nonce="b2xk"), asked, UNSIGNED, "An old answer, replayed."),
        ("moved-by-a-replayed-proof", moved, moving(proof(nonce="b2xk")), UNSIGNED, "The request proves no other key."),
        ("moved-by-a-stranger", moved, validation(STRANGER, next_key=proof(key=STRANGER.kid).decode()), UNSIGNED, "The key that asked is not this device's."),
    ):
        yield checked(f"answer-next-key-{what}", why, SOURCE, document, expect, beside={**MINE, "request": request})
    tpm = {"device": as_json(TPM.jwk)}
    yield checked("answer-next-key-to-the-other-device", "The other key signed no request.", SOURCE, moved, UNSIGNED, beside={**tpm, "request": asked})
    yield checked("licence-bound-to-the-next-key", "What counts from then on, by itself.", SOURCE, moved, beside=tpm)
    yield checked("licence-bound-to-the-key-before", "The old key holds nothing of what came after the move.", SOURCE, moved, UNSIGNED, beside=MINE)


def _padding(size: int) -> int:
    """How many letters a claim of a proof needs for that size."""
    return next(letters for letters in range(size) if len(proof(pad="x" * letters)) == size)
