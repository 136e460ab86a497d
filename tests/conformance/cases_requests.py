"""Requests of agents: whose they are, whom they are meant for, and what they may bring along."""
# ruff: noqa: E501 - a case is a row
# fmt: off

from collections.abc import Iterator

from tests.conformance.material import (
    ACTIVATING,
    ACTIVATION,
    BAD,
    DEACTIVATING,
    DEACTIVATION,
    DEVICE,
    DIGEST,
    SIGNING,
    STRANGER,
    TPM,
    UNSIGNED,
    VALIDATING,
    VALIDATION,
    Case,
    Json,
    activation,
    as_json,
    checked,
    forge,
    header,
    licence,
    validation,
)

SOURCE = "protocol, section 5"
KNOWN: Json = {"kind": VALIDATION, "beside": {"device": as_json(DEVICE.jwk)}}


def cases() -> Iterator[Case]:
    yield from activations()
    yield from validations()
    yield from evidence()
    yield from claims()


def activations() -> Iterator[Case]:
    yield checked("activation-plain", "It brings its key along, which signed it.", SOURCE, activation(), kind=ACTIVATION, claims={"jti": "req_1"})
    yield checked("activation-of-a-tpm", "The device key may be a P-256 key.", SOURCE, activation(TPM), kind=ACTIVATION)
    known = {"device": as_json(DEVICE.jwk)}
    yield checked("activation-of-this-device", "It brings along the key that is expected.", SOURCE, activation(), kind=ACTIVATION, beside=known)
    yield checked("activation-of-another-device", "It brings along another key than the one expected.", SOURCE, activation(STRANGER), UNSIGNED, kind=ACTIVATION, beside=known)
    for what, document, expect, why in (
        ("with-kid", forge(header(ACTIVATION, DEVICE), ACTIVATING, DEVICE), BAD, "Nobody knows the key yet: it has to come along."),
        ("of-another-issuer", activation(iss=STRANGER.kid), UNSIGNED, "iss names the key that signed."),
        ("signed-by-another", forge(header(ACTIVATION, DEVICE, introduce=True), ACTIVATING, STRANGER), UNSIGNED, "The key that came along did not sign."),
        ("for-another-server", activation(aud="https://other.example"), BAD, "It is meant for another licence server."),
        ("for-two-servers", activation(aud=["https://licence.example.com", "https://other.example"]), BAD, "aud is one text."),
        ("key-private", _with_key({**DEVICE.jwk, "d": DIGEST}), BAD, "A private key does not belong into a message."),
        ("key-with-kid", _with_key({**DEVICE.jwk, "kid": "mine"}), BAD, "A key has the members of its kind and no others."),
        ("key-padded", _with_key({**DEVICE.jwk, "x": DEVICE.jwk["x"] + "="}), BAD, "One spelling for one key: else one key has two thumbprints."),
        ("key-x25519", _with_key({**DEVICE.jwk, "crv": "X25519"}), BAD, "That curve signs nothing."),
        ("key-symmetric", _with_key({"kty": "oct", "k": DIGEST}), BAD, "No symmetric key signs."),
        ("key-not-on-curve", _with_key({**TPM.jwk, "y": TPM.jwk["x"]}, "ES256"), BAD, "The point is not on P-256."),
        ("key-kty-object", _with_key({**DEVICE.jwk, "kty": {}}), BAD, "A kind of keys is a text."),
        ("key-kty-constructor", _with_key({**DEVICE.jwk, "kty": "constructor"}), BAD, "A name that every object of some languages has."),
        ("key-null", _with_key(None), BAD, "null is no key."),
        ("code-of-65", activation(code="0" * 65), BAD, "Codes are short."),
    ):
        yield checked(f"activation-{what}", why, SOURCE, document, expect, kind=ACTIVATION)


def _with_key(jwk: object, alg: str = "EdDSA") -> bytes:
    return forge({"alg": alg, "typ": ACTIVATION, "jwk": jwk}, ACTIVATING, DEVICE)


def validations() -> Iterator[Case]:
    given = forge(header(DEACTIVATION, DEVICE), DEACTIVATING, DEVICE)
    yield checked("validation-plain", "Signed by the device key that is known.", SOURCE, validation(), claims={"jti": "req_2"}, **KNOWN)
    yield checked("deactivation-plain", "Like a validation, without usage.", SOURCE, given, kind=DEACTIVATION, beside=KNOWN["beside"])
    yield checked("validation-key-not-known", "Nobody knows that device key.", SOURCE, validation(), UNSIGNED, kind=VALIDATION)
    other: Json = {"kind": VALIDATION, "beside": {"device": as_json(STRANGER.jwk)}}
    yield checked("validation-of-another-device", "Another device key is the activation's.", SOURCE, validation(), UNSIGNED, **other)
    for what, document, expect, why in (
        ("with-jwk", forge(header(VALIDATION, DEVICE, introduce=True), VALIDATING, DEVICE), BAD, "Only evidence may bring the key along."),
        ("with-jwk-of-attacker", forge(header(VALIDATION, STRANGER, introduce=True), {**VALIDATING, "iss": STRANGER.kid}, STRANGER), BAD, "Whoever brings a key along would be believed."),
        ("signed-by-server", forge(header(VALIDATION, SIGNING), VALIDATING), UNSIGNED, "The server's key is no device key."),
        ("under-the-kid-of-the-device", forge(header(VALIDATION, DEVICE), VALIDATING, STRANGER), UNSIGNED, "Signed by somebody else."),
        ("of-another-issuer", validation(iss=STRANGER.kid), UNSIGNED, "iss names the key that signed."),
        ("for-another-server", validation(aud="https://other.example"), BAD, "It is meant for another licence server."),
        ("for-a-host-in-capitals", validation(aud="https://LICENCE.example.com"), BAD, "The audience is compared letter for letter."),
        ("for-nobody", forge(header(VALIDATION, DEVICE), {name: value for name, value in VALIDATING.items() if name != "aud"}, DEVICE), BAD, "It says whom it is meant for."),
    ):
        yield checked(f"validation-{what}", why, SOURCE, document, expect, **KNOWN)


