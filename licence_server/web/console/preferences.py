"""Language and colours, which a reader chooses at the foot of every page."""

from flask import Blueprint, redirect, request, url_for
from werkzeug.wrappers import Response

from keys.errors import MalformedError
from licence_server.web.console.doors import path_of_ours
from licence_server.web.console.language import LANGUAGES, marked
from licence_server.web.console.visitor import LANGUAGE, THEME, THEMES, Cookies

_ALLOWED: dict[str, tuple[str, ...]] = {LANGUAGE: LANGUAGES, THEME: THEMES}


def register(bp: Blueprint, cookies: Cookies) -> None:
    """Add the forms' address."""

    @bp.post("/preferences")
    def preferences() -> Response:
        chosen = {name: request.form[name] for name in _ALLOWED if name in request.form}
        if not chosen or any(value not in _ALLOWED[name] for name, value in chosen.items()):
            raise MalformedError(marked("There is no such language and no such colour scheme."))
        response = redirect(path_of_ours(request.form.get("next"), url_for("console.desk")), 303)
        for name, value in chosen.items():
            cookies.set_choice(response, name, value)
        return response
