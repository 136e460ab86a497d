"""A security key in software, with the browser around it: makes passkeys, answers by them, lies where told to."""

import base64
import hashlib
import json
import os
from dataclasses import dataclass, field
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ec import ECDSA, SECP256R1, EllipticCurvePrivateKey, generate_private_key
from cryptography.hazmat.primitives.hashes import SHA256
from webauthn.helpers import encode_cbor

PRESENT, VERIFIED, ATTESTED = 1, 4, 64
HOST = "licence.example.com"


def encoded(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).decode().rstrip("=")


def decoded(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


@dataclass
class Kept:
    """A passkey as the authenticator keeps it."""

    id: bytes
    key: EllipticCurvePrivateKey
    user: bytes
    counter: int


@dataclass
class Authenticator:
    """``origin``: of the page that is open; ``steps``: by how much the counter goes on."""

    origin: str = f"https://{HOST}"
    host: str = HOST
    steps: int = 1
    flags: int = PRESENT | VERIFIED
    kept: list[Kept] = field(default_factory=list)
    kept_as: bytes = b""
    """What it calls the next passkeys; empty: something new each time."""

    def create(self, options: str, **lies: Any) -> str:
        """Make a passkey; ``lies`` replace members of the client data."""
        asked = json.loads(options)
        made = Kept(self.kept_as or os.urandom(32), generate_private_key(SECP256R1()), decoded(asked["user"]["id"]), 0)
        self.kept.append(made)
        data = self._data(ATTESTED, made.counter) + bytes(16) + len(made.id).to_bytes(2, "big") + made.id + _cose(made)
        attestation = encode_cbor({"fmt": "none", "attStmt": {}, "authData": data})
        client = self._client("webauthn.create", asked, lies)
        response = {"clientDataJSON": encoded(client), "attestationObject": encoded(attestation)}
        return _answer(made, response)

    def get(self, options: str, which: int = -1, **lies: Any) -> str:
        """Answer by a passkey."""
        asked, kept = json.loads(options), self.kept[which]
        kept.counter += self.steps
        client, data = self._client("webauthn.get", asked, lies), self._data(0, kept.counter)
        signature = kept.key.sign(data + hashlib.sha256(client).digest(), ECDSA(SHA256()))
        response = {
            "clientDataJSON": encoded(client),
            "authenticatorData": encoded(data),
            "signature": encoded(signature),
            "userHandle": encoded(kept.user),
        }
        return _answer(kept, response)

    def _client(self, kind: str, asked: dict, lies: dict) -> bytes:
        told = {"type": kind, "challenge": asked["challenge"], "origin": self.origin, "crossOrigin": False}
        return json.dumps({**told, **lies}).encode()

    def _data(self, flags: int, counter: int) -> bytes:
        return hashlib.sha256(self.host.encode()).digest() + bytes([self.flags | flags]) + counter.to_bytes(4, "big")


def _answer(kept: Kept, response: dict[str, str]) -> str:
    return json.dumps({"id": encoded(kept.id), "rawId": encoded(kept.id), "type": "public-key", "response": response})


def _cose(kept: Kept) -> bytes:
    numbers = kept.key.public_key().public_numbers()
    point = {-2: numbers.x.to_bytes(32, "big"), -3: numbers.y.to_bytes(32, "big")}
    return encode_cbor({1: 2, 3: -7, -1: 1, **point})
