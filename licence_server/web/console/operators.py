"""Pages: the vendor's people, and what each may do."""

from collections.abc import Callable

from flask import Blueprint, render_template, request, url_for
from werkzeug.wrappers import Response

from keys.errors import InvalidInputError, StateConflictError
from licence_server.domain.operator import ROLES, Role
from licence_server.services.enrolling import Welcome
from licence_server.web.console.refusals import translated
from licence_server.web.console.sending import by, done, text
from licence_server.web.console.use_cases import UseCases
from licence_server.web.problems import STATUS


def register(bp: Blueprint, use_cases: UseCases) -> None:
    """Add them."""
    enrolling = use_cases.enrolling

    def page(refusal: str | None = None) -> str:
        people = enrolling.operators()
        return render_template("console/operators.html", people=people, roles=ROLES, refusal=refusal)

    @bp.get("/operators")
    def operators() -> str:
        return page()

    @bp.post("/operators")
    def add_operator() -> Response:
        try:
            return _welcome(enrolling.add(text("name", 64), _role(), by()))
        except (InvalidInputError, StateConflictError) as error:
            return Response(page(translated(str(error))), STATUS[type(error)], mimetype="text/html")

    def button(name: str, endpoint: str, press: Callable[[str], object]) -> None:
        def view(operator_id: str) -> Response:
            press(operator_id)
            return done("saved", url_for("console.operators"))

        bp.add_url_rule(f"/operators/<operator_id>/{name}", endpoint, view, methods=["POST"])

    button("role", "change_role", lambda operator_id: enrolling.change_role(operator_id, _role(), by()))
    button("disable", "disable", lambda operator_id: enrolling.disable(operator_id, by()))
    button("enable", "enable", lambda operator_id: enrolling.enable(operator_id, by()))

    @bp.post("/operators/<operator_id>/reset")
    def reset(operator_id: str) -> Response:
        return _welcome(enrolling.reset(operator_id, by()))


def _role() -> Role:
    role: Role = request.form.get("role", "")  # type: ignore[assignment]  # the use case looks at it
    return role


def _welcome(welcome: Welcome) -> Response:
    """Show a password for one sign-in, this once."""
    page = render_template("console/welcome.html", name=welcome.operator.name, password=welcome.password)
    return Response(page, mimetype="text/html")
