"""The way in by a passkey: alone, or in place of the code."""

from collections.abc import Callable
from functools import partial
from http import HTTPStatus
from typing import TypeAlias

from flask import Blueprint, g, redirect, request
from werkzeug.wrappers import Response

from licence_server.domain.passkey import LONGEST_ANSWER
from licence_server.services.admitting import Pending, SignedIn
from licence_server.web.console.sending import text
from licence_server.web.console.signing_in import PENDING, attempt, form, go_on, let_in, onwards, place
from licence_server.web.console.use_cases import UseCases
from licence_server.web.console.visitor import Cookies

Ask: TypeAlias = Callable[[], str]
Enter: TypeAlias = Callable[[], SignedIn | Pending]


def answer_of() -> str:
    """Return what the browser answered. Raises MalformedError: more than any answer is."""
    return text("credential", LONGEST_ANSWER)


def register(bp: Blueprint, use_cases: UseCases, cookies: Cookies) -> None:
    """Add the pages, and let templates know whether there are passkeys at all."""
    recognising = use_cases.recognising
    bp.context_processor(lambda: {"has_passkeys": recognising.is_possible})

    def pending() -> str:
        return cookies.secret(request, PENDING)

    def add(path: str, endpoints: tuple[str, str], page: str, ask: Ask, enter: Enter) -> None:
        shown = partial(_show, page, ask)
        entered = partial(_enter, page, ask, enter, cookies)
        bp.add_url_rule(path, endpoints[0], shown, methods=["GET"])
        bp.add_url_rule(path, endpoints[1], entered, methods=["POST"])

    add(
        "/sign-in/passkey",
        ("passkey", "enter_by_passkey"),
        "passkey",
        lambda: recognising.ask(g.secret, place()),
        lambda: recognising.enter(g.secret, answer_of(), place()),
    )
    add(
        "/sign-in/code/passkey",
        ("code_passkey", "complete_by_passkey"),
        "passkey-code",
        lambda: recognising.ask_for_code(pending(), place()),
        lambda: recognising.complete(pending(), answer_of(), place()),
    )


def _show(page: str, ask: Ask) -> Response:
    if g.signed_in is not None:
        return redirect(onwards(), HTTPStatus.SEE_OTHER)
    return attempt("sign-in", lambda: Response(form(page, options=ask()), mimetype="text/html"))


def _enter(page: str, ask: Ask, enter: Enter, cookies: Cookies) -> Response:
    def finish() -> Response:
        entered = enter()
        if isinstance(entered, Pending):
            return go_on(entered, cookies)
        return let_in(redirect(onwards(), HTTPStatus.SEE_OTHER), entered, cookies)

    return attempt(page, finish, lambda: {"options": ask()})
