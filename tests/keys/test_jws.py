"""Opening signed documents: one door, and what it refuses (RFC 8725)."""

import hmac
from collections.abc import Callable
from typing import Any

import pytest
from cryptography.hazmat.primitives import serialization

from keys.errors import LicensingError, MalformedError, SignatureInvalidError, TooLargeError
from keys.jws import (
    MAX_BYTES,
    decode,
    encode,
    from_json,
    introduces,
    kind_of,
    open_document,
    open_introduction,
    sign_document,
    to_json,
)
from keys.signing import SoftwareSigner
from tests.keys.samples import DEVICE, NEW_SIGNING, SIGNING, STRANGER, TPM_DEVICE, Ring, forge
from tests.naming import named

KIND = "licence+jwt"
RING = Ring((SIGNING.key, TPM_DEVICE.key))
HEADER = {"alg": "EdDSA", "typ": KIND, "kid": SIGNING.key.kid}
CLAIMS = {"iss": "x"}
GOOD = forge(HEADER, CLAIMS, SIGNING)


def refused_with(error: type[LicensingError], document: bytes) -> None:
    with pytest.raises(LicensingError) as refusal:
        open_document(document, KIND, RING)
    assert type(refusal.value) is error


@pytest.mark.parametrize("signer", [SIGNING, TPM_DEVICE], ids=["Ed25519", "ES256"])
def test_what_was_signed_opens(signer: SoftwareSigner) -> None:
    claims, key = open_document(sign_document(KIND, CLAIMS, signer), KIND, RING)
    assert (claims, key) == (CLAIMS, signer.key)


def test_both_names_of_the_algorithm_are_read() -> None:
    """RFC 9864 renames EdDSA with Ed25519 to Ed25519."""
    claims, _ = open_document(forge({**HEADER, "alg": "Ed25519"}, CLAIMS, SIGNING), KIND, RING)
    assert claims == CLAIMS


@pytest.mark.threat(22)
@pytest.mark.parametrize(
    "header",
    [
        {**HEADER, "alg": "none"},
        {**HEADER, "alg": "None"},
        {**HEADER, "alg": "HS256"},
        {**HEADER, "alg": "ES256"},
        {**HEADER, "alg": "RS256"},
        {**HEADER, "alg": "Ed448"},
        {**HEADER, "alg": "eddsa"},
        {**HEADER, "alg": ""},
        {**HEADER, "alg": None},
        {**HEADER, "alg": ["EdDSA"]},
        {**HEADER, "alg": {"EdDSA": 1}},
        {**HEADER, "kid": STRANGER.key.kid},
        {**HEADER, "kid": "../../etc/passwd".replace("/", "_").replace(".", "-")},
        {**HEADER, "kid": TPM_DEVICE.key.kid},
    ],
    ids=lambda header: named(f"{header['alg']}-{header['kid'][:6]}"),
)
def test_another_algorithm_or_key_is_an_invalid_signature(header: dict[str, Any]) -> None:
    refused_with(SignatureInvalidError, forge(header, CLAIMS, SIGNING))


@pytest.mark.threat(16)
@pytest.mark.parametrize(
    "header",
    [
        {**HEADER, "typ": "JWT"},
        {**HEADER, "typ": "application/licence+jwt"},
        {**HEADER, "typ": "LICENCE+JWT"},
        {**HEADER, "typ": None},
        {**HEADER, "typ": [KIND]},
        {**HEADER, "crit": ["exp"]},
        {**HEADER, "crit": [], "b64": False},
        {**HEADER, "b64": False},
        {**HEADER, "zip": "DEF"},
        {**HEADER, "cty": "JWT"},
        {**HEADER, "jku": "https://evil.example/keys"},
        {**HEADER, "x5u": "https://evil.example/keys"},
        {**HEADER, "x5c": ["AAAA"]},
        {**HEADER, "jwk": dict(SIGNING.key.jwk)},
        {**HEADER, "kid": 5},
        {**HEADER, "kid": None},
        {**HEADER, "kid": ""},
        {**HEADER, "kid": "\u001b[2Jowned"},
        {**HEADER, "kid": "k" * 129},
        {"alg": "EdDSA", "typ": KIND},
        {"typ": KIND, "kid": SIGNING.key.kid},
        {"alg": "EdDSA", "kid": SIGNING.key.kid},
        {"alg": "EdDSA", "typ": KIND, "jwk": dict(SIGNING.key.jwk)},
        {},
        b"[]",
        b"null",
        b'"licence+jwt"',
        b"",
        b"{",
        b'{"alg":"EdDSA","typ":"licence+jwt","kid":"' + SIGNING.key.kid.encode() + b'","alg":"EdDSA"}',
        b"\xef\xbb\xbf" + to_json(HEADER),
        to_json(HEADER).decode().encode("utf-16"),
    ],
    ids=lambda header: named(header)[:80],
)
def test_a_header_is_exactly_what_the_protocol_says(header: dict[str, Any] | bytes) -> None:
    refused_with(MalformedError, forge(header, CLAIMS, SIGNING))


@pytest.mark.threat(16)
def test_the_public_key_is_no_secret_to_sign_with() -> None:
    """The classic confusion: HS256 with the public key as its secret."""
    for secret in (
        decode(SIGNING.key.jwk["x"].encode()),
        SIGNING.key.half.public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo),
    ):
        signed = b".".join((encode(to_json({**HEADER, "alg": "HS256"})), encode(to_json(CLAIMS))))
        refused_with(SignatureInvalidError, signed + b"." + encode(hmac.digest(secret, signed, "sha256")))


