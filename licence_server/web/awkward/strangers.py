"""Answers that nobody signed whom an agent trusts: network faults, whatever they claim (protocol, section 9)."""

from collections.abc import Callable
from http import HTTPStatus

from keys.jws import Claims, decode, encode, from_json, sign_document, to_json
from keys.signing import SoftwareSigner
from licence_server.web import problems
from licence_server.web.awkward.exchange import Answer, Exchange

_HTML = "text/html; charset=utf-8"
_JWT = "application/jwt"
_LICENCE = "licence+jwt"


def page(status: HTTPStatus, text: str, *headers: tuple[str, str]) -> Callable[[Exchange], Answer]:
    """Answer as a proxy or a portal does."""
    body = f"<!DOCTYPE html><title>{text}</title><p>{text}</p>".encode()
    return lambda _: Answer.of(status, _HTML, body, *headers)


def nothing(_: Exchange) -> Answer:
    """Answer 200 with the right media type, and no body."""
    return Answer.of(HTTPStatus.OK, _JWT, b"")


def noise(_: Exchange) -> Answer:
    """Answer 200 with the right media type, and a body that is no document."""
    return Answer.of(HTTPStatus.OK, _JWT, b"\x00\xffnot.a.document")


def crash(_: Exchange) -> Answer:
    """Answer as a server that made a mistake."""
    status = HTTPStatus.INTERNAL_SERVER_ERROR
    return Answer.of(status, problems.MEDIA_TYPE, problems.body("about:blank", status.phrase, status, None))


def unsigned(exchange: Exchange) -> Answer:
    """Answer the request, but with a licence that says ``revoked`` and ``"alg": "none"``."""
    return _exchanged(exchange, lambda claims: _bare({**claims, "status": "revoked"}))


def forged(exchange: Exchange) -> Answer:
    """Answer the request, but with a licence that says ``revoked``, signed by a key that nobody vouches for."""
    stranger = SoftwareSigner.generate()
    return _exchanged(exchange, lambda claims: sign_document(_LICENCE, {**claims, "status": "revoked"}, stranger))


def _exchanged(exchange: Exchange, forge: Callable[[Claims], bytes]) -> Answer:
    answer = exchange.forward()
    if not answer.is_document:
        return answer
    body = forge(from_json(decode(answer.body.split(b".")[1])))
    return Answer(answer.status, answer.headers, body, len(body))


def _bare(claims: Claims) -> bytes:
    return encode(to_json({"alg": "none", "typ": _LICENCE})) + b"." + encode(to_json(claims)) + b"."