def evidence() -> Iterator[Case]:
    held = licence(jti="doc_1", seq=1)
    source = "protocol, section 5: what held proves"
    for what, document, expect, why in (
        ("plain", _evidence(held.decode()), "accepted", "The licence in hand names the key, and the request names the licence."),
        ("with-kid", validation(held=held.decode()), "accepted", "A server that still knows the key needs none."),
        ("of-another-key", _evidence(licence(jti="doc_1", cnf={"jkt": STRANGER.kid}).decode()), UNSIGNED, "A licence that somebody else's key is bound to."),
        ("of-another-activation", _evidence(licence(jti="doc_1", act="act_2").decode()), UNSIGNED, "Another activation's licence."),
        ("of-another-licence", _evidence(licence(jti="doc_1", sub="lic_2").decode()), UNSIGNED, "Another licence."),
        ("not-the-previous", _evidence(licence(jti="doc_0").decode()), UNSIGNED, "The request says that another document is in hand."),
        ("refused", _evidence(licence(jti="doc_1", status="refused", reason="fingerprint_mismatch").decode()), UNSIGNED, "A refused document proves nothing."),
        ("signed-by-oneself", _evidence(forge({"alg": "EdDSA", "typ": "licence+jwt", "kid": DEVICE.kid}, {}, DEVICE).decode()), UNSIGNED, "Only the server's signature is evidence."),
        ("a-request", _evidence(validation().decode()), BAD, "A request is no licence."),
        ("null", _evidence(None), BAD, "null is no licence."),
    ):
        yield checked(f"evidence-{what}", why, source, document, expect, **KNOWN)


def _evidence(held: str | None) -> bytes:
    return forge(header(VALIDATION, DEVICE, introduce=True), {**VALIDATING, "held": held}, DEVICE)


HOUR: Json = {"hour": 1_799_996_400, "users": 2, "clients": 3}


def claims() -> Iterator[Case]:
    changes: list[tuple[str, Json, str]] = [
        ("uptime-negative", {"boot": {"id": DIGEST, "uptime": -0.5}}, "No machine has run for less than no time."),
        ("uptime-text", {"boot": {"id": DIGEST, "uptime": "1"}}, "A text is no number."),
        ("uptime-true", {"boot": {"id": DIGEST, "uptime": True}}, "true is no number."),
        ("usage-fraction", {"usage": [{"hour": 0, "users": 1.5, "clients": 1}]}, "Users are counted in whole ones."),
        ("usage-745", {"usage": [{"hour": 0, "users": 1, "clients": 1}] * 745}, "At most 744 hours."),
        ("usage-refused-negative", {"usage": [{**HOUR, "refused": -1}]}, "Nobody was refused less than no times."),
        ("usage-refused-text", {"usage": [{**HOUR, "refused": "2"}]}, "A text is no number."),
        ("usage-waited-null", {"usage": [{**HOUR, "waited": None}]}, "What is not counted is left out."),
        ("components-33", {"fingerprint": {"components": {f"c{n}": DIGEST for n in range(33)}}}, "At most 32 components."),
        ("component-raw", {"fingerprint": {"components": {"machine_id": "8d6a6a5e"}}}, "Raw values never leave the machine."),
        ("host-of-256", {"host": {**VALIDATING["host"], "name": "x" * 256}}, "Names of hosts have at most 255 characters."),
        ("key-place-unknown", {"host": {**VALIDATING["host"], "key": "cloud"}}, "A key lies in a file or a TPM."),
        ("event-without-count", {"events": [{"code": "clock_behind", "at": 0}]}, "How often is part of it."),
        ("event-count-zero", {"events": [{"code": "clock_behind", "at": 0, "count": 0}]}, "What never happened is no event."),
        ("nonce-empty", {"nonce": ""}, "An empty nonce is none."),
    ]
    for what, change, why in changes:
        yield checked(f"validation-{what}", why, SOURCE, validation(**change), BAD, **KNOWN)
    counted = [HOUR, {**HOUR, "refused": 2}, {**HOUR, "waited": 0, "refused": 0}, {**HOUR, "waited": 3}]
    yield checked("validation-usage-refused-waited", "Both are optional.", SOURCE, validation(usage=counted), **KNOWN)
    yield checked("validation-uptime-whole", "Fractions are allowed, not demanded.", SOURCE, validation(boot={"id": DIGEST, "uptime": 3600}), **KNOWN)
    yield checked("validation-uptime-exponent", "3.6e3 is a number too.", SOURCE, _with_uptime(b"3.6e3"), **KNOWN)
    yield checked("validation-claims-unknown", "A newer agent may say more.", "protocol, section 2", validation(colour="blue"), **KNOWN)


def _with_uptime(number: bytes) -> bytes:
    body = as_json(VALIDATING)
    return forge(header(VALIDATION, DEVICE), body.replace(b"3600.25", number), DEVICE)
