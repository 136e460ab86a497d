"""The endpoints that agents talk to (protocol, section 6). Views take bytes, call one use case and return bytes."""

from http import HTTPStatus

from flask import Blueprint, Response, g, request

from keys.errors import (
    CodeUnknownError,
    MediaTypeError,
    SignatureInvalidError,
    StateDamagedError,
    UnavailableError,
)
from licence_server.services.activating import Activating
from licence_server.services.ports_desk import Desk
from licence_server.services.validating import Validating
from licence_server.web import problems
from licence_server.web.agents.guessing import Guessing

MEDIA_TYPE = "application/jwt"
_WHILE_MENDED = 600


def blueprint(activating: Activating, validating: Validating, desk: Desk, guessing: Guessing) -> Blueprint:
    """Build the views around what they need, so that none looks anything up."""
    bp = Blueprint("agents", __name__, url_prefix="/agent/v1")

    @bp.post("/activations")
    def activation() -> Response:
        return _document(activating.activate(_body()), HTTPStatus.CREATED)

    @bp.post("/validations")
    def validation() -> Response:
        return _document(validating.validate(_body()))

    @bp.post("/deactivations")
    def deactivation() -> Response:
        return _document(validating.deactivate(_body()))

    @bp.get("/trust")
    def trust() -> Response:
        return _document(desk.trust_document)

    @bp.errorhandler(CodeUnknownError)
    @bp.errorhandler(SignatureInvalidError)
    def guessed(error: CodeUnknownError | SignatureInvalidError) -> Response:
        return problems.render(guessing.judge(error, g.address))

    @bp.errorhandler(StateDamagedError)
    def damaged(_error: StateDamagedError) -> Response:
        """What the vendor's people have to mend is for agents a server that does not answer."""
        return problems.render(UnavailableError("The licence server can't answer now.", _WHILE_MENDED))

    return bp


def _body() -> bytes:
    """Return the body: first its size counts, which Flask limits however it is sent, then its type."""
    body = request.get_data(cache=False)
    if request.mimetype != MEDIA_TYPE:
        raise MediaTypeError(f"The body must be {MEDIA_TYPE}.")
    return body


def _document(document: bytes, status: HTTPStatus = HTTPStatus.OK) -> Response:
    return Response(document, status, content_type=MEDIA_TYPE)
