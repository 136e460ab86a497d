"""A provider of single sign-on in this process: honest, unless a test tells it to lie."""

import base64
import hashlib
import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

from joserfc import jwt
from joserfc.jwk import ECKey, KeySet, OctKey, OKPKey, RSAKey

from keys.clock import Clock
from tests.background import answering

CLIENT, SECRET = "licence-server", "long enough / % + :"
RSA = RSAKey.generate_key(2048, {"kid": "rsa"})
OTHER = RSAKey.generate_key(2048, {"kid": "rsa"})
EC = ECKey.generate_key("P-256", {"kid": "ec"})
ED = OKPKey.generate_key("Ed25519", {"kid": "ed"})
SHARED = OctKey.import_key(SECRET, {"kid": "shared"})
Key = RSAKey | ECKey | OKPKey | OctKey


@dataclass
class OpenId:
    """What it is told to say."""

    clock: Clock
    issuer: str = ""
    claims: dict[str, Any] = field(default_factory=lambda: {"sub": "4711"})
    """Beside those that every id token has; None takes one away."""
    metadata: dict[str, Any] = field(default_factory=dict)
    answers: dict[str, tuple[int, str]] = field(default_factory=dict)
    """Path -> another answer."""
    key: Key = field(default_factory=lambda: RSA)
    alg: str = "RS256"
    asked: dict[str, str] = field(default_factory=dict)
    """What the browser brought last."""
    exchanges: list[tuple[str, dict[str, str]]] = field(default_factory=list)

    def signed_in(self, address: str) -> dict[str, str]:
        """Somebody signs in there; return what their browser brings back."""
        self.asked = {name: values[0] for name, values in parse_qs(urlsplit(address).query).items()}
        return {"state": self.asked["state"], "code": "the code"}

    def answer(self, path: str, body: str, authorization: str) -> tuple[int, str]:
        if path in self.answers:
            return self.answers[path]
        if path == "/.well-known/openid-configuration":
            names = {"authorization_endpoint": "/authorize", "token_endpoint": "/token", "jwks_uri": "/keys"}
            found = {"issuer": self.issuer, **{name: self.issuer + where for name, where in names.items()}}
            return 200, json.dumps({**found, **self.metadata})
        if path == "/keys":
            return 200, json.dumps(KeySet([RSA, EC, ED]).as_dict(private=False))
        return self._token({name: values[0] for name, values in parse_qs(body).items()}, authorization)

    def _token(self, form: dict[str, str], authorization: str) -> tuple[int, str]:
        self.exchanges.append((authorization, form))
        digest = hashlib.sha256(form.get("code_verifier", "").encode()).digest()
        is_proved = base64.urlsafe_b64encode(digest).decode().rstrip("=") == self.asked["code_challenge"]
        if not is_proved or form["code"] != "the code" or form["redirect_uri"] != self.asked["redirect_uri"]:
            return 400, '{"error": "invalid_grant"}'
        now = self.clock.now()
        told = {"iss": self.issuer, "aud": CLIENT, "iat": now, "exp": now + 300, "nonce": self.asked["nonce"]}
        claims = {name: value for name, value in {**told, **self.claims}.items() if value is not None}
        header = {"alg": self.alg, "kid": self.key.kid or ""}
        return 200, json.dumps({"id_token": jwt.encode(header, claims, self.key, [self.alg]), "token_type": "Bearer"})


@contextmanager
def openid(clock: Clock) -> Iterator[OpenId]:
    """Serve one on a loopback port."""
    provider = OpenId(clock)

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self._reply("")

        def do_POST(self) -> None:
            self._reply(self.rfile.read(int(self.headers["Content-Length"])).decode())

        def log_message(self, *_: object) -> None:
            pass

        def _reply(self, body: str) -> None:
            status, text = provider.answer(self.path, body, self.headers.get("Authorization", ""))
            self.send_response(status)
            if status in {301, 302}:
                self.send_header("Location", text)
            self.send_header("Content-Length", str(len(text.encode())))
            self.end_headers()
            self.wfile.write(text.encode())

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    provider.issuer = f"http://127.0.0.1:{server.server_port}"
    with answering(server):
        yield provider
