"""Who sends a request, and from which computer: named by configuration, or by a callable of the CRM."""

import base64
import os
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from agent.crm.places import Kind
from keys.addresses import Network, client_address, is_in, read_address, read_network
from keys.errors import InvalidInputError, MalformedError

Environ = dict[str, Any]
Source = str | Callable[[Environ], str | None]
"""``environ:NAME``, ``header:NAME``, ``cookie:NAME``, or a callable that gets the WSGI environ."""
Paths = Sequence[str] | Callable[[Environ], bool]
"""Paths, one that ends in ``*`` standing for all that begin so; or a callable that gets the WSGI environ."""

COOKIE = "licence-client"
_UNIX, _SOCKET = "unix", "::"
_OURS = re.compile(r"[A-Za-z0-9_-]{22}")
_YEAR = 365 * 86_400


@dataclass(frozen=True, slots=True)
class Visitor:
    """Who asks."""

    user: str | None
    """None: nobody is signed in."""
    client: str
    kind: Kind = "person"
    address: str | None = None
    new_cookie: str | None = None
    """A ``Set-Cookie`` header that names this browser from now on."""


class People:
    """Names the visitors of a CRM."""

    def __init__(
        self, user: Source, workstation: Source, kind: Callable[[Environ], Kind] | None, trusted_proxies: Sequence[str]
    ) -> None:
        """Raise InvalidInputError for an unknown source, a network that is none, a header that anybody could send."""
        self._trusted, self._behind_a_socket = _networks(trusted_proxies)
        self._has_proxies = bool(trusted_proxies)
        self._user = self._source(user)
        self._workstation = None if workstation in {"cookie", "address"} else self._source(workstation)
        self._uses_cookie, self._kind = workstation == "cookie", kind

    def visitor(self, environ: Environ) -> Visitor:
        """Return who sends this request."""
        user, address = self._user(environ) or None, self.address(environ)
        kind = "person" if self._kind is None else self._kind(environ)
        at = address or "unknown"
        if self._workstation is not None:
            return Visitor(user, self._workstation(environ) or at, kind, address)
        if not self._uses_cookie:
            return Visitor(user, at, kind, address)
        name = cookie(environ, COOKIE)
        if name is not None and _OURS.fullmatch(name):
            return Visitor(user, f"browser-{name}", kind, address)
        return Visitor(user, at, kind, address, _new_cookie(environ))

    def address(self, environ: Environ) -> str | None:
        """Return the address of the visitor's computer; None: nobody says which."""
        nearest = environ.get("REMOTE_ADDR") or ("" if not self._behind_a_socket else _SOCKET)
        try:
            found = client_address(nearest, environ.get("HTTP_X_FORWARDED_FOR"), self._trusted)
        except MalformedError:
            return None
        return None if found == _SOCKET else found

    def _source(self, source: Source) -> Callable[[Environ], str | None]:
        if not isinstance(source, str):
            return source
        where, _, name = source.partition(":")
        if where == "environ" and name:
            return lambda environ: _text(environ.get(name))
        if where == "cookie" and name:
            return lambda environ: cookie(environ, name)
        if where == "header" and name:
            if not self._has_proxies:
                raise InvalidInputError(f"Anybody can send the header {name}: name the trusted_proxies that set it.")
            variable = f"HTTP_{name.upper().replace('-', '_')}"
            return lambda environ: _text(environ.get(variable)) if self._comes_from_a_proxy(environ) else None
        raise InvalidInputError(f"{source!r} names nobody: environ:NAME, header:NAME, cookie:NAME, or a callable.")

    def _comes_from_a_proxy(self, environ: Environ) -> bool:
        nearest = environ.get("REMOTE_ADDR")
        if not nearest:
            return self._behind_a_socket
        try:
            return is_in(read_address(nearest), self._trusted)
        except MalformedError:
            return False


def matcher(paths: Paths) -> Callable[[Environ], bool]:
    """Return what tells whether a request goes to one of the paths."""
    if not isinstance(paths, Sequence):
        return paths
    paths = (paths,) if isinstance(paths, str) else paths  # a text is a sequence of characters, "/" among them
    whole = frozenset(path for path in paths if not path.endswith("*"))
    beginnings = tuple(path[:-1] for path in paths if path.endswith("*"))

    def matches(environ: Environ) -> bool:
        path = environ.get("SCRIPT_NAME", "") + environ.get("PATH_INFO", "")
        return path in whole or path.startswith(beginnings)

    return matches


def cookie(environ: Environ, name: str) -> str | None:
    """Return a cookie's value; None: it was not sent. One that is malformed hides no other."""
    for part in environ.get("HTTP_COOKIE", "").split(";"):
        key, _, value = part.partition("=")
        if key.strip() == name:
            return value.strip().strip('"') or None
    return None


def _new_cookie(environ: Environ) -> str:
    value = base64.urlsafe_b64encode(os.urandom(16)).decode().rstrip("=")
    secure = "; Secure" if environ.get("wsgi.url_scheme") == "https" else ""
    return f"{COOKIE}={value}; Path=/; Max-Age={_YEAR}; HttpOnly; SameSite=Lax{secure}"


def _text(value: object) -> str | None:
    """Return a text; WSGI hands over a header's bytes as Latin-1, and they are UTF-8."""
    if not isinstance(value, str) or not value:
        return None
    try:
        return value.encode("latin-1").decode("utf-8")
    except UnicodeError:
        return value


def _networks(names: Sequence[str]) -> tuple[tuple[Network, ...], bool]:
    """Read the networks of trusted proxies; one at the other end of a Unix socket gets an address that nobody has."""
    try:
        networks = tuple(read_network(f"{_SOCKET}/128" if name == _UNIX else name) for name in names)
    except MalformedError as error:
        raise InvalidInputError(f"A trusted proxy is a network such as 10.0.0.5/32, or unix. {error}") from error
    return networks, _UNIX in names
