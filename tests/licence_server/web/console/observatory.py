"""Scores headers as Mozilla's HTTP Observatory does (its published tests and scoring, version 5)."""

from collections.abc import Iterator
from http.cookies import SimpleCookie

from werkzeug.datastructures import Headers

_HALF_A_YEAR = 15_768_000
_PRIVATE = {"no-referrer", "same-origin", "strict-origin", "strict-origin-when-cross-origin"}
_SECRET = ("session", "visit")


def policy_of(headers: Headers) -> dict[str, list[str]]:
    """The directives of a content security policy."""
    parts = (part.split() for part in headers.get("Content-Security-Policy", "").split(";") if part.strip())
    return {name: values for name, *values in parts}


def found(headers: Headers) -> Iterator[tuple[str, int]]:
    """Everything that changes the score of 100: name and number."""
    policy = policy_of(headers)
    yield from _of_policy(policy)
    yield from _of_cookies(headers)
    lasting = [part for part in headers.get("Strict-Transport-Security", "").split(";") if part.startswith("max-age=")]
    if not lasting:
        yield "hsts-not-implemented", -20
    elif int(lasting[0].removeprefix("max-age=")) < _HALF_A_YEAR:
        yield "hsts-max-age-less-than-six-months", -10
    if headers.get("X-Content-Type-Options") != "nosniff":
        yield "x-content-type-options-not-implemented", -5
    if policy.get("frame-ancestors") == ["'none'"]:
        yield "x-frame-options-implemented-via-csp", 5
    elif headers.get("X-Frame-Options") not in {"DENY", "SAMEORIGIN"}:
        yield "x-frame-options-not-implemented", -20
    yield ("referrer-policy-private", 5) if headers.get("Referrer-Policy") in _PRIVATE else ("no-referrer-policy", 0)
    if headers.get("Cross-Origin-Resource-Policy") in {"same-origin", "same-site"}:
        yield "cross-origin-resource-policy", 10
    if headers.get("Access-Control-Allow-Origin") == "*":
        yield "cross-origin-resource-sharing-implemented-with-universal-access", -50


def _of_policy(policy: dict[str, list[str]]) -> Iterator[tuple[str, int]]:
    scripts = policy.get("script-src", policy.get("default-src", ["*"]))
    if not policy:
        yield "csp-not-implemented", -25
    elif {"'unsafe-inline'", "data:", "*", "https:"} & set(scripts):
        yield "csp-implemented-with-unsafe-inline", -20
    elif "'unsafe-eval'" in scripts:
        yield "csp-implemented-with-unsafe-eval", -10
    elif "'unsafe-inline'" in policy.get("style-src", []):
        yield "csp-implemented-with-unsafe-inline-in-style-src-only", 0
    elif policy.get("default-src") == ["'none'"]:
        yield "csp-implemented-with-no-unsafe-default-src-none", 10
    else:
        yield "csp-implemented-with-no-unsafe", 5


def _of_cookies(headers: Headers) -> Iterator[tuple[str, int]]:
    jar = [cookie for line in headers.getlist("Set-Cookie") for cookie in SimpleCookie(line).values()]
    for cookie in jar:
        is_secret = cookie.key.removeprefix("__Host-") in _SECRET
        if not cookie["secure"]:
            yield "cookies-without-secure-flag", -40 if is_secret else -20
        if is_secret and not cookie["httponly"]:
            yield "cookies-session-without-httponly-flag", -30
    if jar and all(cookie["secure"] and cookie["httponly"] and cookie["samesite"] for cookie in jar):
        yield "cookies-secure-with-httponly-sessions-and-samesite", 5


def score(headers: Headers) -> int:
    """The score; what is above 100 counts only for who loses little elsewhere."""
    changes = [number for _, number in found(headers)]
    lost = 100 + sum(number for number in changes if number < 0)
    return lost + sum(number for number in changes if number > 0) if lost >= 90 else lost
