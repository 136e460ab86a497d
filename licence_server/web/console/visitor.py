"""Who looks at a page, and how: what the cookies of the console carry."""

from dataclasses import dataclass
from typing import Literal, get_args
from urllib.parse import urlsplit

from flask import Request
from werkzeug.wrappers import Response

Theme = Literal["system", "light", "dark"]
THEMES: tuple[Theme, ...] = get_args(Theme)
LANGUAGE, THEME, SAID = "language", "theme", "said"
_YEAR = 365 * 86_400
_PATH = "/console"


@dataclass(frozen=True, slots=True)
class Cookies:
    """Sets and reads cookies: Secure and with ``__Host-`` where browsers come over HTTPS, plain ones on loopback.

    Args:
        issuer: the server's public URL.
    """

    issuer: str

    @property
    def is_secure(self) -> bool:
        """Whether browsers reach us over HTTPS."""
        return urlsplit(self.issuer).scheme == "https"

    def secret_name(self, name: str) -> str:
        """Return the whole name of a cookie that nobody else may set: no other path, no other host, no plain HTTP."""
        return f"__Host-{name}" if self.is_secure else name

    def secret(self, request: Request, name: str) -> str:
        """Return a secret cookie, or empty text."""
        return request.cookies.get(self.secret_name(name), "")

    def set_secret(self, response: Response, name: str, value: str) -> None:
        """Set a secret cookie until the browser is closed; empty text takes it away."""
        whole, rest = self.secret_name(name), {"path": "/", "secure": self.is_secure, "httponly": True}
        if value:
            response.set_cookie(whole, value, samesite="Lax", **rest)  # type: ignore[arg-type]  # bool and str mixed
        else:
            response.delete_cookie(whole, samesite="Lax", **rest)  # type: ignore[arg-type]  # as above

    def set_choice(self, response: Response, name: str, value: str) -> None:
        """Remember a choice that is no secret for a year."""
        response.set_cookie(
            name, value, max_age=_YEAR, path=_PATH, secure=self.is_secure, httponly=True, samesite="Lax"
        )


def theme_of(request: Request) -> Theme:
    """Return the colours that a reader chose: those of the system, unless told otherwise."""
    chosen = request.cookies.get(THEME)
    return chosen if chosen in THEMES else "system"
