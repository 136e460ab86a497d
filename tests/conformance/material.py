"""What cases are made of: fixed keys, good documents as plain claims, ways to forge others; nothing of the product."""

import hashlib
import hmac
import json
from base64 import b64encode, urlsafe_b64encode
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature

Json = dict[str, Any]

ISSUER = "https://licence.example.com"
NOW = 1_800_000_000
DAY = 86_400
LICENCE, ACTIVATION = "licence+jwt", "activation-request+jwt"
VALIDATION, DEACTIVATION = "validation-request+jwt", "deactivation-request+jwt"
OUTAGE = "outage+jwt"


def b64(raw: bytes) -> str:
    return urlsafe_b64encode(raw).rstrip(b"=").decode()


def as_json(value: object) -> bytes:
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False).encode()


class Key:
    """A key that is always the same: Ed25519, or P-256 with signatures by RFC 6979."""

    def __init__(self, number: int, kind: str = "OKP") -> None:
        self.jwk: dict[str, str]
        if kind == "OKP":
            self.private: Any = ed25519.Ed25519PrivateKey.from_private_bytes(bytes([number]) * 32)
            self.alg, self.jwk = "EdDSA", okp(self.private.public_key().public_bytes_raw())
        else:
            self.private = ec.derive_private_key(number, ec.SECP256R1())
            point = self.private.public_key().public_numbers()
            self.alg = "ES256"
            self.jwk = {"kty": "EC", "crv": "P-256", "x": b64(point.x.to_bytes(32)), "y": b64(point.y.to_bytes(32))}
        self.kid = thumbprint(self.jwk)

    def sign(self, message: bytes) -> bytes:
        if self.alg == "EdDSA":
            return bytes(self.private.sign(message))
        r, s = decode_dss_signature(self.der(message))
        return r.to_bytes(32) + s.to_bytes(32)

    def der(self, message: bytes) -> bytes:
        return bytes(self.private.sign(message, ec.ECDSA(hashes.SHA256(), deterministic_signing=True)))


def okp(raw: bytes) -> dict[str, str]:
    return {"kty": "OKP", "crv": "Ed25519", "x": b64(raw)}


def thumbprint(jwk: dict[str, str]) -> str:
    """RFC 7638."""
    return b64(hashlib.sha256(json.dumps(jwk, sort_keys=True, separators=(",", ":")).encode()).digest())


ROOT_1, ROOT_2, ROOT_3, SIGNING, NEXT, DEVICE, STRANGER, ROOT_4 = (Key(number) for number in range(11, 19))
TPM, TPM_SIGNING = Key(21, "EC"), Key(22, "EC")
DIGEST = b64(hashlib.sha256(b"component").digest())


def signing(key: Key, status: str = "active", since: int = NOW - DAY, until: int | None = None) -> Json:
    return {"jwk": key.jwk, "status": status, "from": since, "until": until}


TRUST: Json = {
    "typ": "trust",
    "iss": ISSUER,
    "version": 5,
    "iat": NOW - DAY,
    "exp": NOW + 397 * DAY,
    "root": {"keys": [ROOT_1.jwk, ROOT_2.jwk, ROOT_3.jwk], "threshold": 2},
    "signing": [signing(SIGNING)],
}

CLAIMS: Json = {
    "iss": ISSUER,
    "sub": "lic_1",
    "act": "act_1",
    "jti": "doc_2",
    "seq": 2,
    "iat": NOW,
    "exp": NOW + 15 * DAY,
    "nonce": "bm9uY2U",
    "cnf": {"jkt": DEVICE.kid},
    "activated_at": NOW - DAY,
    "status": "active",
    "reason": None,
    "customer": {"id": "cus_1", "name": "فولاد پارس"},
    "product": {"name": "Owj CRM", "edition": "enterprise"},
    "site": "Mashhad",
    "terms": {"starts_at": NOW - DAY, "ends_at": None, "grace": 0, "support_ends_at": None},
    "seats": {
        "model": "concurrent", "users": 3, "clients": 4, "service": 1, "overdraft": {"users": 1, "days": 5}
    },
    "features": ["reports"],
    "networks": ["10.0.0.0/8"],
    "fingerprint": {"components": {"machine_id": DIGEST, "product_uuid": DIGEST}, "threshold": 60},
    "validation": {"interval": DAY, "refresh_at": NOW + DAY, "grace": 14 * DAY},
    "notices": [],
}  # fmt: skip

HOST = {"name": "crm", "os": "Debian GNU/Linux 12", "agent": "0.1.0", "virtualisation": "none", "key": "file"}

