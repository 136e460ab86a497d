"""One request to the ordinary application, and the answer that goes out in its place."""

import hashlib
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from http import HTTPStatus
from io import BytesIO
from threading import Event
from typing import Any

from keys.claims import Reader
from keys.errors import LicensingError
from keys.jws import decode, from_json, introduces, kind_of

Application = Callable[..., Iterable[bytes]]
PREFIX = "/agent/v1/"
HEADER = "Awkward"
_LARGEST = 1_048_576


class HungUpError(Exception):
    """The connection ends here, without another byte."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What is sent back."""

    status: str
    headers: tuple[tuple[str, str], ...]
    """All but the body's length."""
    body: bytes
    length: int | None
    """What ``Content-Length`` says; None: the header is left out."""
    piece: int = 65_536
    """Bytes that are sent at a time."""
    pause: float = 0.0
    """Seconds before each piece."""

    @classmethod
    def of(cls, status: HTTPStatus, media: str, body: bytes, *headers: tuple[str, str]) -> "Answer":
        """Make an answer of our own."""
        return cls(f"{status.value} {status.phrase}", (("Content-Type", media), *headers), body, len(body))

    @property
    def is_document(self) -> bool:
        """Tell whether the ordinary application answered with a signed document."""
        return self.status[:1] == "2"

    def sent(self, name: str, start: Callable[..., Any]) -> Iterator[bytes]:
        """Begin the response, and send the body in its pieces."""
        length = [] if self.length is None else [("Content-Length", str(self.length))]
        start(self.status, [*self.headers, *length, (HEADER, name)])
        return self._pieces()

    def _pieces(self) -> Iterator[bytes]:
        for start in range(0, len(self.body), self.piece):
            Event().wait(self.pause)
            yield self.body[start : start + self.piece]


@dataclass(frozen=True, slots=True)
class Exchange:
    """A request of an agent."""

    app: Application
    environ: dict[str, Any]
    endpoint: str
    """The last part of the path: ``activations``, ``validations``, ``deactivations`` or ``trust``."""
    body: bytes

    @classmethod
    def of(cls, app: Application, environ: dict[str, Any]) -> "Exchange":
        """Read a request; the server has read it as a whole before."""
        path = str(environ.get("PATH_INFO", ""))
        return cls(app, environ, path.removeprefix(PREFIX), environ["wsgi.input"].read(_LARGEST))

    def forward(self) -> Answer:
        """Let the ordinary application answer; each call is one more delivery of the same request."""
        begun: list[tuple[str, list[tuple[str, str]]]] = []
        environ = {**self.environ, "wsgi.input": BytesIO(self.body), "CONTENT_LENGTH": str(len(self.body))}
        found = self.app(environ, lambda status, headers, *_: begun.append((status, headers)))
        body = b"".join(found)
        close = getattr(found, "close", None)
        if close is not None:
            close()
        status, headers = begun[-1]
        kept = tuple((name, value) for name, value in headers if name.lower() != "content-length")
        return Answer(status, kept, body, len(body))

    @property
    def request_id(self) -> str:
        """What tells requests apart: the ``jti``, which is the same with and without evidence; else the bytes."""
        try:
            return Reader(from_json(decode(self.body.split(b".")[1]))).ident("jti")
        except (LicensingError, IndexError):
            return hashlib.sha256(self.body).hexdigest()

    @property
    def brings_evidence(self) -> bool:
        """Tell whether the request shows the licence in hand already, so that asking for it would never end."""
        try:
            return introduces(self.body, kind_of(self.body))
        except LicensingError:
            return True
