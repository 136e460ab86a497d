"""Page: the request of a server without a network, and the answer to carry back."""

from base64 import b64encode

from flask import Blueprint, g, render_template, request
from werkzeug.wrappers import Response

from keys.carried import LARGEST
from keys.drawing import as_addresses
from keys.errors import LicensingError, UnavailableError
from keys.jws import MAX_BYTES
from licence_server.web.console.refusals import translated
from licence_server.web.console.sending import by, text
from licence_server.web.console.use_cases import UseCases
from licence_server.web.problems import STATUS

_COMMANDS = (
    "licence-agent request CODE --root root.json -o request.lic",
    "licence-agent request --validate -o request.lic",
    "licence-agent deactivate -o request.lic",
)


def register(bp: Blueprint, use_cases: UseCases) -> None:
    """Add it."""

    @bp.get("/exchange")
    def exchange() -> str:
        return render_template("console/exchange.html", typed="", refusal=None, commands=_COMMANDS)

    @bp.post("/exchange")
    def answer_request() -> Response:
        try:
            answer = use_cases.exchanging.exchange(_brought(), by())
        except UnavailableError:
            raise
        except LicensingError as error:
            g.word = error.word
            typed = text("request", MAX_BYTES)
            shown = {"typed": typed, "refusal": translated(str(error)), "commands": _COMMANDS}
            page = render_template("console/exchange.html", **shown)
            return Response(page, STATUS[type(error)], mimetype="text/html")
        codes = as_addresses((answer.document, answer.trust))
        download = f"data:application/octet-stream;base64,{b64encode(answer.content).decode()}"
        page = render_template("console/exchanged.html", answer=answer, download=download, codes=codes)
        return Response(page, mimetype="text/html")


def _brought() -> bytes:
    """Return what was chosen as a file, else what was pasted."""
    file = request.files.get("file")
    return file.read(LARGEST + 1) if file is not None and file.filename else text("request", MAX_BYTES).encode()
