"""The licence server over HTTPS. Only a signature can say no: whatever is odd is a network fault (protocol, 1.3)."""

import re
import socket
import ssl
from collections.abc import Iterator, Mapping
from contextlib import suppress
from email.utils import mktime_tz, parsedate_tz
from http import HTTPStatus
from http.client import IncompleteRead
from threading import Timer
from typing import Any

import requests
from requests.adapters import HTTPAdapter

from agent.domain.faults import Cause, FaultError, cause_of_status
from agent.services.ports import Errand
from keys.claims import Reader
from keys.clock import Clock
from keys.errors import (
    InvalidInputError,
    LicensingError,
    RateLimitedError,
    UnavailableError,
    all_refusals,
)
from keys.jws import MAX_BYTES, from_json
from keys.sentences import phrase

PATHS: Mapping[Errand, str] = {
    "activation": "/agent/v1/activations",
    "validation": "/agent/v1/validations",
    "deactivation": "/agent/v1/deactivations",
}
TRUST_PATH = "/agent/v1/trust"
ANYWHERE: Mapping[str, int] = {
    "malformed": 400,
    "signature-invalid": 401,
    "too-large": 413,
    "media-type": 415,
    "rate-limited": 429,
    "unavailable": 503,
}
_OF_VALIDATIONS: Mapping[str, int] = {**ANYWHERE, "evidence-required": 409, "request-replayed": 409}
REFUSALS: Mapping[Errand, Mapping[str, int]] = {
    "activation": {
        **ANYWHERE,
        "code-unknown": 404,
        "code-used": 409,
        "licence-not-activatable": 409,
        "code-expired": 410,
        "fingerprint-insufficient": 422,
        "terms-not-accepted": 422,
    },
    "validation": _OF_VALIDATIONS,
    "deactivation": _OF_VALIDATIONS,
}
"""Which refusals an endpoint may give, with its HTTP status (protocol, section 6); any other is a network fault."""

DEADLINE = 30.0
"""Seconds for everything: connecting, sending, and receiving the last byte."""
_SILENCE = 10.0
_PROBLEM = "urn:licence:problem:"
_STATUS = re.compile(r"\b[1-5]\d\d\b")


class _WatchedAdapter(HTTPAdapter):
    """Remembers what it opened, so that a peer that drips can be cut off: a time-out for each read never ends that."""

    def __init__(self, **options: Any) -> None:  # noqa: ANN401 - requests' own signature
        super().__init__(**options)
        self._connections: list[Any] = []
        self._answers: list[Any] = []

    def get_connection_with_tls_context(self, *args: Any, **kwargs: Any) -> Any:  # noqa: ANN401 - as above
        """See HTTPAdapter."""
        pool: Any = super().get_connection_with_tls_context(*args, **kwargs)
        connections = self._connections

        class Watched(pool.ConnectionCls):  # type: ignore[misc]  # whatever class the pool uses
            def connect(self) -> None:
                connections.append(self)
                super().connect()

        pool.ConnectionCls = Watched
        return pool

    def watch(self, answer: requests.Response) -> None:
        """Cut off this answer, too, when it takes too long."""
        self._answers.append(answer.raw)

    def cut(self) -> None:
        """Cut whatever is still open; whoever reads from it is told at once."""
        for connection in self._connections:
            if connection.sock is not None:
                with suppress(OSError):
                    connection.sock.shutdown(socket.SHUT_RDWR)
        for answer in self._answers:
            with suppress(OSError, ValueError, RuntimeError):  # it may have ended in this very moment
                answer.shutdown()


class HttpServer:
    """One licence server. Proxies and certificate authorities are the system's and the environment's."""

    def __init__(self, url: str, version: str, clock: Clock, deadline: float = DEADLINE) -> None:
        if not url.startswith(("https://", "http://")) or len(url.split("/")) < 3 or not url.split("/")[2]:
            raise InvalidInputError(
                phrase("{url} is no address of a licence server; one looks like https://licence.example", url=url)
            )
        self.url = url.rstrip("/")
        self._version, self._clock, self._deadline = version, clock, deadline

    def send(self, errand: Errand, document: bytes) -> bytes:
        """See agent.services.ports.Server."""
        status, headers, body = self._talk("POST", PATHS[errand], document)
        if status in {HTTPStatus.OK, HTTPStatus.CREATED} and _media_type(headers) == "application/jwt":
            if not body.strip():
                raise FaultError("cut", self.url)
            return body.strip()
        raise _refusal(errand, status, headers, body) or self._fault(status, headers)

    def trust(self) -> bytes:
        """See agent.services.ports.Server."""
        status, headers, body = self._talk("GET", TRUST_PATH, None)
        if status != HTTPStatus.OK or not body or _media_type(headers) == "text/html":
            raise self._fault(status, headers)
        return body

    def _talk(self, method: str, path: str, document: bytes | None) -> tuple[int, Mapping[str, str], bytes]:
        """Exchange one request for one whole answer of at most 64 KiB, or raise FaultError."""
        ends = self._clock.boot() + self._deadline
        with requests.Session() as session:
            session.auth = _without_netrc
            adapter = _WatchedAdapter(max_retries=0)
            session.mount("https://", adapter)
            session.mount("http://", adapter)
            watchdog = Timer(self._deadline, adapter.cut)
            watchdog.daemon = True
            watchdog.start()
            try:
                answer = self._exchange(session, adapter, (method, path, document))
            except (requests.RequestException, OSError, ValueError) as error:
                cause, fact = _cause(error)
                if cause == "silence" or self._clock.boot() >= ends:
                    raise self._silent() from error
                raise FaultError(cause, self.url, fact) from error
            finally:
                watchdog.cancel()
            if self._clock.boot() >= ends:  # what was cut off may look whole
                raise self._silent()
            return answer

    def _exchange(
        self, session: requests.Session, adapter: _WatchedAdapter, request: tuple[str, str, bytes | None]
    ) -> tuple[int, Mapping[str, str], bytes]:
        method, path, document = request
        headers = {
            "Accept": "application/jwt, application/json, application/problem+json",
            "Accept-Encoding": "identity",
            "User-Agent": f"licence-agent/{self._version}",
            **({} if document is None else {"Content-Type": "application/jwt"}),
        }
        timeout = (min(_SILENCE, self._deadline), min(_SILENCE, self._deadline))
        with session.request(
            method,
            self.url + path,
            data=document,
            headers=headers,
            stream=True,
            allow_redirects=False,
            timeout=timeout,
        ) as answer:
            adapter.watch(answer)
            if answer.headers.get("Content-Encoding", "identity") != "identity":
                raise FaultError("encoded", self.url)
            body = bytearray()
            for chunk in answer.iter_content(chunk_size=4096):
                body += chunk
                if len(body) > MAX_BYTES:
                    raise FaultError("large", self.url)
            return answer.status_code, answer.headers, bytes(body)

    def _silent(self) -> FaultError:
        return FaultError("silence", self.url, f"{self._deadline:g}")

    def _fault(self, status: int, headers: Mapping[str, str]) -> FaultError:
        return FaultError(cause_of_status(status), self.url, status, _retry_after(headers))


