"""The one place that makes and opens signed documents: compact JWS with an explicit type (RFC 7515, RFC 8725)."""

import binascii
import json
import math
import re
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Mapping
from typing import Protocol

from keys.errors import MalformedError, SignatureInvalidError, TooLargeError
from keys.sentences import phrase
from keys.signing import ACCEPTED_AS, WRITTEN_AS, PublicKey, Signer

Claims = Mapping[str, object]

MAX_BYTES = 65_536
MAX_DEPTH = 16
LARGEST = 2**53
"""No whole number may be larger, nor its negative smaller: JSON readers elsewhere use doubles."""
_BASE64URL = re.compile(rb"[A-Za-z0-9_-]+")
_KID = re.compile(r"[A-Za-z0-9_-]{1,128}")
_HEADERS = (frozenset({"alg", "typ", "kid"}), frozenset({"alg", "typ", "jwk"}))


class KeyRing(Protocol):
    """Whom to believe."""

    def find(self, kid: str) -> PublicKey:
        """Return the key of that id. Raises SignatureInvalidError when it is unknown or revoked."""
        ...


def sign_document(kind: str, claims: Claims, signer: Signer, *, introduce: bool = False) -> bytes:
    """Sign claims as a document of a type.

    Args:
        kind: the ``typ``, e.g. ``licence+jwt``.
        claims: what JSON can carry.
        signer: its key's id goes into the header.
        introduce: put the whole public key into the header, for a reader who does not know it yet.

    Raises:
        TooLargeError: nobody would open it.
    """
    who = {"jwk": dict(signer.key.jwk)} if introduce else {"kid": signer.key.kid}
    header = {"alg": WRITTEN_AS[signer.key.kind], "typ": kind, **who}
    signed = encode(to_json(header)) + b"." + encode(to_json(claims))
    document = signed + b"." + encode(signer.sign(signed))
    if len(document) > MAX_BYTES:
        raise TooLargeError(
            phrase("The document has {size} bytes; {most} are the most.", size=len(document), most=MAX_BYTES)
        )
    return document


def open_document(document: bytes, kind: str, keys: KeyRing) -> tuple[Claims, PublicKey]:
    """Verify a document and return what it says and whose it is. There is no way to read claims that were not verified.

    Args:
        document: the bytes as they came, at most 64 KiB; three base64url parts.
        kind: the ``typ`` that the caller expects; any other is refused.
        keys: whom to believe. The header's ``kid`` selects one of them; ``alg`` must be that key's own algorithm.

    Raises:
        TooLargeError: more than 64 KiB.
        MalformedError: not three parts, not JSON, a duplicate name, an unknown header, another ``typ``.
        SignatureInvalidError: unknown or revoked key, another algorithm, or the bytes were changed.

    Source: RFC 7515, section 5.2; RFC 8725, sections 3.1, 3.2, 3.11.
    """
    header = _header(document, kind)
    if "kid" not in header:
        raise MalformedError(phrase("The header must name its key by kid."))
    key = keys.find(_kid(header["kid"]))
    return _verified(document, header, key), key


def open_introduction(document: bytes, kind: str) -> tuple[Claims, PublicKey]:
    """Verify a document under the key that it brings along, and return both.

    The signature proves no more than possession of that key: whose it is, the caller must know from elsewhere.
    Raises as open_document.
    """
    header = _header(document, kind)
    if "jwk" not in header:
        raise MalformedError(phrase("The header must carry the public key as jwk."))
    key = PublicKey.from_jwk(header["jwk"])
    return _verified(document, header, key), key


def introduces(document: bytes, kind: str) -> bool:
    """Tell whether a document brings its key along. Raises as open_document, but verifies no signature."""
    return "jwk" in _header(document, kind)


def kind_of(document: bytes) -> str:
    """Return the ``typ`` that a document claims, to choose how to open it. Raises MalformedError, TooLargeError."""
    return str(_parsed_header(document).get("typ"))


def to_json(value: object) -> bytes:
    """Write JSON as we sign it: compact, UTF-8, no NaN."""
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False, allow_nan=False).encode()


