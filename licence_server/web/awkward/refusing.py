"""Refusals that the protocol knows, given without a look at the request."""

from collections.abc import Callable
from email.utils import formatdate
from http import HTTPStatus

from keys.clock import Clock
from keys.errors import (
    EvidenceRequiredError,
    LicensingError,
    RateLimitedError,
    RequestReplayedError,
    UnavailableError,
)
from licence_server.web import problems
from licence_server.web.awkward.exchange import Answer, Exchange

SOON = 1
"""Seconds after which another try is welcome."""


def refusal(kind: type[LicensingError]) -> Callable[[Exchange], Answer]:
    """Refuse with a word, whatever the request says."""
    return lambda _: _problem(kind)


def put_off(kind: type[LicensingError]) -> Callable[[Exchange], Answer]:
    """Refuse for so many seconds."""
    return lambda _: _problem(kind, ("Retry-After", str(SOON)))


def put_off_until(kind: type[LicensingError], clock: Clock) -> Callable[[Exchange], Answer]:
    """Refuse until a date (RFC 9110, section 10.2.3), as proxies do; ``Date`` says what time it is here."""

    def play(_: Exchange) -> Answer:
        now = clock.now()
        until, date = (formatdate(moment, usegmt=True) for moment in (now + SOON, now))
        return _problem(kind, ("Retry-After", until), ("Date", date))

    return play


def _problem(kind: type[LicensingError], *headers: tuple[str, str]) -> Answer:
    status: HTTPStatus = problems.STATUS[kind]
    body = problems.body(f"urn:licence:problem:{kind.word}", kind.title, status, "The server is awkward on purpose.")
    return Answer.of(status, problems.MEDIA_TYPE, body, *headers)


BUSY, LIMITED = UnavailableError, RateLimitedError
EVIDENCE, REPLAYED = refusal(EvidenceRequiredError), refusal(RequestReplayedError)
