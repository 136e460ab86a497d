"""The way in by way of a provider: there, and back."""

from http import HTTPStatus

from flask import Blueprint, g, redirect, request, url_for
from werkzeug.wrappers import Response

from licence_server.services.admitting import Pending
from licence_server.services.federating import Returned
from licence_server.web.console.doors import path_of_ours
from licence_server.web.console.sending import text
from licence_server.web.console.signing_in import attempt, go_on, let_in, onwards, place
from licence_server.web.console.use_cases import UseCases
from licence_server.web.console.visitor import Cookies

_ONWARDS = "onwards"
"""Cookie with the path to go on to, which the provider has no business to know."""
_LONGEST_CODE = 4_096


def register(bp: Blueprint, use_cases: UseCases, cookies: Cookies) -> None:
    """Add both, and let templates know what the provider is called."""
    federating = use_cases.federating
    federation = federating.federation
    bp.context_processor(lambda: {"provider": None if federation is None else federation.name})

    @bp.get("/sign-in/sso")
    def sso() -> Response:
        def leave() -> Response:
            response = redirect(federating.begin(g.secret, place()), HTTPStatus.SEE_OTHER)
            cookies.set_secret(response, _ONWARDS, onwards())
            return response

        return redirect(onwards(), HTTPStatus.SEE_OTHER) if g.signed_in is not None else attempt("sign-in", leave)

    @bp.get("/sign-in/sso/back")
    def sso_back() -> Response:
        path = path_of_ours(cookies.secret(request, _ONWARDS), url_for("console.desk"))

        def arrive() -> Response:
            returned = Returned(text("state", _LONGEST_CODE), text("code", _LONGEST_CODE))
            entered = federating.finish(g.secret, returned, place())
            if isinstance(entered, Pending):
                return go_on(entered, cookies, path)
            return let_in(redirect(path, HTTPStatus.SEE_OTHER), entered, cookies)

        return redirect(path, HTTPStatus.SEE_OTHER) if g.signed_in is not None else attempt("sign-in", arrive)
