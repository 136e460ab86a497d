"""The provider of single sign-on, over HTTPS: its metadata, its token endpoint, and the id tokens that it signs."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, cast
from urllib.parse import quote, urlencode, urlsplit

import requests
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet
from joserfc.jwt import JWTClaimsRegistry

from keys.addresses import is_loopback
from keys.clock import Clock
from keys.errors import NotSignedInError, UnavailableError
from licence_server.domain.federation import DOWN, LEEWAY, ODD, UNREADABLE, Claims, Federation, Flow

ALGORITHMS = ("RS256", "ES256", "EdDSA", "Ed25519")
"""Whatever the provider offers: no HMAC, and never ``none``."""
_SILENCE = 5.0
_DEADLINE = 10.0
_MOST_BYTES = 262_144
_RETRY_AFTER = 30


class OpenIdProvider:
    """One provider (services.ports_access.Provider). Nothing of it is kept: sign-ins are rare, and its keys change.

    Args:
        issuer: its URL, letter by letter as it writes it.
        client: what it calls us.
        secret_file: where our secret there is; None: we have none, and the proof key alone proves us.
        callback: where it sends browsers back to.
        clock: bounds how long an exchange may take.
    """

    def __init__(self, issuer: str, client: str, secret_file: Path | None, callback: str, clock: Clock) -> None:
        self._issuer, self._client, self._secret_file = issuer, client, secret_file
        self._callback, self._clock = callback, clock

    def address(self, flow: Flow, federation: Federation) -> str:
        """Return where a browser signs in. Raises UnavailableError."""
        scopes = {"sub": "openid", "email": "openid email", "preferred_username": "openid profile"}
        asked = {
            "response_type": "code",
            "client_id": self._client,
            "redirect_uri": self._callback,
            "scope": scopes[federation.identity],
            "state": flow.state,
            "nonce": flow.nonce,
            "code_challenge": flow.proof,
            "code_challenge_method": "S256",
        }
        if federation.max_age is not None:
            asked["max_age"] = str(federation.max_age)
        endpoint = self._endpoint(self._metadata(), "authorization_endpoint")
        return f"{endpoint}{'&' if urlsplit(endpoint).query else '?'}{urlencode(asked)}"

    def claims(self, flow: Flow, code: str, now: int) -> Claims:
        """Exchange a code for an id token, and return what it says once all of it holds.

        Raises:
            UnavailableError: the provider does not answer as it should.
            NotSignedInError: it refuses the code, or its token is not for us, for this flow or for now.
        """
        metadata = self._metadata()
        form = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": self._callback,
            "code_verifier": flow.verifier,
        }
        status, answer = self._ask("POST", self._endpoint(metadata, "token_endpoint"), **self._proved(metadata, form))
        if 400 <= status < 500:
            raise NotSignedInError(ODD)
        token = answer.get("id_token")
        if status != 200 or not isinstance(token, str):
            raise UnavailableError(DOWN, _RETRY_AFTER)
        keys = self._found(self._ask("GET", self._endpoint(metadata, "jwks_uri")))
        return self._verified(token, keys, flow, now)

    def _verified(self, token: str, keys: Mapping[str, Any], flow: Flow, now: int) -> Claims:
        """Check an id token (OpenID Connect Core 1.0, section 3.1.3.7)."""
        essential = {"essential": True}
        rules = JWTClaimsRegistry(
            now=now,
            leeway=LEEWAY,
            iss={"essential": True, "value": self._issuer},
            aud={"essential": True, "value": self._client},
            nonce={"essential": True, "value": flow.nonce},
            **cast("Any", dict.fromkeys(("sub", "exp", "iat"), essential)),
        )
        try:
            claims = jwt.decode(token, KeySet.import_key_set(cast("Any", keys)), ALGORITHMS).claims
            rules.validate(claims)
        except (JoseError, ValueError, TypeError, KeyError) as error:
            raise NotSignedInError(ODD) from error
        if claims.get("azp", self._client) != self._client:
            raise NotSignedInError(ODD)
        return claims

    def _metadata(self) -> Mapping[str, Any]:
        found = self._found(self._ask("GET", f"{self._issuer.rstrip('/')}/.well-known/openid-configuration"))
        if found.get("issuer") != self._issuer:
            raise UnavailableError(DOWN, _RETRY_AFTER)
        return found

    def _endpoint(self, metadata: Mapping[str, Any], name: str) -> str:
        """Return an address that metadata names: over HTTPS, unless the provider is on this machine."""
        address = metadata.get(name)
        parts = urlsplit(address if isinstance(address, str) else "")
        is_safe = parts.scheme == "https" or (parts.scheme == "http" and is_loopback(parts.hostname or ""))
        if not is_safe or not parts.hostname:
            raise UnavailableError(DOWN, _RETRY_AFTER)
        return str(address)

    def _proved(self, metadata: Mapping[str, Any], form: dict[str, str]) -> dict[str, Any]:
        """Return the form and the headers by which we prove who we are (RFC 6749, section 2.3.1)."""
        if self._secret_file is None:
            return {"data": {**form, "client_id": self._client}}
        try:
            secret = self._secret_file.read_text(encoding="utf-8").strip()
        except (OSError, ValueError) as error:
            raise UnavailableError(UNREADABLE, _RETRY_AFTER) from error
        methods = metadata.get("token_endpoint_auth_methods_supported", ["client_secret_basic"])
        if isinstance(methods, list) and "client_secret_basic" not in methods:
            return {"data": {**form, "client_id": self._client, "client_secret": secret}}
        return {"data": form, "auth": (quote(self._client, safe=""), quote(secret, safe=""))}

    def _found(self, answer: tuple[int, Mapping[str, Any]]) -> Mapping[str, Any]:
        if answer[0] != 200:
            raise UnavailableError(DOWN, _RETRY_AFTER)
        return answer[1]

    def _ask(self, method: str, address: str, **more: Any) -> tuple[int, Mapping[str, Any]]:  # noqa: ANN401 - requests' own
        """Exchange one request for one whole JSON object. Raises UnavailableError."""
        ends, body = self._clock.boot() + _DEADLINE, b""
        more.setdefault("auth", _without_netrc)
        try:
            with requests.request(
                method,
                address,
                headers={"Accept": "application/json"},
                timeout=_SILENCE,
                allow_redirects=False,
                stream=True,
                **more,
            ) as answer:
                for part in answer.iter_content(16_384):
                    body += part
                    if len(body) > _MOST_BYTES or self._clock.boot() > ends:
                        raise UnavailableError(DOWN, _RETRY_AFTER)
                status = answer.status_code
            found = json.loads(body)
        except (requests.RequestException, OSError, ValueError, RecursionError) as error:
            raise UnavailableError(DOWN, _RETRY_AFTER) from error
        if not isinstance(found, dict):
            raise UnavailableError(DOWN, _RETRY_AFTER)
        return status, found


def _without_netrc(request: requests.PreparedRequest) -> requests.PreparedRequest:
    """Send no password that lies in somebody's ~/.netrc."""
    return request
