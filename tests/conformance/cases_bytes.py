"""Bytes: cut, mixed, padded, not quite JSON, too large; and signatures that look good."""
# ruff: noqa: E501 - a case is a row
# fmt: off

from collections.abc import Iterator

from tests.conformance.material import (
    BAD,
    BIG,
    CLAIMS,
    LICENCE,
    SIGNING,
    UNSIGNED,
    Case,
    as_json,
    b64,
    checked,
    forge,
    header,
    licence,
    validation,
)

GOOD = licence()
HEAD, BODY, SIGNATURE = GOOD.split(b".")
ED25519_ORDER = 2**252 + 27742317777372353535851937790883648493
P256_ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
LARGEST = 65_536
ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"


def cases() -> Iterator[Case]:
    yield from cut()
    yield from mixed()
    yield from encodings()
    yield from texts()
    yield from other_texts()
    yield from sizes()


def cut() -> Iterator[Case]:
    source = "RFC 7515, section 3.1"
    for what, document in (
        ("empty", b""),
        ("header-alone", HEAD),
        ("without-signature", HEAD + b"." + BODY),
        ("half-way", GOOD[: len(GOOD) // 2]),
        ("four-parts", GOOD + b".AAAA"),
        ("dot-at-the-end", GOOD + b"."),
        ("five-parts", b"e30.e30.e30.e30.e30"),
        ("random", bytes(range(256))),
        ("json-serialisation", as_json({"payload": BODY.decode(), "protected": HEAD.decode(), "signature": SIGNATURE.decode()})),
    ):
        yield checked(f"licence-{what}", "A compact JWS has three parts, and this form alone is read.", source, document, BAD)
    yield checked("licence-last-byte-cut", "The last character of the signature is missing.", source, GOOD[:-1], BAD)
    yield checked("licence-signature-cut", "The signature has 60 bytes.", "RFC 8032, section 5.1.7", GOOD[:-6], UNSIGNED)
    yield checked("licence-signature-empty", "Nothing is no signature.", "RFC 8725, section 3.1", f"{HEAD.decode()}.{BODY.decode()}.".encode(), BAD)
    yield checked("licence-payload-empty", "Signed well, but it says nothing.", "RFC 7519, section 7.2", forge(header(LICENCE), b""), BAD)


def mixed() -> Iterator[Case]:
    other = licence(jti="doc_3", seq=3, seats={**CLAIMS["seats"], "users": 300})
    source, why = "RFC 7515, section 5.2", "Parts of two good documents make no third one."
    _, body, signature = other.split(b".")
    yield checked("licence-payload-of-another", why, source, b".".join([HEAD, body, SIGNATURE]), UNSIGNED)
    yield checked("licence-signature-of-another", why, source, b".".join([HEAD, BODY, signature]), UNSIGNED)
    request = validation().split(b".")
    yield checked("licence-header-on-a-request", why, source, b".".join([HEAD, request[1], request[2]]), UNSIGNED)
    yield checked("licence-header-of-a-request", why, source, b".".join([request[0], BODY, SIGNATURE]), BAD)
    changed = b64(as_json(CLAIMS).replace(b'"users":3', b'"users":9')).encode()
    yield checked("licence-claim-changed", "One digit changed: more users.", source, b".".join([HEAD, changed, SIGNATURE]), UNSIGNED)
    respelt = b64(as_json(header(LICENCE)).replace(b'"alg"', b'"\\u0061lg"')).encode()
    yield checked("licence-header-respelt", "The signature covers the bytes and not what they mean.", source, b".".join([respelt, BODY, SIGNATURE]), UNSIGNED)


def encodings() -> Iterator[Case]:
    source = "RFC 7515, section 2; protocol, section 2"
    yield checked("licence-line-end-after", "White space around a document belongs to its carrier.", "protocol, section 2", b"\n" + GOOD + b" \r\n")
    for what, document in (
        ("signature-padded", GOOD + b"=="),
        ("header-padded", HEAD + b"=." + BODY + b"." + SIGNATURE),
        ("line-end-inside", HEAD + b"." + BODY + b".\n" + SIGNATURE),
        ("nul-after", GOOD + b"\0"),
        ("bom-before", b"\xef\xbb\xbf" + GOOD),
        ("trailing-bytes", GOOD + b"!"),
        ("signature-standard-base64", HEAD + b"." + BODY + b"." + _standard(SIGNATURE)),
        ("signature-unused-bits", GOOD[:-1] + _neighbour(GOOD[-1:])),
        ("signature-percent", GOOD[:-1] + b"%41"),
    ):
        yield checked(f"licence-{what}", "There is one base64url form: no padding, no white space, unused bits zero.", source, document, BAD)
    signed = HEAD + b"." + b64(as_json(CLAIMS)).encode() + b"="
    yield checked("licence-payload-padded-signed", "A good signature does not make padding right.", source, signed + b"." + b64(SIGNING.sign(signed)).encode(), BAD)
    yield checked("licence-trailing-character", "One character more: 65 bytes are no signature.", source, GOOD + b"A", UNSIGNED)

    spaced = HEAD + b"." + BODY + b" "
    why = "The bytes were changed, if only by a space; nothing is read of what nobody signed."
    yield checked("licence-space-inside", why, source, spaced + b"." + SIGNATURE, UNSIGNED)
    signed = spaced + b"." + b64(SIGNING.sign(spaced)).encode()
    yield checked("licence-space-inside-signed", "A good signature does not make white space right.", source, signed, BAD)


def _standard(part: bytes) -> bytes:
    """The same bytes in the other alphabet; the fixed signature has letters in which the two differ."""
    changed = part.replace(b"-", b"+").replace(b"_", b"/")
    assert changed != part
    return changed


def _neighbour(letter: bytes) -> bytes:
    """A letter that stands for the same bytes, with a bit set that counts nothing."""
    return ALPHABET[ALPHABET.index(letter.decode()) + 1].encode()


def texts() -> Iterator[Case]:
    body = as_json(CLAIMS)
    source = "RFC 8259; RFC 7493 (I-JSON); protocol, section 2"
    for what, old, new, why in (
        ("claim-twice", b'"seq":2', b'"seq":2,"seq":3', "Two readers would see two numbers."),
        ("claim-twice-the-same", b'"seq":2', b'"seq":2,"seq":2', "A name stands once, whatever it says."),
        ("claim-twice-escaped", b'"seq":2', b'"seq":2,"s\\u0065q":3', "An escaped name is the same name."),
        ("nested-name-twice", b'"users":3', b'"users":3,"users":300', "Names stand once on every level."),
        ("unknown-name-twice", b'"seq":2', b'"seq":2,"x":[{"y":1,"y":2}]', "Also in claims that nobody knows."),
        ("number-beyond-2-53", b'"seq":2', b'"seq":9007199254740993', "Doubles can't tell it from its neighbour."),
        ("unknown-number-beyond-2-53", b'"seq":2', b'"seq":2,"x":9007199254740993', "Also in claims that nobody knows."),
        ("number-below-minus-2-53", b'"seq":2', b'"seq":2,"x":-9007199254740993', "Below zero too."),
        ("number-of-5000-digits", b'"seq":2', b'"seq":2,"x":' + b"9" * 5000, "Too long to be a number of anything."),
        ("number-infinite", b'"seq":2', b'"seq":2,"x":1e999', "Beyond every double."),
        ("nan", b'"seq":2', b'"seq":2,"x":NaN', "JSON has no NaN."),
        ("infinity", b'"seq":2', b'"seq":2,"x":-Infinity', "JSON has no infinity."),
        ("leading-zero", b'"seq":2', b'"seq":02', "JSON has no leading zeros."),
        ("plus-sign", b'"seq":2', b'"seq":+2', "JSON has no plus sign."),
        ("hexadecimal", b'"seq":2', b'"seq":0x2', "JSON has decimal numbers alone."),
        ("trailing-comma", b'"seq":2', b'"seq":2,,', "JSON has no empty members."),
        ("comment", b'"seq":2', b'"seq":2/**/', "JSON has no comments."),
        ("single-quotes", b'"seq"', b"'seq'", "JSON has double quotes alone."),
        ("lone-high-surrogate", b'"Mashhad"', b'"\\ud800"', "Half a pair is no character."),
        ("lone-low-surrogate", b'"Mashhad"', b'"\\udc00"', "Half a pair is no character."),
        ("surrogates-reversed", b'"Mashhad"', b'"\\udc00\\ud800"', "Two halves in the wrong order are none either."),
        ("surrogate-in-a-name", b'"seq":2', b'"seq":2,"\\udfff":1', "Names are texts too."),
        ("nul-in-a-text", b'"Mashhad"', b'"Mash\\u0000had"', "C programs would read half of it."),
        ("nul-in-a-name", b'"seq":2', b'"seq":2,"seq\\u0000":3', "C programs would read another name."),
        ("control-character", b'"Mashhad"', b'"Mash\nhad"', "Control characters are escaped in JSON."),
        ("invalid-escape", b'"Mashhad"', b'"\\x41"', "JSON has no such escape."),
        ("utf8-invalid", b'"Mashhad"', b'"\xff"', "The text is not UTF-8."),
        ("utf8-overlong", b'"Mashhad"', b'"\xc0\xaf"', "An overlong form is not UTF-8."),
        ("utf8-surrogate", b'"Mashhad"', b'"\xed\xa0\x80"', "A surrogate written in UTF-8 is not UTF-8."),
        ("nested-17-deep", b'"seq":2', b'"seq":2,"x":' + b"[" * 16 + b"]" * 16, "More than 16 levels."),
        ("nested-5000-deep", b'"seq":2', b'"seq":2,"x":' + b"[" * 5000 + b"]" * 5000, "It must not overflow a stack."),
    ):
        assert old in body
        yield checked(f"licence-{what}", why, source, forge(header(LICENCE), body.replace(old, new, 1)), BAD)


def other_texts() -> Iterator[Case]:
    body = as_json(CLAIMS)
    source = "RFC 8259; RFC 7493 (I-JSON); protocol, section 2"
    for what, old, new, why in (
        ("number-2-53", b'"seq":2', b'"seq":9007199254740992', "The largest whole number that doubles carry."),
        ("nested-16-deep", b'"seq":2', b'"seq":2,"x":' + b"[" * 15 + b"]" * 15, "Strict is not narrow: 16 levels are read."),
        ("nested-16-deep-with-a-number", b'"seq":2', b'"seq":2,"x":' + b"[" * 15 + b"1" + b"]" * 15, "A number is no level of its own."),
        ("surrogate-pair", b'"Mashhad"', b'"\\ud83c\\udfed"', "A whole pair is one character."),
        ("name-nfd-beside-nfc", b'"seq":2', '"seq":2,"é":1,"e\u0301":2'.encode(), "Names are not normalised: these are two."),
        ("claims-reordered", body, as_json(dict(reversed(CLAIMS.items()))), "The order of members means nothing."),
        ("claims-escaped", b'"status"', b'"\\u0073tatus"', "An escaped name is the same name."),
        ("claims-spaced", b'"seq":2', b' "seq" :\t2 \r\n', "White space in JSON means nothing."),
    ):
        assert old in body
        yield checked(f"licence-{what}", why, source, forge(header(LICENCE), body.replace(old, new, 1)))
    for what, raw in (
        ("claims-with-bom", b"\xef\xbb\xbf" + body),
        ("claims-utf16", body.decode().encode("utf-16")),
        ("claims-twice", body + body),
        ("claims-then-garbage", body + b"x"),
        ("claims-in-a-list", b"[" + body + b"]"),
        ("claims-in-a-text", as_json(body.decode())),
        ("claims-null", b"null"),
        ("claims-cut", body[:-1]),
    ):
        yield checked(f"licence-{what}", "Claims are one JSON object in UTF-8, and nothing beside it.", source, forge(header(LICENCE), raw), BAD)


def sizes() -> Iterator[Case]:
    yield checked("licence-64-kib", "The largest that is read: 65,536 bytes.", "protocol, section 2", _sized(LARGEST))
    yield checked("licence-64-kib-and-one", "One byte more is not even looked at.", "protocol, section 2", _sized(LARGEST + 1), BIG)
    yield checked("licence-90-kib-unsigned", "Size comes before everything else.", "protocol, section 2", b"A" * 90_000, BIG)


def _sized(size: int) -> bytes:
    """A good licence of so many bytes: a claim that nobody knows fills it up; a list's spaces adjust it."""
    for spaces in range(4):
        for length in range((size - len(GOOD)) * 3 // 4 - 12, (size - len(GOOD)) * 3 // 4 + 4):
            head = as_json(header(LICENCE)) + b" " * spaces
            document_size = len(b64(head)) + 1 + _encoded(len(as_json({**CLAIMS, "x": ""})) + length) + 1 + 86
            if document_size == size:
                return forge(head, {**CLAIMS, "x": "x" * length})
    raise AssertionError("no such size")


def _encoded(size: int) -> int:
    return (size * 4 + 2) // 3