def _spare_bits(part: bytes) -> bytes:
    """The same bytes in another, not canonical, base64url: 64 signature bytes leave four bits spare."""
    alphabet = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
    return part[:-1] + alphabet[alphabet.index(part[-1]) + 1 :][:1]


H, C, S = GOOD.split(b".")


@pytest.mark.threat(16)
@pytest.mark.parametrize(
    "document",
    [
        b"",
        b".",
        b"..",
        b"...",
        H + b"." + C,
        GOOD + b".",
        b"." + GOOD,
        GOOD + b".." + S,
        GOOD + b"\n",
        b" " + GOOD,
        forge(HEADER, b"{}", SIGNING).replace(b".", b"=.", 1),
        H + b"." + C + b"." + S + b"==",
        H + b"." + C + b"." + _spare_bits(S),
        H + b"." + C + b"." + S[:-1],
        H + b"." + C + b".",
        b"." + C + b"." + S,
        H + b"." + C + b"." + b"+/" + S[2:],
        H + b"." + C + b"." + b"\0" + S[1:],
        "ü".encode() + GOOD,
        to_json({"payload": C.decode(), "protected": H.decode(), "signature": S.decode()}),
        GOOD[:-5] + b"\n" + GOOD[-5:],
    ],
    ids=lambda document: named(document[:12]) + f"-{len(document)}",
)
def test_a_document_has_one_form(document: bytes) -> None:
    refused_with(MalformedError, document)


@pytest.mark.parametrize("claims", [C + b"=", b" " + C, _spare_bits(encode(b'{"a":11}')), b""], ids=repr)
def test_not_even_a_trusted_key_may_sign_another_form(claims: bytes) -> None:
    signed = H + b"." + claims
    refused_with(MalformedError, signed + b"." + encode(SIGNING.sign(signed)))


def test_changed_claims_are_found() -> None:
    refused_with(SignatureInvalidError, H + b"." + encode(b'{"iss":"y"}') + b"." + S)


def test_claims_are_not_read_before_the_signature_is_checked() -> None:
    """Broken claims under a broken signature: the signature is what is told."""
    refused_with(SignatureInvalidError, H + b"." + encode(b'{"a":1,"a":2}') + b"." + S)


def _padded(length: int) -> bytes:
    """A signed document of exactly that many bytes."""
    spare = length - len(forge(HEADER, {"a": ""}, SIGNING))
    for size in range(spare * 3 // 4 - 4, spare * 3 // 4 + 4):
        document = forge(HEADER, {"a": "x" * size}, SIGNING)
        if len(document) == length:
            return document
    raise AssertionError(length)


def test_64_kib_are_taken_and_one_byte_more_is_not() -> None:
    assert open_document(_padded(MAX_BYTES), KIND, RING)
    refused_with(TooLargeError, _padded(MAX_BYTES + 2))
    refused_with(TooLargeError, b"." * (MAX_BYTES + 1))


def test_what_we_sign_is_compact_json_in_utf_8() -> None:
    assert to_json({"a": [1, {"b": "ü"}], "c": None}) == '{"a":[1,{"b":"ü"}],"c":null}'.encode()


def test_we_sign_nothing_that_nobody_would_open() -> None:
    largest, _ = open_document(_padded(MAX_BYTES), KIND, RING)
    assert sign_document(KIND, largest, SIGNING) == _padded(MAX_BYTES)
    with pytest.raises(TooLargeError):
        sign_document(KIND, {"a": "x" * MAX_BYTES}, SIGNING)
    with pytest.raises(ValueError, match="JSON"):
        sign_document(KIND, {"a": float("nan")}, SIGNING)


def test_an_introduction_brings_its_key() -> None:
    document = sign_document("a+jwt", CLAIMS, DEVICE, introduce=True)
    assert open_introduction(document, "a+jwt") == (CLAIMS, DEVICE.key)
    assert introduces(document, "a+jwt")
    assert not introduces(sign_document("a+jwt", CLAIMS, DEVICE), "a+jwt")


@pytest.mark.parametrize("change", [{"jwk": dict(STRANGER.key.jwk)}, {"alg": "ES256"}, {"alg": "none"}], ids=named)
def test_an_introduction_is_signed_by_the_key_it_brings(change: dict[str, Any]) -> None:
    header = {"alg": "EdDSA", "typ": "a+jwt", "jwk": dict(DEVICE.key.jwk)}
    with pytest.raises(SignatureInvalidError):
        open_introduction(forge({**header, **change}, CLAIMS, DEVICE), "a+jwt")


def test_an_introduction_without_a_key_is_malformed() -> None:
    with pytest.raises(MalformedError):
        open_introduction(GOOD, KIND)


def test_the_type_can_be_read_before_the_signature() -> None:
    assert kind_of(GOOD) == KIND


@pytest.mark.parametrize("opened", [kind_of, from_json], ids=["kind_of", "from_json"])
def test_rubbish_has_no_type(opened: Callable[[bytes], object]) -> None:
    with pytest.raises(MalformedError):
        opened(b"rubbish")


@pytest.mark.parametrize("part", [b"A", b"AAAAA", b"A=", b"", b"AB", b"A+", b"A\n"])
def test_base64url_has_one_form(part: bytes) -> None:
    with pytest.raises(MalformedError):
        decode(part)


def test_base64url_leaves_out_nothing_but_its_padding() -> None:
    for raw, written in ((b"\0\0\x17", b"AAAX"), (b"\0\0", b"AAA"), (b"\0", b"AA"), (b"", b"")):
        assert encode(raw) == written
    assert decode(b"AAAX") == b"\0\0\x17"


def test_an_unknown_key_of_the_same_kind_is_unknown() -> None:
    refused_with(SignatureInvalidError, sign_document(KIND, CLAIMS, NEW_SIGNING))
