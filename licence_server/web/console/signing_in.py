"""The way in: name and password, then the second factor; and the way out."""

from collections.abc import Callable
from http import HTTPStatus

from flask import Blueprint, g, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from keys.drawing import as_address
from keys.errors import (
    InvalidInputError,
    LicensingError,
    NotSignedInError,
    RateLimitedError,
    StateConflictError,
    UnavailableError,
)
from licence_server.domain.session import Place
from licence_server.services.admitting import Pending, SignedIn
from licence_server.services.authenticating import Authenticating
from licence_server.services.signing_in import SigningIn
from licence_server.web.console.doors import path_of_ours
from licence_server.web.console.language import gettext
from licence_server.web.console.refusals import translated
from licence_server.web.console.visitor import LANGUAGE, Cookies
from licence_server.web.problems import STATUS

SESSION, PENDING = "session", "sign-in"
_SAID = (InvalidInputError, NotSignedInError, RateLimitedError, StateConflictError, UnavailableError)
"""What is said above the form, to be tried again there."""
_PAGES = {"password": "console.set_password", "enrolment": "console.second_factor", "code": "console.code"}


def place() -> Place:
    """Return where the reader sits."""
    return Place.of(str(g.address), request.headers.get("User-Agent", ""))


def register(bp: Blueprint, signing_in: SigningIn, authenticating: Authenticating, cookies: Cookies) -> None:
    """Add the pages of the way in, and the button of the way out."""
    _add_beginning(bp, signing_in, cookies)
    _add_password(bp, signing_in, cookies)
    _add_second_factor(bp, signing_in, cookies)
    _add_code(bp, signing_in, cookies)

    @bp.post("/sign-out")
    def sign_out() -> Response:
        authenticating.sign_out(cookies.secret(request, SESSION))
        response = redirect(url_for("console.sign_in"), HTTPStatus.SEE_OTHER)
        for name in (SESSION, PENDING):
            cookies.set_secret(response, name, "")
        return response


def _add_beginning(bp: Blueprint, signing_in: SigningIn, cookies: Cookies) -> None:
    @bp.get("/sign-in")
    def sign_in() -> Response | str:
        if g.signed_in is not None:
            return redirect(onwards(), HTTPStatus.SEE_OTHER)
        return form("sign-in")

    @bp.post("/sign-in")
    def begin() -> Response:
        name, password = request.form.get("name", "").strip().lower(), request.form.get("password", "")
        return attempt("sign-in", lambda: go_on(signing_in.begin(name, password, place()), cookies))


def _add_password(bp: Blueprint, signing_in: SigningIn, cookies: Cookies) -> None:
    @bp.get("/sign-in/password")
    def set_password() -> str:
        return form("new-password")

    @bp.post("/sign-in/password")
    def new_password() -> Response:
        password = request.form.get("password", "")

        def change() -> Response:
            if password != request.form.get("again", ""):
                raise InvalidInputError(gettext("The two passwords are not the same: type both again."))
            return go_on(signing_in.set_password(cookies.secret(request, PENDING), password, place()), cookies)

        return attempt("new-password", change)


def _add_second_factor(bp: Blueprint, signing_in: SigningIn, cookies: Cookies) -> None:
    def proposal() -> dict[str, object]:
        proposed = signing_in.propose(cookies.secret(request, PENDING))
        groups = " ".join(proposed.secret[start : start + 4] for start in range(0, len(proposed.secret), 4))
        return {"picture": as_address(proposed.uri), "secret": groups}

    @bp.get("/sign-in/second-factor")
    def second_factor() -> Response:
        def show() -> Response:
            return Response(form("second-factor", **proposal()), mimetype="text/html")

        return attempt("second-factor", show, proposal)

    @bp.post("/sign-in/second-factor")
    def enrol() -> Response:
        def finish() -> Response:
            done = _complete(signing_in, cookies)
            shown = {"codes": done.recovery_codes, "name": done.operator.name, "next": onwards()}
            page = Response(render_template("console/recovery-codes.html", **shown), mimetype="text/html")
            return let_in(page, done, cookies)

        return attempt("second-factor", finish, proposal)


def _add_code(bp: Blueprint, signing_in: SigningIn, cookies: Cookies) -> None:
    @bp.get("/sign-in/code")
    def code() -> str:
        return form("code")

    @bp.post("/sign-in/code")
    def complete() -> Response:
        def finish() -> Response:
            done = _complete(signing_in, cookies)
            return let_in(redirect(onwards(), HTTPStatus.SEE_OTHER), done, cookies)

        return attempt("code", finish)


def go_on(pending: Pending, cookies: Cookies, path: str | None = None) -> Response:
    """Lead to the page of the next step, and to a path afterwards; a passkey is asked for before a code."""
    page = "console.code_passkey" if pending.step == "code" and pending.has_passkeys else _PAGES[pending.step]
    response = redirect(url_for(page, next=path or onwards()), HTTPStatus.SEE_OTHER)
    cookies.set_secret(response, PENDING, pending.token)
    return response


def _complete(signing_in: SigningIn, cookies: Cookies) -> SignedIn:
    return signing_in.complete(cookies.secret(request, PENDING), request.form.get("code", ""), place())


def let_in(response: Response, signed_in: SignedIn, cookies: Cookies) -> Response:
    """Give the browser its session with an answer."""
    cookies.set_secret(response, SESSION, signed_in.token)
    cookies.set_secret(response, PENDING, "")
    if signed_in.operator.language is not None:
        cookies.set_choice(response, LANGUAGE, signed_in.operator.language)
    return response


def form(page: str, **more: object) -> str:
    """Return the page of a step."""
    return render_template(f"console/{page}.html", next=onwards(), **{"refusal": None, **more})


def attempt(page: str, go: Callable[[], Response], again: Callable[[], dict[str, object]] = dict) -> Response:
    """Do a step of the way in; a refusal is said above the form of the same step, or where the way begins."""
    try:
        return go()
    except _SAID as error:
        g.word = error.word
        try:
            shown = form(page, **again(), refusal=translated(str(error)))
        except LicensingError:
            shown = form("sign-in", refusal=translated(str(error)))
        return Response(shown, STATUS[type(error)], mimetype="text/html")


def onwards() -> str:
    """Return where to go on to after the way in."""
    return path_of_ours(request.values.get("next"), url_for("console.desk"))
