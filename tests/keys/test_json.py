"""The JSON inside a signed document: strict, but not narrow."""

import json

import pytest

from keys.errors import MalformedError
from keys.jws import MAX_DEPTH, open_document
from tests.keys.samples import SIGNING, Ring, forge
from tests.naming import named

KIND = "licence+jwt"
RING = Ring((SIGNING.key,))
HEADER = {"alg": "EdDSA", "typ": KIND, "kid": SIGNING.key.kid}


DEEPEST = b"[" * (MAX_DEPTH - 1) + b"]" * (MAX_DEPTH - 1)


@pytest.mark.threat(16)
@pytest.mark.parametrize(
    "claims",
    [
        b'{"a":1,"a":1}',
        b'{"a":1,"\\u0061":2}',
        b'{"a":{"b":1,"b":2}}',
        b'{"a":[{"b":1,"b":2}]}',
        b'{"a":[' + DEEPEST + b"]}",
        b'{"a":' * 5000 + b"1" + b"}" * 5000,
        b"[" * 30000 + b"]" * 10,
        b'{"a":9007199254740993}',
        b'{"a":-9007199254740993}',
        b'{"a":' + b"9" * 5000 + b"}",
        b'{"a":1e999}',
        b'{"a":-1e999}',
        b'{"a":NaN}',
        b'{"a":Infinity}',
        b'{"a":-Infinity}',
        b'{"a":"\\ud800"}',
        b'{"a":"\\udc00\\ud800"}',
        b'{"\\udfff":1}',
        b'{"a":"\\u0000"}',
        b'{"a\\u0000":1}',
        b'{"a":"\xff"}',
        b'{"a":"\xed\xa0\x80"}',
        b'{"a":"\xc0\xaf"}',
        b'{"a":"\n"}',
        b'{"a":01}',
        b'{"a":+1}',
        b'{"a":.5}',
        b'{"a":1,}',
        b"{'a':1}",
        b'{"a":1}x',
        b'{"a":1}{"a":1}',
        b"// no\n{}",
        b"[]",
        b"1",
        b"null",
        b'"a"',
        b"",
    ],
    ids=lambda claims: named(claims[:30]),
)
def test_claims_are_strict_json(claims: bytes) -> None:
    with pytest.raises(MalformedError):
        open_document(forge(HEADER, claims, SIGNING), KIND, RING)


@pytest.mark.parametrize(
    "claims",
    [
        b"{}",
        b' { "a" : 1 } ',
        b'{"a":9007199254740992,"b":-9007199254740992,"c":1.5,"d":1e3,"e":true,"f":null}',
        b'{"a":' + DEEPEST + b"}",
        b'{"a":' + DEEPEST + b',"b":[]}',
        '{"a":"فولاد پارس 🏭"}'.encode(),
        b'{"a":"\\ud83c\\udfed"}',
    ],
    ids=lambda claims: named(claims[:40]),
)
def test_strict_is_not_narrow(claims: bytes) -> None:
    assert open_document(forge(HEADER, claims, SIGNING), KIND, RING)[0] == json.loads(claims)