ACTIVATING: Json = {
    "iss": DEVICE.kid,
    "aud": ISSUER,
    "jti": "req_1",
    "iat": NOW,
    "nonce": "bm9uY2U",
    "code": "000G4-0R40M-30E20-9185G-R38ED",
    "fingerprint": {"components": {"machine_id": DIGEST}},
    "host": HOST,
    "terms_version": "1",
}
VALIDATING: Json = {
    "iss": DEVICE.kid,
    "sub": "lic_1",
    "act": "act_1",
    "aud": ISSUER,
    "jti": "req_2",
    "iat": NOW,
    "nonce": "bm9uY2U",
    "previous": "doc_1",
    "fingerprint": {"components": {"machine_id": DIGEST}},
    "host": HOST,
    "boot": {"id": DIGEST, "uptime": 3600.25},
    "events": [{"code": "clock_behind", "at": NOW, "count": 2}],
    "usage": [{"hour": NOW, "users": 2, "clients": 3}],
}
OUTAGE_CLAIMS: Json = {
    "iss": ISSUER,
    "jti": "out_1",
    "iat": NOW,
    "from": NOW - DAY,
    "until": NOW + 30 * DAY,
    "extends": 14 * DAY,
    "licences": "all",
}
DEACTIVATING: Json = {name: value for name, value in VALIDATING.items() if name != "usage"}


def header(kind: str, key: Key = SIGNING, *, introduce: bool = False, **more: Any) -> Json:
    return {"alg": key.alg, "typ": kind, **({"jwk": key.jwk} if introduce else {"kid": key.kid}), **more}


def forge(head: Json | bytes, claims: Json | bytes, key: Key | None = SIGNING) -> bytes:
    """Sign whatever it is; without a key the signature is empty."""
    parts = [b64(part if isinstance(part, bytes) else as_json(part)) for part in (head, claims)]
    signed = ".".join(parts).encode()
    return signed + b"." + (b64(key.sign(signed)).encode() if key else b"")


def hs256(head: Json, claims: Json, secret: bytes) -> bytes:
    signed = f"{b64(as_json(head))}.{b64(as_json(claims))}".encode()
    return signed + b"." + b64(hmac.digest(secret, signed, "sha256")).encode()


def licence(**changes: Any) -> bytes:
    return forge(header(LICENCE), {**CLAIMS, **changes})


def outage(**changes: Any) -> bytes:
    return forge(header(OUTAGE), {**OUTAGE_CLAIMS, **changes})


def validation(key: Key = DEVICE, **changes: Any) -> bytes:
    return forge(header(VALIDATION, key), {**VALIDATING, "iss": key.kid, **changes}, key)


def activation(key: Key = DEVICE, **changes: Any) -> bytes:
    return forge(header(ACTIVATION, key, introduce=True), {**ACTIVATING, "iss": key.kid, **changes}, key)


def row(payload: bytes, key: Key, head: Json | bytes | None = None) -> Json:
    """One root's signature under a trust document."""
    head = {"alg": key.alg, "kid": key.kid} if head is None else head
    protected = b64(head if isinstance(head, bytes) else as_json(head))
    return {"protected": protected, "signature": b64(key.sign(f"{protected}.{b64(payload)}".encode()))}


def envelope(payload: Json | bytes, *signatures: Key | Json) -> bytes:
    """A trust document; a key signs as it should."""
    raw = payload if isinstance(payload, bytes) else as_json(payload)
    rows = [row(raw, entry) if isinstance(entry, Key) else entry for entry in signatures]
    return as_json({"payload": b64(raw), "signatures": rows})


def trust(*signers: Key, **changes: Any) -> bytes:
    return envelope({**TRUST, **changes}, *(signers or (ROOT_1, ROOT_2)))


@dataclass(frozen=True)
class Step:
    """One command of the interface, and what it must answer."""

    do: str
    file: bytes
    expect: str = "accepted"
    kind: str | None = None
    now: int = NOW
    beside: dict[str, bytes] = field(default_factory=dict)
    claims: Json = field(default_factory=dict)

    def to_json(self) -> Json:
        made: Json = {"do": self.do, "now": self.now, "expect": self.expect, "file": _content(self.file)}
        made |= {"type": self.kind} if self.kind else {}
        made |= {"claims": self.claims} if self.claims else {}
        return made | {name: _content(file) for name, file in self.beside.items()}


@dataclass(frozen=True)
class Case:
    """Steps from an empty state; the last one's outcome is the name's end."""

    what: str
    why: str
    source: str
    steps: Sequence[Step]

    @property
    def name(self) -> str:
        return f"{self.what}--{self.steps[-1].expect}"

    def to_json(self) -> Json:
        return {"why": self.why, "source": self.source, "steps": [step.to_json() for step in self.steps]}


INIT = Step("init", trust())
BAD, UNSIGNED, BIG = "malformed", "signature-invalid", "too-large"
UNTRUSTED, OVER = "trust-refused", "licence-restricted"


def checked(what: str, why: str, source: str, document: bytes, expect: str = "accepted", **more: Any) -> Case:
    """A case of one document under the good trust; ``more`` goes into its step."""
    more.setdefault("kind", LICENCE)
    return Case(what, why, source, [INIT, Step("verify", document, expect, **more)])


def pinned_case(
    what: str, why: str, document: bytes, expect: str = "accepted", source: str = "protocol, section 3: pinning"
) -> Case:
    """A case of a trust document that somebody is asked to pin."""
    return Case(f"pin-{what}", why, source, [Step("init", document, expect)])


def _content(raw: bytes) -> Json:
    try:
        return {"text": raw.decode()}
    except UnicodeDecodeError:
        return {"base64": b64encode(raw).decode()}
