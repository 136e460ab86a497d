"""One request as the local API sees it, from whichever server: complete, and with the way that it came in."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

WAY = "licence.way"
"""Where our own listener puts the way into an ASGI scope; not there: another server, on TCP."""


@dataclass(frozen=True, slots=True)
class Way:
    """How a caller came in: plain TCP on loopback, TLS, or the Unix socket."""

    port: int
    """That we listen on; 0 on the Unix socket."""
    peer_uid: int | None = None
    """The user id at the other end of a Unix socket; None: TCP."""
    is_tls: bool = False
    address: str = ""
    """The IP address at the other end; empty on the Unix socket."""


@dataclass(slots=True)
class Request:
    """A request whose body has come in whole."""

    method: str
    path: str
    headers: Mapping[bytes, bytes]
    """By name in lower case; what was sent several times is joined by commas (RFC 9110, section 5.3)."""
    way: Way
    body: bytes | bytearray = b""
    query: bytes = b""
    is_last: bool = field(default=False, compare=False)
    """Whether the connection ends with the answer."""

    def text(self, name: bytes) -> str:
        """Return a header as Latin-1; empty: it was not sent."""
        return self.headers.get(name, b"").decode("latin-1")


def joined(headers: dict[bytes, bytes], name: bytes, value: bytes) -> None:
    """Put one more header among the others."""
    known = headers.get(name)
    headers[name] = value if known is None else known + b", " + value


def from_scope(scope: Mapping[str, Any], body: bytes) -> Request:
    """Read a request from another ASGI server than ours."""
    headers: dict[bytes, bytes] = {}
    for name, value in scope["headers"]:
        joined(headers, name.lower(), value)
    server, client = scope.get("server") or ("", 0), scope.get("client") or ("", 0)
    way = scope.get(WAY) or Way(server[1] or 0, is_tls=scope.get("scheme") == "https", address=client[0])
    return Request(scope["method"], scope["path"], headers, way, body, scope.get("query_string", b""))
