"""What a trust document may look like: its envelope and its payload."""
# ruff: noqa: E501 - a case is a row
# fmt: off

from collections.abc import Iterator

from tests.conformance.material import (
    BAD,
    BIG,
    ROOT_1,
    ROOT_2,
    SIGNING,
    TRUST,
    Case,
    Json,
    Key,
    as_json,
    envelope,
    licence,
    okp,
    pinned_case,
    row,
    signing,
    trust,
)


def cases() -> Iterator[Case]:
    yield from envelopes()
    yield from payloads()


def envelopes() -> Iterator[Case]:
    good = envelope(TRUST, ROOT_1, ROOT_2)
    other = trust(version=4)
    text = good.decode()
    padded = text.replace('","signatures"', '=","signatures"').encode()
    for what, document, expect, why in (
        ("empty", b"", BAD, "Nothing is no document."),
        ("cut", good[:-20], BAD, "Half a document."),
        ("compact", licence(), BAD, "A licence is no trust document."),
        ("list", b"[" + good + b"]", BAD, "An envelope is an object."),
        ("then-garbage", good + b"x", BAD, "Nothing comes after it."),
        ("two", good + other, BAD, "Two documents are none."),
        ("with-bom", b"\xef\xbb\xbf" + good, BAD, "JSON has no byte order mark (RFC 8259, section 8.1)."),
        ("not-utf8", good.replace(b'"payload"', b'"\xff":1,"payload"'), BAD, "JSON is in UTF-8."),
        ("payload-twice", good[:-1] + b',"payload":""}', BAD, "A name stands once."),
        ("payload-padded", padded, BAD, "There is one base64url form."),
        ("payload-missing", as_json({"signatures": []}), BAD, "A document says something."),
        ("payload-object", as_json({"payload": TRUST, "signatures": []}), BAD, "The payload is base64url."),
        ("flattened", as_json({"payload": "e30", "protected": "e30", "signature": "AAAA"}), BAD, "Only the general form carries several signatures."),
        ("signatures-257", _rows(257), BAD, "Lists have at most 256 entries."),
        ("too-large", good[:-1] + b',"x":"' + b"x" * 65_536 + b'"}', BIG, "More than 64 KiB."),
        ("line-end-after", b"\n" + good + b"\n", "accepted", "White space around a document belongs to its carrier."),
        ("unknown-member", good[:-1] + b',"header":{"kid":"x"}}', "accepted", "Members that nobody knows are passed over."),
    ):
        yield pinned_case(f"envelope-{what}", why, document, expect, "RFC 7515, section 7.2.1; protocol, section 3")
    protected = row(as_json(TRUST), ROOT_2, b'{"alg":"EdDSA","kid":"x","kid":"' + ROOT_2.kid.encode() + b'"}')
    yield pinned_case("protected-name-twice", "A name stands once, also in a header.", envelope(TRUST, ROOT_1, ROOT_2, protected), BAD)


def _rows(number: int) -> bytes:
    payload = as_json(TRUST)
    return envelope(payload, *[row(payload, key) for key in [ROOT_1] * (number - 1) + [ROOT_2]])


def payloads() -> Iterator[Case]:
    root: Json = TRUST["root"]
    small: Json = {"jwk": okp(bytes(32)), "status": "active", "from": 0, "until": None}
    extra: list[Key] = [Key(number) for number in range(40, 73)]
    for what, changes, why in (
        ("typ-other", {"typ": "licence"}, "It says what it is."),
        ("threshold-0", {"root": {**root, "threshold": 0}}, "Nobody would have to sign."),
        ("threshold-beyond-its-roots", {"root": {**root, "threshold": 4}}, "It could never be followed."),
        ("threshold-negative", {"root": {**root, "threshold": -1}}, "Fewer than nobody."),
        ("threshold-float", {"root": {**root, "threshold": 2.0}}, "2.0 is not written as a whole number."),
        ("root-twice", {"root": {"keys": [ROOT_1.jwk, ROOT_1.jwk, ROOT_2.jwk], "threshold": 2}}, "One root in two places could be counted twice."),
        ("root-of-small-order", {"root": {"keys": [*root["keys"], okp(bytes(32))], "threshold": 2}}, "Anybody can sign for such a key."),
        ("roots-33", {"root": {"keys": [*root["keys"], *(key.jwk for key in extra[:30])], "threshold": 2}}, "At most 32 roots."),
        ("signing-key-twice", {"signing": [signing(SIGNING), signing(SIGNING, "revoked")]}, "Revoked and active at once."),
        ("signing-key-is-root", {"signing": [signing(ROOT_1)]}, "A root signs trust documents alone."),
        ("signing-key-of-small-order", {"signing": [signing(SIGNING), small]}, "Anybody can sign for such a key."),
        ("signing-keys-33", {"signing": [signing(key) for key in extra]}, "At most 32 signing keys."),
        ("signing-status-unknown", {"signing": [signing(SIGNING, "paused")]}, "There are three."),
        ("signing-key-private", {"signing": [{**signing(SIGNING), "jwk": {**SIGNING.jwk, "d": "AAAA"}}]}, "A private key does not belong there."),
        ("exp-missing", {"exp": ...}, "Every trust document ends."),
    ):
        body = {name: value for name, value in {**TRUST, **changes}.items() if value is not ...}
        yield pinned_case(f"payload-{what}", why, envelope(body, ROOT_1, ROOT_2), BAD, "protocol, section 3")
    raw = as_json(TRUST)
    for what, old, new in (("name-twice", b'"version":5', b'"version":5,"version":6'), ("name-twice-escaped", b'"version":5', b'"version":5,"\\u0076ersion":6'), ("nested-name-twice", b'"threshold":2', b'"threshold":2,"threshold":1')):
        yield pinned_case(f"payload-{what}", "Two readers would see two documents.", envelope(raw.replace(old, new), ROOT_1, ROOT_2), BAD, "RFC 8259, section 4")
    yield pinned_case("payload-unknown-member", "A newer vendor may say more.", trust(colour="blue"))
    yield pinned_case("payload-no-signing-keys", "A vendor may have none for a while.", trust(signing=[]))