def _refusal(errand: Errand, status: int, headers: Mapping[str, str], body: bytes) -> LicensingError | None:
    """Return the refusal that a problem document stands for; None: it is not one that the protocol has here."""
    if _media_type(headers) != "application/problem+json":
        return None
    try:
        problem = Reader(from_json(body))
        kind, detail = problem.text("type", 128), problem.text("detail") if problem.has("detail") else ""
    except LicensingError:
        return None
    word = kind.removeprefix(_PROBLEM)
    if not kind.startswith(_PROBLEM) or REFUSALS[errand].get(word) != status:
        return None
    refusal = all_refusals()[word]
    sentence = "".join(letter for letter in detail if letter.isprintable()) or refusal.title
    for later in (RateLimitedError, UnavailableError):
        if refusal is later:
            return later(sentence, _retry_after(headers))
    return refusal(sentence)


def _retry_after(headers: Mapping[str, str]) -> int:
    """Return the seconds of ``Retry-After``; a date counts from the answer's own ``Date``; 0 where there is none."""
    text = headers.get("Retry-After", "")
    if text.isascii() and text.isdigit() and len(text) < 10:
        return int(text)
    then, now = parsedate_tz(text), parsedate_tz(headers.get("Date", ""))
    with suppress(ValueError, OverflowError):  # a year that no calendar has
        return 0 if then is None or now is None else max(0, mktime_tz(then) - mktime_tz(now))
    return 0


def _media_type(headers: Mapping[str, str]) -> str:
    return headers.get("Content-Type", "").partition(";")[0].strip().lower()


def _without_netrc(request: requests.PreparedRequest) -> requests.PreparedRequest:
    """Send no password that a .netrc holds for this host: the requests are signed."""
    return request


_OF_REQUESTS: tuple[tuple[type[BaseException], Cause], ...] = (
    (requests.exceptions.ProxyError, "proxy"),
    (requests.exceptions.InvalidURL, "name"),
)
_BENEATH: tuple[tuple[type[BaseException], Cause], ...] = (
    (socket.gaierror, "name"),
    (UnicodeError, "name"),
    (ssl.SSLCertVerificationError, "certificate"),
    (ssl.SSLError, "tls"),
    (TimeoutError, "silence"),
    (ConnectionResetError, "cut"),
    (BrokenPipeError, "cut"),
    (IncompleteRead, "cut"),
    (OSError, "connection"),
)
"""What an exception means: the first row of which there is one in its chain; without any, it was no HTTP."""


def _cause(error: Exception) -> tuple[Cause, str]:
    """Return what an exception means, and what the system says of it."""
    chain = list(_chain(error))
    beneath = [link for link in chain if not isinstance(link, requests.RequestException)]
    facts = [fact for fact in map(_fact, reversed(beneath)) if fact]
    for links, causes in ((chain, _OF_REQUESTS), (beneath, _BENEATH)):
        for kind, cause in causes:
            if any(isinstance(link, kind) for link in links):
                return cause, (facts or [phrase("no more is known")])[0]
    return "no_http", ""


def _chain(error: BaseException | None) -> Iterator[BaseException]:
    """Yield an exception and all that it came from, the innermost last."""
    while error is not None:
        yield error
        error = error.__cause__ or error.__context__


def _fact(error: BaseException) -> str:
    """Return what this machine says of an error; of what the other side said, at most a status."""
    if isinstance(error, ssl.SSLCertVerificationError):
        return error.verify_message
    if isinstance(error, ssl.SSLError):
        return (error.reason or "").replace("_", " ").lower()
    if isinstance(error, OSError) and error.strerror:
        return error.strerror
    status = _STATUS.search(str(error)) if isinstance(error, OSError) else None
    return f"HTTP {status[0]}" if status else ""
