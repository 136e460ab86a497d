"""The answer to whoever may not go on: a page in both languages, or problem details for programs."""

import base64
import hashlib
from dataclasses import dataclass
from html import escape
from typing import Any

from agent.crm.sentences import Explained, Message
from keys.errors import LicensingError, SeatsExhaustedError
from keys.jws import to_json

Environ = dict[str, Any]
Headers = list[tuple[str, str]]

_STYLE = (
    "body{font:1rem/1.7 system-ui,Tahoma,sans-serif;margin:0;background:#f4f5f7;color:#1c2330}"
    "main{max-width:38rem;margin:8vh auto;padding:2rem;background:#fff;border-radius:.75rem;"
    "box-shadow:0 1px 4px #0002}h1{font-size:1.4rem;margin:0 0 .5rem}h2{font-size:1.1rem;margin:0}"
    "section{margin-top:2rem;padding-top:1.5rem;border-top:1px solid #d8dce3;color:#4a5364}"
    "a{display:inline-block;margin-top:1rem;padding:.5rem 1.25rem;border-radius:.4rem;background:#1f5fbf;"
    "color:#fff;text-decoration:none}"
)
_STYLE_DIGEST = base64.b64encode(hashlib.sha256(_STYLE.encode()).digest()).decode()
_POLICY = f"default-src 'none'; style-src 'sha256-{_STYLE_DIGEST}'; base-uri 'none'; form-action 'none'"
_AGAIN = {"en": "Try again", "fa": "تلاش دوباره"}
_DIRECTIONS = {"en": "ltr", "fa": "rtl"}
_WITHOUT_BODY = "HEAD"


@dataclass(frozen=True, slots=True)
class Answer:
    """A whole HTTP answer, as WSGI wants it."""

    status: str
    headers: Headers
    body: bytes


def refuse(environ: Environ, refusal: LicensingError, said: Explained, contact: str) -> Answer:
    """Answer in the language and form that the request asks for.

    503 only while the agent is away: programs send such a request again by themselves and tell nobody, and load
    balancers take a server that says so for broken. Whom the licence keeps out has to see it: 403, as from nginx.
    """
    is_away = said.retry_after is not None and not isinstance(refusal, SeatsExhaustedError)
    status = "503 Service Unavailable" if is_away else "403 Forbidden"
    body, media_type = (
        (_problem(refusal, said, status), "application/problem+json")
        if wants_json(environ)
        else (page(said, language(environ), contact), "text/html; charset=utf-8")
    )
    headers = [
        ("Content-Type", media_type),
        ("Content-Length", str(len(body))),
        ("Cache-Control", "no-store"),
        ("Vary", "Accept, Accept-Language, Cookie"),
        ("Content-Language", language(environ)),
        ("Content-Security-Policy", _POLICY),
        ("X-Content-Type-Options", "nosniff"),
        ("Licence-Problem", refusal.word),
    ]
    if is_away:
        headers.append(("Retry-After", str(said.retry_after)))
    return Answer(status, headers, b"" if environ["REQUEST_METHOD"] == _WITHOUT_BODY else body)


def page(said: Explained, first: str, contact: str) -> bytes:
    """Return the page, with one language first and the other below; it loads nothing from anywhere."""
    other = "fa" if first == "en" else "en"
    messages = {"en": said.en, "fa": said.fa}
    again = f'<a href="">{_AGAIN[first]}</a>' if said.retry_after is not None else ""
    whom = f"<p>{escape(contact)}</p>" if contact else ""
    text = (
        f'<!doctype html><html lang="{first}" dir="{_DIRECTIONS[first]}"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width,initial-scale=1">'
        f"<title>{escape(messages[first].title)}</title><style>{_STYLE}</style></head><body><main>"
        f"{_paragraphs(messages[first], 'h1')}{whom}{again}"
        f'<section lang="{other}" dir="{_DIRECTIONS[other]}">{_paragraphs(messages[other], "h2")}</section>'
        "</main></body></html>\n"
    )
    return text.encode()


def language(environ: Environ) -> str:
    """Return ``fa`` or ``en``, whichever the browser likes better; Persian where it says nothing."""
    wishes = _weighted(environ.get("HTTP_ACCEPT_LANGUAGE", ""))
    found = {wish.partition("-")[0]: weight for wish, weight in reversed(wishes)}
    return "en" if found.get("en", 0) > found.get("fa", 0) else "fa"


def wants_json(environ: Environ) -> bool:
    """Tell whether a program asks: it accepts JSON rather than HTML, or sends JSON and accepts anything."""
    wishes = _weighted(environ.get("HTTP_ACCEPT", ""))
    html = max((weight for wish, weight in wishes if wish in {"text/html", "application/xhtml+xml"}), default=0.0)
    json = max((weight for wish, weight in wishes if wish.startswith("application/") and "json" in wish), default=0.0)
    return json > html or (html == 0 and environ.get("CONTENT_TYPE", "").startswith("application/json"))


def _problem(refusal: LicensingError, said: Explained, status: str) -> bytes:
    members: dict[str, object] = {
        "type": f"urn:licence:problem:{refusal.word}",
        "title": refusal.title,
        "status": int(status[:3]),
        "detail": f"{said.en.reason} {said.en.advice}",
        "text": {"en": f"{said.en.reason} {said.en.advice}", "fa": f"{said.fa.reason} {said.fa.advice}"},
    }
    if isinstance(refusal, SeatsExhaustedError):
        members |= {"dimension": refusal.dimension, "used": refusal.used, "limit": refusal.limit}
    return to_json(members)


def _paragraphs(message: Message, heading: str) -> str:
    return (
        f"<{heading}>{escape(message.title)}</{heading}><p>{escape(message.reason)}</p><p>{escape(message.advice)}</p>"
    )


def _weighted(header: str) -> list[tuple[str, float]]:
    """Read ``Accept`` and ``Accept-Language`` (RFC 9110, section 12.4.2)."""
    found = []
    for part in header.split(","):
        wish, *parameters = (piece.strip().lower() for piece in part.split(";"))
        weight = 1.0
        for parameter in parameters:
            if parameter.startswith("q="):
                try:
                    weight = float(parameter[2:])
                except ValueError:
                    weight = 0.0
        found.append((wish, weight))
    return found
