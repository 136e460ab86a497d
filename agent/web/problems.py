"""Refusals, HTTP errors and crashes as problem details (RFC 9457). The only place that knows HTTP status."""

import logging
from collections.abc import Callable
from http import HTTPStatus

from agent.web.replies import Finish, Headers, Later, Reply, to_json
from keys.errors import (
    BusyError,
    InvalidInputError,
    KeyUnsafeError,
    LicenceBlockedError,
    LicenceRestrictedError,
    LicensingError,
    MalformedError,
    MediaTypeError,
    MethodNotAllowedError,
    NotActivatedError,
    NotAllowedError,
    NotFoundError,
    OriginRefusedError,
    OutsideNetworkError,
    SeatsExhaustedError,
    StateDamagedError,
    TokenInvalidError,
    TooLargeError,
    UnavailableError,
)

_log = logging.getLogger(__name__)
PROBLEM_TYPE = "application/problem+json"

STATUS: dict[type[LicensingError], HTTPStatus] = {
    MalformedError: HTTPStatus.BAD_REQUEST,
    InvalidInputError: HTTPStatus.BAD_REQUEST,
    TokenInvalidError: HTTPStatus.UNAUTHORIZED,
    OriginRefusedError: HTTPStatus.FORBIDDEN,
    NotAllowedError: HTTPStatus.FORBIDDEN,
    OutsideNetworkError: HTTPStatus.FORBIDDEN,
    LicenceRestrictedError: HTTPStatus.FORBIDDEN,
    LicenceBlockedError: HTTPStatus.FORBIDDEN,
    NotFoundError: HTTPStatus.NOT_FOUND,
    MethodNotAllowedError: HTTPStatus.METHOD_NOT_ALLOWED,
    SeatsExhaustedError: HTTPStatus.CONFLICT,
    NotActivatedError: HTTPStatus.CONFLICT,
    TooLargeError: HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
    MediaTypeError: HTTPStatus.UNSUPPORTED_MEDIA_TYPE,
    UnavailableError: HTTPStatus.SERVICE_UNAVAILABLE,
    BusyError: HTTPStatus.SERVICE_UNAVAILABLE,
    StateDamagedError: HTTPStatus.INTERNAL_SERVER_ERROR,
    KeyUnsafeError: HTTPStatus.INTERNAL_SERVER_ERROR,
}

_SAME_IN_HTTP: dict[int, type[LicensingError]] = {
    400: MalformedError,
    404: NotFoundError,
    405: MethodNotAllowedError,
    413: TooLargeError,
    415: MediaTypeError,
}


def refusal(error: LicensingError, headers: Headers = ()) -> Reply:
    """Build the only body that a refusal ever has."""
    status = STATUS.get(type(error), HTTPStatus.INTERNAL_SERVER_ERROR)
    members: dict[str, object] = {"title": error.title, "status": status, "detail": str(error)}
    if isinstance(error, SeatsExhaustedError):
        members |= {"dimension": error.dimension, "used": error.used, "limit": error.limit}
    elif isinstance(error, UnavailableError):
        headers = (*headers, ("Retry-After", str(error.retry_after)))
    elif isinstance(error, TokenInvalidError):
        headers = (*headers, ("WWW-Authenticate", 'Bearer realm="licence-agent"'))
    return _problem(status, f"urn:licence:problem:{error.word}", members, headers)


def plain(code: int, detail: str, headers: Headers = ()) -> Reply:
    """Build the problem of an HTTP error that is no refusal of ours, or that ours says as well."""
    if code in _SAME_IN_HTTP:
        return refusal(_SAME_IN_HTTP[code](detail), headers)
    status = HTTPStatus(code)
    return _problem(status, "about:blank", {"title": status.phrase, "status": status, "detail": detail}, headers)


def crash(error: BaseException) -> Reply:
    """Build the problem of a mistake of ours: logged, not explained to the caller."""
    _log.error("A request of the local API failed.", exc_info=error)
    return plain(500, "The agent made a mistake; its log says which.")


def of(error: Exception) -> Reply:
    """Build the problem of whatever was raised."""
    if isinstance(error, LicensingError):
        return refusal(error)
    return crash(error)


def wrong_method(method: str, allowed: tuple[str, ...]) -> Reply:
    """Build the problem of a method that a place does not have."""
    return refusal(MethodNotAllowedError(f"{method} is not possible here."), (("Allow", ", ".join(allowed)),))


def begun(begin: Callable[[], Finish]) -> Finish:
    """Begin something; where that is refused, what finishes it says so."""
    try:
        return begin()
    except Exception as error:  # noqa: BLE001 - every refusal and every mistake ends in a problem
        reply = of(error)
        return lambda: reply


def guarded(answer: Finish) -> Reply | Later:
    """Return an answer, or the problem of whatever is raised instead."""
    try:
        return answer()
    except Exception as error:  # noqa: BLE001 - every refusal and every mistake ends here
        return of(error)


def _problem(status: HTTPStatus, kind: str, members: dict[str, object], headers: Headers) -> Reply:
    return Reply(f"{status} {status.phrase}", to_json({"type": kind, **members}), headers, PROBLEM_TYPE)
