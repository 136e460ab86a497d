"""Refusals and crashes as pages for people: what happened, what it means, and what to do next."""

from dataclasses import dataclass
from http import HTTPStatus

import structlog
from flask import Blueprint, Response, g, render_template
from werkzeug.exceptions import HTTPException

from keys.errors import LicensingError, RateLimitedError, UnavailableError
from licence_server.web.console.language import gettext, marked
from licence_server.web.console.refusals import translated
from licence_server.web.problems import STATUS
from licence_server.web.tracing import frames


@dataclass(frozen=True, slots=True)
class _Saying:
    title: str
    remedy: str


_SAYINGS = {
    HTTPStatus.BAD_REQUEST: _Saying(
        marked("The request can't be read"), marked("Go back, open the page anew and send the form again.")
    ),
    HTTPStatus.UNAUTHORIZED: _Saying(marked("You are not signed in"), marked("Sign in, then open this page again.")),
    HTTPStatus.FORBIDDEN: _Saying(
        marked("This is not yours to do"),
        marked("If you need it, ask an administrator for the role. If you sent a form, open its page anew first."),
    ),
    HTTPStatus.NOT_FOUND: _Saying(
        marked("There is nothing here"), marked("Check the address, or begin at the desk and look for it.")
    ),
    HTTPStatus.CONFLICT: _Saying(
        marked("That is not possible as things are"), marked("Go back and look at how they are now.")
    ),
    HTTPStatus.PRECONDITION_FAILED: _Saying(
        marked("Somebody changed this meanwhile"), marked("Nothing was overwritten. Open the page anew and look first.")
    ),
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE: _Saying(marked("That is too much"), marked("Go back and send less.")),
    HTTPStatus.MISDIRECTED_REQUEST: _Saying(
        marked("The console is at another address"), marked("Use the address that you were given for it.")
    ),
    HTTPStatus.UNPROCESSABLE_ENTITY: _Saying(
        marked("Something in the form is not right"), marked("Go back and change what the sentence names.")
    ),
    HTTPStatus.TOO_MANY_REQUESTS: _Saying(
        marked("Too many tries"), marked("Wait a minute; nothing that you did is lost.")
    ),
    HTTPStatus.SERVICE_UNAVAILABLE: _Saying(
        marked("The server can't answer now"), marked("Try again in a minute. If it stays: licence-server doctor.")
    ),
}
_CRASH = _Saying(
    marked("The server made a mistake"),
    marked("It is in the log under the number below; nothing was stored by half. Try again, or tell an administrator."),
)


def register(bp: Blueprint) -> None:
    """Answer every refusal, HTTP error and crash of a blueprint with a page."""
    bp.register_error_handler(LicensingError, render)
    bp.register_error_handler(HTTPException, _http_error)
    bp.register_error_handler(Exception, _crash)


def render(error: LicensingError) -> Response:
    """Build the page of a refusal."""
    g.word = error.word
    response = _page(STATUS[type(error)], str(error))
    if isinstance(error, RateLimitedError | UnavailableError):
        response.headers["Retry-After"] = str(max(1, int(error.retry_after)))
    return response


def _http_error(error: HTTPException) -> Response:
    return _page(HTTPStatus(error.code or HTTPStatus.INTERNAL_SERVER_ERROR), None)


def _crash(error: Exception) -> Response:
    """Log a crash without the error's own text, which may hold a secret."""
    structlog.get_logger().error("crash", request=g.get("request_id"), error=type(error).__name__, frames=frames(error))
    return _page(HTTPStatus.INTERNAL_SERVER_ERROR, None)


def _page(status: HTTPStatus, detail: str | None) -> Response:
    saying = _SAYINGS.get(status, _CRASH)
    page = render_template(
        "console/problem.html",
        title=gettext(saying.title),
        remedy=gettext(saying.remedy),
        detail=detail and translated(detail),
        is_translated=g.language == "en" or (detail and translated(detail) != detail),
        reference=g.request_id,
    )
    return Response(page, status, content_type="text/html; charset=utf-8")
