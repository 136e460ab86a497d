"""What goes back over HTTP: one shape for the hot endpoints, the others and every refusal."""

import json
from collections.abc import Callable
from dataclasses import dataclass

from keys.errors import LicensingError

Headers = tuple[tuple[str, str], ...]
Finish = Callable[[], "Reply | Later"]
"""The second half of a request: waits until what the first half began is stored, and answers, or has to wait."""

JSON_TYPE = "application/json"
_encode = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), allow_nan=False).encode


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer. ``status`` with its phrase."""

    status: str
    body: bytes = b""
    headers: Headers = ()
    media_type: str | None = JSON_TYPE

    @property
    def head(self) -> bytes:
        """The status line and all headers; answers are of the moment, so nobody may keep them."""
        more = "".join([f"{name}: {value}\r\n" for name, value in self.headers])
        if self.media_type is None:
            return f"HTTP/1.1 {self.status}\r\ncache-control: no-store\r\n{more}".encode("latin-1")
        return (
            f"HTTP/1.1 {self.status}\r\ncache-control: no-store\r\n{more}content-type: {self.media_type}\r\n"
            f"content-length: {len(self.body)}\r\n"
        ).encode("latin-1")

    @property
    def code(self) -> int:
        """The status as a number."""
        return int(self.status[:3])

    def all_headers(self) -> list[tuple[bytes, bytes]]:
        """Return the headers as ASGI wants them."""
        lines = self.head.split(b"\r\n")[1:-1]
        return [(name, value) for name, _, value in (line.partition(b": ") for line in lines)]


@dataclass(frozen=True, slots=True, eq=False)
class Later:
    """An answer that has to wait, for somebody has to leave first."""

    begin: Callable[[], Finish]
    """Begins one more try; that finishes with this very object again where there is no answer yet."""
    leave: Callable[[], None]
    """Gives the place in the queue up."""
    refusal: LicensingError
    """What it would be refused with now."""


NO_CONTENT = Reply("204 No Content", media_type=None)


def to_json(value: object) -> bytes:
    """Write JSON: compact, UTF-8."""
    return _encode(value).encode()
