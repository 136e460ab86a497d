"""Who may come in at all: our host alone, and unsafe methods from our own pages alone (Origin, and a token)."""

import re
from urllib.parse import urlsplit

from flask import Request
from werkzeug.exceptions import HTTPException

from keys.addresses import is_loopback
from keys.errors import NotAllowedError
from licence_server.domain.session import is_csrf_of
from licence_server.web.console.language import marked

HEADER, FIELD = "X-CSRF-Token", "csrf"
_SAFE = ("GET", "HEAD", "OPTIONS")
_PATH = re.compile(r"/console(?:/[A-Za-z0-9_~-][A-Za-z0-9_.~-]*)*/?(?:\?[A-Za-z0-9_.~%&=+-]*)?")
_LONGEST_PATH = 512


class MisdirectedError(HTTPException):
    """The request is for another host than the one that serves the console (RFC 9110, 15.5.20)."""

    code = 421
    description = "This server serves the console under another name."


def check_host(request: Request, issuer: str) -> None:
    """Refuse other hosts than the issuer's, so that no name an attacker chose gets into links or caches.

    Raises:
        MisdirectedError: it is another one. Where the issuer is this machine itself, all its loopback names will do.
    """
    wanted = urlsplit(issuer)
    host = request.headers.get("Host", "")
    try:
        found = urlsplit(f"//{host}")
        name = found.hostname or ""
        is_ours = host.lower() in _spellings(wanted.scheme, wanted.netloc.lower())
        if is_ours or (is_loopback(wanted.hostname or "") and is_loopback(name) and found.username is None):
            return
    except ValueError:
        pass
    raise MisdirectedError


def check_origin(request: Request, issuer: str) -> None:
    """Refuse unsafe methods that do not come from a page of ours; browsers send ``Origin`` with each of them.

    Raises:
        NotAllowedError: it is of another page, or there is none.
    """
    if request.method in _SAFE:
        return
    scheme = urlsplit(issuer).scheme
    allowed = {f"{scheme}://{host}" for host in _spellings(scheme, request.host.lower())}
    if request.headers.get("Origin", "").lower() not in allowed:
        raise NotAllowedError(marked("The request comes from a page that is not of this console."))


def check_token(request: Request, secret: str) -> None:
    """Refuse unsafe methods without the token of this session. Raises NotAllowedError."""
    if request.method in _SAFE:
        return
    if not is_csrf_of(secret, request.headers.get(HEADER) or request.form.get(FIELD, "")):
        raise NotAllowedError(marked("The form is too old, or of another session: open the page anew."))


def path_of_ours(text: str | None, otherwise: str) -> str:
    """Return where to go on to: a path of the console, else another one."""
    if text is not None and len(text) <= _LONGEST_PATH and _PATH.fullmatch(text):
        return text
    return otherwise


def _spellings(scheme: str, host: str) -> set[str]:
    """Return the host with its default port and without it."""
    port = {"https": ":443", "http": ":80"}[scheme]
    return {host, host.removesuffix(port), host if re.search(r":\d+$", host) else host + port}
