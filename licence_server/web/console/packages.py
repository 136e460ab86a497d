"""Page: the installation packages that an installer carries to a customer's server."""

from flask import Blueprint, Response, render_template

from keys.errors import InvalidInputError
from licence_server.services.ports_bundle import form_of
from licence_server.web.console.refusals import translated
from licence_server.web.console.use_cases import UseCases


def register(bp: Blueprint, use_cases: UseCases) -> None:
    """Add it."""
    bundling = use_cases.bundling

    @bp.get("/packages")
    def packages() -> str:
        try:
            release, refusal = bundling.release(), None
        except InvalidInputError as error:
            release, refusal = None, translated(str(error))
        facts = {"release": release, "refusal": refusal, "server": bundling.server, "roots": bundling.roots}
        return render_template("console/packages.html", **facts)

    @bp.get("/packages/<form>")
    def package(form: str) -> Response:
        made = bundling.package(form_of(form))
        headers = {"Content-Disposition": f"attachment; filename={made.name}"}
        return Response(made.content, mimetype="application/octet-stream", headers=headers)
