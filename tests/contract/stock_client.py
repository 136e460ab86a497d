"""An agent written from docs/protocol.md alone, on a stock JOSE library (PyJWT): nothing of ours is imported.

It activates, validates and deactivates, and believes no answer that it has not verified.
"""

import base64
import hashlib
import hmac
import json
import os
import urllib.error
import urllib.request
from dataclasses import dataclass, field
from http.client import HTTPMessage
from typing import IO, Any

import jwt
from cryptography.hazmat.primitives.asymmetric import ec, ed25519

PrivateKey = ed25519.Ed25519PrivateKey | ec.EllipticCurvePrivateKey
Claims = dict[str, Any]

TIMEOUT = 10
LARGEST = 65_536
JWT = "application/jwt"
ALGORITHMS = {"OKP": ["EdDSA"], "EC": ["ES256"]}
LATER: Any = {"verify_exp": False, "verify_iat": False, "verify_nbf": False, "verify_aud": False, "verify_iss": False}


class RefusedError(Exception):
    """The server said no, with a word of section 7."""

    def __init__(self, word: str, status: int) -> None:
        super().__init__(word)
        self.word, self.status = word, status


class UnbelievableError(Exception):
    """The answer is not what the protocol promises: to an agent, a network fault."""


def b64url(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def unb64url(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def thumbprint(jwk: Claims) -> str:
    """RFC 7638: the required members, sorted, without white space."""
    needed = {name: jwk[name] for name in ("crv", "kty", "x", "y") if name in jwk}
    return b64url(hashlib.sha256(json.dumps(needed, sort_keys=True, separators=(",", ":")).encode()).digest())


def public_jwk(private: PrivateKey) -> Claims:
    if isinstance(private, ed25519.Ed25519PrivateKey):
        return {"kty": "OKP", "crv": "Ed25519", "x": b64url(private.public_key().public_bytes_raw())}
    numbers = private.public_key().public_numbers()
    return {"kty": "EC", "crv": "P-256", "x": b64url(numbers.x.to_bytes(32)), "y": b64url(numbers.y.to_bytes(32))}


def decoded(document: str, jwk: Claims) -> Claims:
    """Verify with the key's own algorithm and no other; moments are the caller's to judge."""
    claims: Claims = jwt.decode(document, jwt.PyJWK(jwk).key, ALGORITHMS[jwk["kty"]], LATER)
    return claims


def expect(condition: object, why: str) -> None:
    if not condition:
        raise UnbelievableError(why)


@dataclass
class Trust:
    """Section 3."""

    claims: Claims

    @classmethod
    def pin(cls, document: bytes) -> "Trust":
        claims = _payload(document)
        _check_threshold(document, claims)
        return cls(claims)

    def replaced_by(self, document: bytes) -> "Trust":
        claims = _payload(document)
        _check_threshold(document, self.claims)
        _check_threshold(document, claims)
        expect(claims["iss"] == self.claims["iss"], "another issuer")
        if claims["version"] == self.claims["version"]:
            expect(claims == self.claims, "another content under the same version")
        expect(claims["version"] >= self.claims["version"], "an older version")
        return Trust(claims)

    def signing(self, kid: str) -> Claims | None:
        for entry in self.claims["signing"]:
            if thumbprint(entry["jwk"]) == kid and entry["status"] != "revoked":
                found: Claims = entry
                return found
        return None


def _payload(document: bytes) -> Claims:
    expect(len(document) <= LARGEST, "too large")
    claims: Claims = json.loads(unb64url(json.loads(document)["payload"]))
    expect(claims["typ"] == "trust", "no trust document")
    return claims


def _check_threshold(document: bytes, trusted: Claims) -> None:
    envelope = json.loads(document)
    roots = {thumbprint(jwk): jwk for jwk in trusted["root"]["keys"]}
    signers = set()
    for row in envelope["signatures"]:
        header = json.loads(unb64url(row["protected"]))
        root = roots.get(header["kid"])
        if root is None or set(header) - {"alg", "kid", "typ"}:
            continue
        compact = f"{row['protected']}.{envelope['payload']}.{row['signature']}"
        try:
            jwt.PyJWS().decode(compact, jwt.PyJWK(root).key, algorithms=ALGORITHMS[root["kty"]])
        except jwt.InvalidTokenError:
            continue
        signers.add(header["kid"])
    expect(len(signers) >= trusted["root"]["threshold"], "too few roots signed the trust document")


@dataclass
class StockAgent:
    """Sections 4 to 9: one server's activation, held in memory."""

    url: str
    trust: Trust
    hardware: dict[str, str]
    """Raw components by name."""
    private: PrivateKey = field(default_factory=ed25519.Ed25519PrivateKey.generate)
    uptime: float = 1000.5
    licence: Claims | None = None
    document: str = ""
    last_request: str = ""

    def activate(self, code: str, terms_version: str = "1") -> Claims:
        claims = {**self._common(), "code": code, "terms_version": terms_version}
        return self._exchange("activations", "activation-request+jwt", claims, introduce=True)

    def validate(self) -> Claims:
        return self._with_evidence("validations", "validation-request+jwt", {"usage": []})

    def deactivate(self) -> Claims:
        return self._with_evidence("deactivations", "deactivation-request+jwt", {})

    def send_again(self, endpoint: str) -> bytes:
        """Repeat the last request, byte for byte."""
        return self._post(endpoint, self.last_request)

    def refresh_trust(self) -> None:
        self.trust = self.trust.replaced_by(self._open("GET", "trust", None))

    def _with_evidence(self, endpoint: str, kind: str, more: Claims) -> Claims:
        """Validate or give back; asked for evidence, make a new request with the licence in hand."""
        try:
            return self._exchange(endpoint, kind, {**self._held(), **more}, introduce=False)
        except RefusedError as refusal:
            if refusal.word != "evidence-required":
                raise
        return self._exchange(endpoint, kind, {**self._held(), **more, "held": self.document}, introduce=True)

    def _common(self) -> Claims:
        return {
            "iss": thumbprint(public_jwk(self.private)),
            "aud": self.trust.claims["iss"],
            "jti": f"req_{b64url(os.urandom(16))}",
            "iat": 0,  # "nothing is decided by it"
            "nonce": b64url(os.urandom(16)),
            "fingerprint": {"components": {name: self._digest(value) for name, value in self.hardware.items()}},
            "host": {"name": "stock", "os": "any", "agent": "stock/1", "virtualisation": "none", "key": "file"},
        }

    def _held(self) -> Claims:
        assert self.licence is not None
        return {
            **self._common(),
            "sub": self.licence["sub"],
            "act": self.licence["act"],
            "previous": self.licence["jti"],
            "boot": {"id": self._digest("boot"), "uptime": self.uptime},
            "events": [],
        }

    def _digest(self, value: str) -> str:
        return b64url(hmac.digest(self.trust.claims["iss"].encode(), value.strip().casefold().encode(), "sha256"))

    def _exchange(self, endpoint: str, kind: str, claims: Claims, *, introduce: bool) -> Claims:
        jwk = public_jwk(self.private)
        who = {"jwk": jwk} if introduce else {"kid": thumbprint(jwk)}
        algorithm = ALGORITHMS[jwk["kty"]][0]
        self.last_request = jwt.encode(claims, self.private, algorithm=algorithm, headers={"typ": kind, **who})
        answer = self._post(endpoint, self.last_request).decode("ascii")
        licence = self._verified(answer, claims)
        if licence["status"] != "refused":
            self.licence, self.document = licence, answer
        return licence

    def _verified(self, document: str, request: Claims) -> Claims:
        header = jwt.get_unverified_header(document)
        expect(set(header) == {"alg", "typ", "kid"}, "the header has other members")
        expect(header["typ"] == "licence+jwt", "no licence")
        if self.trust.signing(header["kid"]) is None:
            self.refresh_trust()
        entry = self.trust.signing(header["kid"])
        expect(entry is not None, "an unknown or revoked key")
        assert entry is not None
        licence = decoded(document, entry["jwk"])
        until = entry["until"]
        expect(
            entry["from"] <= licence["iat"] and (until is None or licence["iat"] <= until), "outside the key's dates"
        )
        expect(licence["iss"] == self.trust.claims["iss"], "another issuer")
        expect(licence["nonce"] == request["nonce"], "an answer to another request")
        expect(licence["cnf"] == {"jkt": request["iss"]}, "bound to another device key")
        if "sub" in request:
            assert self.licence is not None
            expect((licence["sub"], licence["act"]) == (request["sub"], request["act"]), "another activation")
            least = self.licence["seq"] + (licence["status"] != "refused")
            expect(licence["seq"] >= least, "an older document")
        return licence

    def _post(self, endpoint: str, document: str) -> bytes:
        return self._open("POST", endpoint, document.encode())

    def _open(self, method: str, endpoint: str, body: bytes | None) -> bytes:
        headers = {"Content-Type": JWT} if body is not None else {}
        request = urllib.request.Request(f"{self.url}/agent/v1/{endpoint}", body, headers, method=method)  # noqa: S310
        try:
            with _OPENER.open(request, timeout=TIMEOUT) as answer:
                expect(answer.headers.get_content_type() == JWT, "another media type")
                content: bytes = answer.read(LARGEST + 1)
        except urllib.error.HTTPError as error:
            raise _refusal(error) from error
        expect(len(content) <= LARGEST, "too large")
        return content


class _NoRedirects(urllib.request.HTTPRedirectHandler):
    def redirect_request(
        self, req: urllib.request.Request, fp: IO[bytes], code: int, msg: str, headers: HTTPMessage, newurl: str
    ) -> None:
        return None


_OPENER = urllib.request.build_opener(_NoRedirects, urllib.request.ProxyHandler({}))


def _refusal(error: urllib.error.HTTPError) -> Exception:
    if error.headers.get_content_type() != "application/problem+json":
        return UnbelievableError(f"status {error.code} without a problem")
    word = json.loads(error.read(LARGEST))["type"].removeprefix("urn:licence:problem:")
    return RefusedError(word, error.code)
