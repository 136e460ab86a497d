"""Pages: one's own account. Sessions to end, and how one signs in, changed with a proof of both factors."""

from collections.abc import Callable
from functools import partial
from http import HTTPStatus

from flask import Blueprint, g, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from keys.errors import InvalidInputError, NotSignedInError, RateLimitedError, StateConflictError, UnavailableError
from licence_server.domain.passkey import check_passkey_name
from licence_server.domain.rights import RIGHTS
from licence_server.services.securing import Proof
from licence_server.web.console.language import gettext
from licence_server.web.console.passkeys import answer_of
from licence_server.web.console.refusals import translated
from licence_server.web.console.sending import by, done, text, whole
from licence_server.web.console.signing_in import place
from licence_server.web.console.use_cases import UseCases
from licence_server.web.console.visitor import LANGUAGE
from licence_server.web.problems import STATUS


def register(bp: Blueprint, use_cases: UseCases) -> None:
    """Add them."""
    _add_sessions(bp, use_cases)
    _add_factors(bp, use_cases)
    _add_passkeys(bp, use_cases)
    _add_language(bp, use_cases)
    _add_tokens(bp, use_cases)


def _add_sessions(bp: Blueprint, use_cases: UseCases) -> None:
    @bp.get("/account")
    def account() -> str:
        return _page(use_cases)

    @bp.post("/account/sessions/<session_id>/end")
    def end_session(session_id: str) -> Response:
        use_cases.authenticating.end(session_id, g.signed_in.operator.id, by())
        return done("ended", url_for("console.account"))

    @bp.post("/account/sessions/end")
    def end_others() -> Response:
        use_cases.authenticating.end_all(g.signed_in.operator.id, by(), keep=g.signed_in.session.id)
        return done("ended", url_for("console.account"))


def _add_factors(bp: Blueprint, use_cases: UseCases) -> None:
    securing = use_cases.securing

    def change_password() -> Response:
        password = request.form.get("password", "")
        if password != request.form.get("again", ""):
            raise InvalidInputError(gettext("The two passwords are not the same: type both again."))
        securing.change_password(g.signed_in.actor, _proof(), password, g.signed_in.session.id)
        return done("saved", url_for("console.account"))

    def new_recovery_codes() -> Response:
        codes = securing.new_recovery_codes(g.signed_in.actor, _proof(), g.signed_in.session.id)
        shown = {"codes": codes, "name": g.signed_in.operator.name, "next": url_for("console.account")}
        return Response(render_template("console/recovery-codes.html", **shown), mimetype="text/html")

    def drop_second_factor() -> Response:
        securing.drop_second_factor(g.signed_in.actor, _proof())
        return redirect(url_for("console.sign_in"), HTTPStatus.SEE_OTHER)

    for name, change in (
        ("password", change_password),
        ("recovery-codes", new_recovery_codes),
        ("second-factor", drop_second_factor),
    ):
        view = partial(_attempt, use_cases, change)
        bp.add_url_rule(f"/account/{name}", change.__name__, view, methods=["POST"])


def _add_passkeys(bp: Blueprint, use_cases: UseCases) -> None:
    equipping = use_cases.equipping

    @bp.post("/account/passkeys")
    def propose_passkey() -> Response:
        def ask() -> Response:
            name = check_passkey_name(text("name", 400))
            options = equipping.propose(g.signed_in.actor, _proof(), g.signed_in.token)
            page = render_template("console/passkey-new.html", options=options, name=name)
            return Response(page, mimetype="text/html")

        return _attempt(use_cases, ask)

    @bp.post("/account/passkeys/add")
    def add_passkey() -> Response:
        def add() -> Response:
            equipping.add(g.signed_in.actor, g.signed_in.token, text("name", 400), answer_of())
            return done("saved", url_for("console.account"))

        return _attempt(use_cases, add)

    @bp.post("/account/passkeys/<passkey_id>/remove")
    def remove_passkey(passkey_id: str) -> Response:
        def remove() -> Response:
            equipping.remove(g.signed_in.actor, _proof(), passkey_id, g.signed_in.session.id)
            return done("saved", url_for("console.account"))

        return _attempt(use_cases, remove)


def _add_language(bp: Blueprint, use_cases: UseCases) -> None:
    @bp.post("/account/language")
    def choose_language() -> Response:
        chosen = use_cases.enrolling.choose_language(g.signed_in.operator.id, text("stored"), by()).language
        response = done("saved", url_for("console.account"))
        if chosen is not None:
            g.cookies.set_choice(response, LANGUAGE, chosen)
        return response


def _add_tokens(bp: Blueprint, use_cases: UseCases) -> None:
    delegating = use_cases.delegating

    @bp.post("/account/tokens")
    def lend_token() -> Response:
        def lend() -> Response:
            days = whole("days", gettext("Days")) or 0
            ends_at = use_cases.authenticating.clock.now() + days * 86_400
            lent = delegating.lend(g.signed_in.actor, _proof(), text("name", 400), _scopes(), ends_at)
            return Response(render_template("console/token.html", lent=lent), mimetype="text/html")

        return _attempt(use_cases, lend)

    @bp.post("/account/tokens/<token_id>/revoke")
    def revoke_token(token_id: str) -> Response:
        delegating.revoke(token_id, by(), owner=g.signed_in.operator.id)
        return done("saved", url_for("console.account"))


def _scopes() -> list[str]:
    return [scope[:64] for scope in request.form.getlist("scope")[: len(RIGHTS)]]


def _attempt(use_cases: UseCases, change: Callable[[], Response]) -> Response:
    """Change how one signs in; what is wrong with the form or the proof in it is said above the page."""
    try:
        return change()
    except (InvalidInputError, NotSignedInError, RateLimitedError, StateConflictError, UnavailableError) as error:
        g.word = error.word
        # Not 401: the session goes on, and what was wrong is the proof.
        is_proof = isinstance(error, NotSignedInError)
        status = HTTPStatus.UNPROCESSABLE_ENTITY if is_proof else STATUS[type(error)]
        return Response(_page(use_cases, translated(str(error))), status, mimetype="text/html")


def _proof() -> Proof:
    return Proof(request.form.get("present", ""), request.form.get("code", ""), place())


def _page(use_cases: UseCases, refusal: str | None = None) -> str:
    operator, here = g.signed_in.operator, g.signed_in.session.id
    shown = {
        "sessions": use_cases.authenticating.sessions(operator.id),
        "passkeys": use_cases.equipping.passkeys(operator.id),
        "tokens": use_cases.delegating.all(operator.id),
        "rights": [right for right in RIGHTS if right in g.signed_in.actor.rights],
        "now": use_cases.authenticating.clock.now(),
    }
    return render_template("console/account.html", operator=operator, this=here, refusal=refusal, **shown)
