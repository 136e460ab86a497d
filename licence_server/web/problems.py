"""Refusals as problem details (RFC 9457). HTTP status is the web's business, so it is decided here and nowhere else."""

import json
import math
from http import HTTPStatus

import structlog
from flask import Flask, Response, g
from werkzeug.exceptions import HTTPException

from keys.errors import (
    ApprovalNeededError,
    AuditBrokenError,
    BusyError,
    ChangedMeanwhileError,
    CodeExpiredError,
    CodeUnknownError,
    CodeUsedError,
    EvidenceRequiredError,
    FingerprintInsufficientError,
    InvalidInputError,
    KeyUnsafeError,
    LicenceNotActivatableError,
    LicensingError,
    MalformedError,
    MediaTypeError,
    MethodNotAllowedError,
    NotAllowedError,
    NotFoundError,
    NotSignedInError,
    RateLimitedError,
    RequestReplayedError,
    SignatureInvalidError,
    StateConflictError,
    StateDamagedError,
    TermsNotAcceptedError,
    TokenInvalidError,
    TooLargeError,
    TrustRefusedError,
    UnavailableError,
)
from licence_server.web.tracing import frames

MEDIA_TYPE = "application/problem+json"

STATUS: dict[type[LicensingError], HTTPStatus] = {
    MalformedError: HTTPStatus.BAD_REQUEST,
    SignatureInvalidError: HTTPStatus.UNAUTHORIZED,
    TokenInvalidError: HTTPStatus.UNAUTHORIZED,
    NotSignedInError: HTTPStatus.UNAUTHORIZED,
    NotAllowedError: HTTPStatus.FORBIDDEN,
    CodeUnknownError: HTTPStatus.NOT_FOUND,
    NotFoundError: HTTPStatus.NOT_FOUND,
    MethodNotAllowedError: HTTPStatus.METHOD_NOT_ALLOWED,
    CodeUsedError: HTTPStatus.CONFLICT,
    LicenceNotActivatableError: HTTPStatus.CONFLICT,
    EvidenceRequiredError: HTTPStatus.CONFLICT,
    RequestReplayedError: HTTPStatus.CONFLICT,
    StateConflictError: HTTPStatus.CONFLICT,
    ApprovalNeededError: HTTPStatus.CONFLICT,
    ChangedMeanwhileError: HTTPStatus.PRECONDITION_FAILED,
    CodeExpiredError: HTTPStatus.GONE,
    TooLargeError: HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
    MediaTypeError: HTTPStatus.UNSUPPORTED_MEDIA_TYPE,
    FingerprintInsufficientError: HTTPStatus.UNPROCESSABLE_ENTITY,
    TermsNotAcceptedError: HTTPStatus.UNPROCESSABLE_ENTITY,
    InvalidInputError: HTTPStatus.UNPROCESSABLE_ENTITY,
    RateLimitedError: HTTPStatus.TOO_MANY_REQUESTS,
    UnavailableError: HTTPStatus.SERVICE_UNAVAILABLE,
    AuditBrokenError: HTTPStatus.INTERNAL_SERVER_ERROR,
    BusyError: HTTPStatus.SERVICE_UNAVAILABLE,
    KeyUnsafeError: HTTPStatus.SERVICE_UNAVAILABLE,
    StateDamagedError: HTTPStatus.SERVICE_UNAVAILABLE,
    TrustRefusedError: HTTPStatus.SERVICE_UNAVAILABLE,
}
"""Every refusal that this side raises; the words of the agent's local API have their status there."""

_OF_HTTP: dict[int, type[LicensingError]] = {
    HTTPStatus.BAD_REQUEST: MalformedError,
    HTTPStatus.NOT_FOUND: NotFoundError,
    HTTPStatus.METHOD_NOT_ALLOWED: MethodNotAllowedError,
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE: TooLargeError,
    HTTPStatus.UNSUPPORTED_MEDIA_TYPE: MediaTypeError,
}
_SENTENCES = {
    MalformedError: "The request is not valid HTTP for this address.",
    NotFoundError: "There is nothing at this address.",
    MethodNotAllowedError: "This address does not take this method.",
    TooLargeError: "The request is larger than any that this server takes.",
    MediaTypeError: "The body is not of the media type that this address takes.",
}


def render(error: LicensingError) -> Response:
    """Build the only body that a refusal ever has."""
    g.word = error.word
    response = _problem(f"urn:licence:problem:{error.word}", error.title, STATUS[type(error)], str(error))
    if isinstance(error, RateLimitedError | UnavailableError):
        response.headers["Retry-After"] = str(max(1, math.ceil(error.retry_after)))
    return response


def register(app: Flask) -> None:
    """Answer refusals, HTTP errors and crashes alike: a problem, never HTML."""
    app.register_error_handler(LicensingError, render)
    app.register_error_handler(HTTPException, _http_error)
    app.register_error_handler(Exception, _crash)


def _http_error(error: HTTPException) -> Response:
    """Give HTTP's own refusals our words, and keep the headers that belong to them, such as Allow."""
    status = HTTPStatus(error.code or HTTPStatus.INTERNAL_SERVER_ERROR)
    kind = _OF_HTTP.get(status)
    response = _problem("about:blank", status.phrase, status, None) if kind is None else render(kind(_SENTENCES[kind]))
    kept = ((name, value) for name, value in error.get_headers() if name.lower() not in ("content-type", "location"))
    response.headers.extend(kept)
    return response


def _crash(error: Exception) -> Response:
    """Log a crash without the error's own text, which may hold a secret, and tell the caller nothing."""
    kind = type(error).__name__
    structlog.get_logger().error("crash", request=g.get("request_id"), error=kind, frames=frames(error))
    status = HTTPStatus.INTERNAL_SERVER_ERROR
    return _problem("about:blank", status.phrase, status, "The licence server made a mistake, which is in its log.")


def body(kind: str, title: str, status: int, detail: str | None) -> bytes:
    """Write problem details."""
    found = {"type": kind, "title": title, "status": status, "detail": detail}
    return json.dumps({name: value for name, value in found.items() if value is not None}).encode()


def _problem(kind: str, title: str, status: HTTPStatus, detail: str | None) -> Response:
    return Response(body(kind, title, status, detail), status, content_type=MEDIA_TYPE)