def from_json(text: bytes) -> Claims:
    """Read a JSON object as strictly as a signed document deserves.

    Raises:
        MalformedError: not an object in UTF-8; a duplicate name, NaN or infinity, a whole number beyond 2**53, a NUL
            or half a surrogate pair in a text, or more than 16 levels.
    """
    try:
        value = _DECODER.decode(text.decode("utf-8"))
    except (ValueError, RecursionError) as error:
        raise MalformedError(phrase("The document is not valid JSON in UTF-8.")) from error
    if not isinstance(value, dict):
        raise MalformedError(phrase("The document is not a JSON object."))
    if b"\\u" in text or text.count(b"{") + text.count(b"[") > MAX_DEPTH:  # without either nothing can be wrong
        _check_values(value, 1)
    return value


def encode(raw: bytes) -> bytes:
    """Return base64url without padding (RFC 7515, section 2)."""
    return urlsafe_b64encode(raw).rstrip(b"=")


def decode(part: bytes) -> bytes:
    """Read base64url without padding, in its one canonical form. Raises MalformedError."""
    if not _BASE64URL.fullmatch(part):
        raise MalformedError(phrase("A part of the document is not base64url."))
    try:
        raw = urlsafe_b64decode(part + b"=" * (-len(part) % 4))
    except binascii.Error as error:
        raise MalformedError(phrase("A part of the document is not base64url.")) from error
    if encode(raw) != part:
        raise MalformedError(phrase("A part of the document is not in canonical base64url."))
    return raw


def _parsed_header(document: bytes) -> Claims:
    if len(document) > MAX_BYTES:
        raise TooLargeError(
            phrase("The document has {size} bytes; {most} are the most.", size=len(document), most=MAX_BYTES)
        )
    if document.count(b".") != 2:
        raise MalformedError(phrase("The document is not a compact JWS: three parts with dots between them."))
    return from_json(decode(document.partition(b".")[0]))


def _header(document: bytes, kind: str) -> Claims:
    header = _parsed_header(document)
    if header.get("typ") != kind:
        raise MalformedError(phrase("The document is not of the type {kind}.", kind=kind))
    if set(header) not in _HEADERS:
        raise MalformedError(phrase("The header must have alg, typ and one of kid and jwk, and nothing else."))
    return header


def _verified(document: bytes, header: Claims, key: PublicKey) -> Claims:
    if not isinstance(header["alg"], str) or header["alg"] not in ACCEPTED_AS[key.kind]:
        raise SignatureInvalidError(phrase("The algorithm is not the one that belongs to the key."))
    signed, _, signature = document.rpartition(b".")
    key.verify(signed, decode(signature))
    return from_json(decode(signed.partition(b".")[2]))


def _kid(value: object) -> str:
    if not isinstance(value, str) or not _KID.fullmatch(value):
        raise MalformedError(phrase("The header's kid must be 1 to 128 base64url characters."))
    return value


def _unique(pairs: list[tuple[str, object]]) -> dict[str, object]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise MalformedError(phrase("A name stands twice in one JSON object."))
    return found


def _whole(digits: str) -> int:
    number = int(digits)
    if abs(number) > LARGEST:
        raise MalformedError(phrase("A number is larger than JSON carries exactly."))
    return number


def _finite(digits: str) -> float:
    number = float(digits)
    if not math.isfinite(number):
        raise MalformedError(phrase("A number is not finite."))
    return number


_DECODER = json.JSONDecoder(object_pairs_hook=_unique, parse_int=_whole, parse_float=_finite, parse_constant=_finite)


def _check_values(value: object, depth: int) -> None:
    if isinstance(value, str):
        if "\0" in value or any("\ud800" <= letter <= "\udfff" for letter in value if letter >= "\ud800"):
            raise MalformedError(phrase("A text has a NUL or half a surrogate pair in it."))
    elif depth > MAX_DEPTH and isinstance(value, dict | list):
        raise MalformedError(phrase("The document is nested more than {most} levels deep.", most=MAX_DEPTH))
    elif isinstance(value, dict):
        for name, member in value.items():
            _check_values(name, depth)
            _check_values(member, depth + 1)
    elif isinstance(value, list):
        for member in value:
            _check_values(member, depth + 1)
