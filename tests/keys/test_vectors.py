"""Published vectors before our own: RFC 8032, RFC 8037, RFC 7515, RFC 7638.

Wycheproof's are in none of the packages that can be had; the edge cases of Ed25519 and ECDSA that matter here, which it
made known, are written out in test_signing.py.
"""

import json
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ed25519
from joserfc.jwk import RSAKey

from keys.errors import SignatureInvalidError
from keys.jws import decode, encode
from keys.signing import PublicKey, SoftwareSigner

pytestmark = pytest.mark.threat(16)
VECTORS = Path(__file__).parent.parent / "vectors"
RFC_8032: list[dict[str, str]] = json.loads((VECTORS / "rfc8032.json").read_text())
JOSE: dict[str, Any] = json.loads((VECTORS / "jose.json").read_text())


@pytest.mark.parametrize("vector", RFC_8032, ids=lambda vector: vector["name"])
def test_ed25519_signs_and_verifies_as_rfc_8032_says(vector: dict[str, str]) -> None:
    secret, public, message, signature = (
        bytes.fromhex(vector[name]) for name in ("secret", "public", "message", "signature")
    )
    signer = SoftwareSigner(ed25519.Ed25519PrivateKey.from_private_bytes(secret))
    assert decode(signer.key.jwk["x"].encode()) == public
    assert signer.sign(message) == signature
    signer.key.verify(message, signature)
    with pytest.raises(SignatureInvalidError):
        signer.key.verify(message + b"x", signature)


def test_a_jws_of_rfc_8037_is_made_and_verified() -> None:
    vector = JOSE["rfc8037"]
    signer = SoftwareSigner(ed25519.Ed25519PrivateKey.from_private_bytes(decode(vector["private"].encode())))
    assert dict(signer.key.jwk) == vector["public"]
    assert encode(signer.sign(vector["signed"].encode())) == vector["signature"].encode()
    PublicKey.from_jwk(vector["public"]).verify(vector["signed"].encode(), decode(vector["signature"].encode()))


def test_a_thumbprint_is_the_one_of_rfc_8037() -> None:
    assert PublicKey.from_jwk(JOSE["rfc8037"]["public"]).kid == JOSE["rfc8037"]["thumbprint"]


def test_es256_verifies_the_jws_of_rfc_7515() -> None:
    vector = JOSE["rfc7515_a3"]
    key = PublicKey.from_jwk(vector["public"])
    key.verify(vector["signed"].encode(), decode(vector["signature"].encode()))
    with pytest.raises(SignatureInvalidError):
        key.verify(vector["signed"].encode() + b"x", decode(vector["signature"].encode()))


def test_thumbprints_are_made_as_rfc_7638_says() -> None:
    vector = JOSE["rfc7638"]
    assert RSAKey.import_key(vector["public"]).thumbprint() == vector["thumbprint"]
