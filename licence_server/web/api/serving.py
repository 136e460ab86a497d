"""Serves the endpoints of the operators' API: who asks, whether they may, what they say, and the answer once.

Nothing is reached that is not in the table: an endpoint's right is asked for before anything of the request is read.
"""

import hashlib
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from http import HTTPStatus

from flask import Blueprint, Response, g, request

from keys.errors import NotFoundError, NotSignedInError
from licence_server.domain.rights import Actor, check_right
from licence_server.services.authenticating import Authenticating
from licence_server.services.repeating import Asked, Kept, Repeating
from licence_server.web import problems
from licence_server.web.agents.guessing import Guessing
from licence_server.web.api.endpoint import Answer, Call, Endpoint
from licence_server.web.api.reading import MEDIA_TYPE, read, read_file, read_versions

_ID = re.compile(r"[A-Za-z0-9_-]{1,64}")
_SCHEME = "Bearer "
_KEY = "Idempotency-Key"


@dataclass(frozen=True, slots=True)
class Guard:
    """Knows who asks, and what was answered before."""

    authenticating: Authenticating
    repeating: Repeating
    guessing: Guessing

    def actor(self) -> Actor:
        """Return whom a program acts for. Raises NotSignedInError, RateLimitedError."""
        header = request.headers.get("Authorization", "")
        token = header.removeprefix(_SCHEME) if header.startswith(_SCHEME) else ""
        try:
            return self.authenticating.bearer(token)
        except NotSignedInError as refusal:
            raise self.guessing.judge(refusal, g.address) from None


def blueprint(guard: Guard, endpoints: Sequence[Endpoint], document: bytes) -> Blueprint:
    """Build the API around a table of endpoints; ``document`` describes it (OpenAPI)."""
    bp = Blueprint("api", __name__, url_prefix="/api/v1")
    for endpoint in endpoints:
        view = _view(guard, endpoint)
        bp.add_url_rule(endpoint.path, endpoint.name, view, methods=[endpoint.method], provide_automatic_options=False)

    @bp.get("/openapi.json", provide_automatic_options=False)
    def openapi() -> Response:
        return Response(document, content_type=MEDIA_TYPE)

    @bp.errorhandler(NotSignedInError)
    def unknown(error: NotSignedInError) -> Response:
        response = problems.render(error)
        response.headers["WWW-Authenticate"] = "Bearer"
        return response

    return bp


def _view(guard: Guard, endpoint: Endpoint) -> Callable[..., Response]:
    def view(**path: str) -> Response:
        actor = guard.actor()
        check_right(actor, endpoint.right)
        for name in path.values():
            _check_id(name)
        call = Call(actor, path, read(endpoint), read_file(endpoint), read_versions(endpoint))
        if endpoint.streams:
            return Response(endpoint.work(call), content_type=endpoint.streams)

        def work() -> bytes:
            body: bytes = endpoint.work(call).model_dump_json().encode()
            return body

        if not endpoint.changes_something:
            return _looked_at(endpoint.work(call))
        key = request.headers.get(_KEY)
        if key is None:
            return _answer(Kept(endpoint.status, work()))
        said = call.given.model_dump_json(exclude_unset=True)
        if call.file:
            said = f"{said}\n{hashlib.sha256(call.file).hexdigest()}"
        asked = Asked(actor, key, f"{endpoint.method} {request.path}\n{said}")
        return _answer(guard.repeating.once(asked, lambda: Kept(endpoint.status, work())))

    return view


def _check_id(name: str) -> None:
    """What is no id is the id of nothing; a database need not be asked, and PostgreSQL can't be about all texts."""
    if not _ID.fullmatch(name):
        raise NotFoundError("There is nothing of this id: ids are letters, digits, _ and -.")


def _answer(kept: Kept) -> Response:
    return Response(kept.body, kept.status, content_type=MEDIA_TYPE)


def _looked_at(answer: Answer) -> Response:
    """Answer with an entity tag, and with nothing but that where the caller has the very same already.

    What can be changed has its version at the head of the tag: with the whole of it a change says what it is made from.
    """
    body = answer.model_dump_json().encode()
    response = Response(body, HTTPStatus.OK, content_type=MEDIA_TYPE)
    digest, version = hashlib.sha256(body).hexdigest()[:32], getattr(answer, "version", "")
    response.set_etag(f"{version}.{digest}" if version else digest)
    return response.make_conditional(request)  # type: ignore[return-value]  # werkzeug's own class, which Flask's is
