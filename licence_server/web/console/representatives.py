"""Pages: who speaks for a customer, and whom they name instead."""

from flask import Blueprint, render_template, url_for
from werkzeug.wrappers import Response

from keys.errors import InvalidInputError
from licence_server.domain.representative import NewRepresentative
from licence_server.web.console.refusals import translated
from licence_server.web.console.sending import by, done, text, versions
from licence_server.web.console.use_cases import UseCases
from licence_server.web.problems import STATUS

_FIELDS = ("name", "national_id", "mobile", "email")


def register(bp: Blueprint, use_cases: UseCases) -> None:
    """Add the form."""

    def form(customer_id: str, refusal: str | None = None) -> str:
        customer = use_cases.registering.one(customer_id)
        typed = {"version": text("version") or customer.version, **{name: text(name) for name in _FIELDS}}
        return render_template("console/representative.html", customer=customer, typed=typed, refusal=refusal)

    @bp.get("/customers/<customer_id>/representative")
    def representative(customer_id: str) -> str:
        return form(customer_id)

    @bp.post("/customers/<customer_id>/representative")
    def appoint(customer_id: str) -> Response:
        try:
            use_cases.registering.appoint(customer_id, NewRepresentative(*map(text, _FIELDS)), by(), versions())
        except InvalidInputError as error:
            page = form(customer_id, translated(str(error)))
            return Response(page, STATUS[InvalidInputError], mimetype="text/html")
        return done("saved", url_for("console.customer", customer_id=customer_id))
