"""Signatures that look good, and keys under which anything does."""
# ruff: noqa: E501 - a case is a row
# fmt: off

from collections.abc import Iterator

from tests.conformance.material import (
    ACTIVATING,
    ACTIVATION,
    BAD,
    SIGNING,
    TPM,
    UNSIGNED,
    VALIDATION,
    Case,
    as_json,
    b64,
    checked,
    forge,
    licence,
    okp,
    thumbprint,
    validation,
)

GOOD = licence()
HEAD, BODY, _ = GOOD.split(b".")
ED25519_ORDER = 2**252 + 27742317777372353535851937790883648493
P256_ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551


def cases() -> Iterator[Case]:
    yield from signatures()
    yield from small_orders()


def signatures() -> Iterator[Case]:
    raw = SIGNING.sign(HEAD + b"." + BODY)
    malleable = raw[:32] + (int.from_bytes(raw[32:], "little") + ED25519_ORDER).to_bytes(32, "little")
    source = "RFC 8032, section 5.1.7"
    for what, signature, why in (
        ("s-plus-l", malleable, "S must be below the group's order: else one document has many signatures."),
        ("bit-flipped", raw[:-1] + bytes([raw[-1] ^ 1]), "One bit is another signature."),
        ("zero", bytes(64), "Zero is no signature."),
        ("twice", raw + raw, "128 bytes are no signature."),
        ("halves-exchanged", raw[32:] + raw[:32], "R comes before S."),
    ):
        yield checked(f"licence-signature-{what}", why, source, HEAD + b"." + BODY + b"." + b64(signature).encode(), UNSIGNED)
    request = validation(TPM)
    signed = request.rpartition(b".")[0]
    r, s = TPM.sign(signed)[:32], int.from_bytes(TPM.sign(signed)[32:])
    low, high = sorted([s, P256_ORDER - s])
    tpm = {"kind": VALIDATION, "beside": {"device": as_json(TPM.jwk)}}
    jws = "RFC 7518, section 3.4"
    for what, signature, expect, why in (
        ("low-s", r + low.to_bytes(32), "accepted", "Both S and n - S verify under ECDSA; JOSE asks for neither."),
        ("high-s", r + high.to_bytes(32), "accepted", "A TPM may make either; a request is known by its jti, not its signature."),
        ("der", TPM.der(signed), UNSIGNED, "JOSE has r and s of 32 bytes each, not DER."),
        ("zero-r-and-s", bytes(64), UNSIGNED, "Zero is out of range, the mistake of CVE-2022-21449."),
        ("r-and-s-of-n", P256_ORDER.to_bytes(32) * 2, UNSIGNED, "The group's order is out of range."),
        ("s-plus-n", r + (s + P256_ORDER).to_bytes(33), UNSIGNED, "65 bytes, and S beyond the order."),
    ):
        yield checked(f"validation-es256-{what}", why, jws, signed + b"." + b64(signature).encode(), expect, **tpm)


def small_orders() -> Iterator[Case]:
    p = 2**255 - 19
    order_8 = 2707385501144840649318225287225658788936804267575313519463743609750303402022
    points = (("order-1", 1), ("order-2", p - 1), ("order-4", 0), ("order-8", order_8), ("order-8-negative", p - order_8), ("order-4-not-canonical", p), ("order-1-not-canonical", p + 1))
    for what, y in points:
        for sign in (0, 1):
            raw = (y | sign << 255).to_bytes(32, "little")
            jwk = okp(raw)
            head = {"alg": "EdDSA", "typ": ACTIVATION, "jwk": jwk}
            claims = {**ACTIVATING, "iss": thumbprint(jwk)}
            document = forge(head, claims, None) + b64((1).to_bytes(32, "little") + bytes(32)).encode()
            yield checked(f"activation-key-of-{what}-{'odd' if sign else 'even'}", "One constant signature verifies every message under this key.", "RFC 8032, section 8.9; protocol, section 2", document, BAD, kind=ACTIVATION)
