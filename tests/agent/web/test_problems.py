"""Refusals over HTTP: each has a status, a word and a sentence; nothing else ever comes back."""

import ast
import asyncio
from collections import deque
from collections.abc import MutableMapping
from pathlib import Path
from typing import Any

import pytest

import keys.errors
from agent.web import problems
from keys.errors import LicensingError, SeatsExhaustedError, StateDamagedError, all_refusals
from tests.agent.web.server import ADMINISTRATOR, TOKEN, Crm

ROOT = Path(__file__).parents[3]
SERVED = [
    *(ROOT / "agent" / "web").glob("*.py"),
    *(ROOT / "agent" / "domain" / f"{name}.py" for name in ("seats", "ledger", "occupancy", "names", "network")),
    ROOT / "agent" / "services" / "seating.py",
    ROOT / "keys" / "claims.py",
]


def _raised(path: Path) -> set[str]:
    names = {node.id for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, ast.Name)}
    return {name for name in names if isinstance(getattr(keys.errors, name, None), type)} - {"LicensingError"}


def test_every_refusal_that_the_local_api_can_raise_has_a_status() -> None:
    raised = {name for path in SERVED for name in _raised(path)}
    assert {"SeatsExhaustedError", "TokenInvalidError", "MalformedError"} <= raised
    assert raised <= {refusal.__name__ for refusal in problems.STATUS}


@pytest.mark.parametrize("word", sorted(error.word for error in problems.STATUS))
def test_every_refusal_goes_out_with_its_word_its_status_and_its_sentence(crm: Crm, word: str) -> None:
    error = all_refusals()[word]

    def refuse() -> LicensingError:
        if issubclass(error, SeatsExhaustedError):
            return error("a sentence", "users", 3, 3)
        return error("a sentence", 7) if word == "unavailable" else error("a sentence")

    def raise_it() -> object:
        raise refuse()

    crm.office.standing = raise_it  # type: ignore[assignment]
    for method, path, token in (("POST", "/v1/seats", TOKEN), ("GET", "/v1/seats", ADMINISTRATOR)):
        got = crm.call(method, path, {"user": "a", "client": "b"} if method == "POST" else None, token=token)
        assert (got.status, got.problem, got.json["detail"]) == (problems.STATUS[error], word, "a sentence")
        assert got.json["title"] == error.title
        assert (got.headers.get("Retry-After") == "7") is (word == "unavailable")
        assert got.headers["Cache-Control"] == "no-store"


def test_a_mistake_of_ours_is_logged_and_not_explained(crm: Crm, caplog: pytest.LogCaptureFixture) -> None:
    def break_down() -> object:
        raise ZeroDivisionError("secret")

    crm.office.standing = break_down  # type: ignore[assignment]
    for method, path in (("POST", "/v1/seats"), ("GET", "/v1/licence"), ("GET", "/v1/authorize"), ("GET", "/metrics")):
        headers = {"Licence-User": "a", "Licence-Client": "b"}
        got = crm.call(method, path, {"user": "a", "client": "b"} if method == "POST" else None, headers=headers)
        assert got.status == 500
        assert got.problem == "about:blank"
        assert b"secret" not in got.content
    assert "ZeroDivisionError" in caplog.text


def test_a_refusal_that_has_no_status_is_a_mistake_of_ours() -> None:
    assert problems.of(all_refusals()["code-used"]("x")).status.startswith("500")
    assert problems.STATUS[StateDamagedError] == 500


def test_http_errors_that_are_no_refusals_have_the_same_form() -> None:
    reply = problems.plain(501, "not yet")
    assert reply.status == "501 Not Implemented"
    assert reply.media_type == "application/problem+json"
    assert b'"type":"about:blank"' in reply.body


@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [
        ("PUT", "/v1/seats", {"GET", "HEAD", "POST"}),
        ("GET", "/v1/seats/heartbeat", {"POST"}),
        ("POST", "/v1/seats/seat_1", {"DELETE"}),
        ("POST", "/v1/authorize", {"GET", "HEAD"}),
        ("DELETE", "/v1/licence", {"GET", "HEAD"}),
        ("POST", "/v1/users/sara", {"DELETE"}),
        ("OPTIONS", "/v1/licence", {"GET", "HEAD"}),
    ],
)
def test_another_method_is_refused_and_told_which_are_possible(
    crm: Crm, method: str, path: str, allowed: set[str]
) -> None:
    got = crm.call(method, path, token=ADMINISTRATOR)
    assert (got.status, got.problem) == (405, "method-not-allowed")
    assert set(got.headers["Allow"].split(", ")) == allowed


@pytest.mark.parametrize("path", ["/", "/v1", "/v1/", "/v2/seats", "/v1/licences", "/v1/users/", "/static/x"])
def test_unknown_places_are_not_found(crm: Crm, path: str) -> None:
    got = crm.call("GET", path)
    assert (got.status, got.problem) == (404, "not-found")


@pytest.mark.parametrize(
    "content",
    [
        b"GET / HTTP/9.9.9\r\n\r\n",
        b"get /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n",
        b"POST /v1/seats HTTP/1.1\r\nHost: localhost\r\nContent-Length: many\r\n\r\n",
        b"POST /v1/seats HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: gzip\r\n\r\n",
        b"POST /v1/seats HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
        (b"GET /healthz HTTP/1.1\r\nHost: localhost\r\nX: ").ljust(16_384, b"x"),
        b"POST /v1/seats HTTP/1.1\r\nHost: localhost\r\nContent-Length: 99999999\r\n\r\n",
    ],
)
def test_what_is_not_even_http_is_a_problem_too(crm: Crm, content: bytes) -> None:
    answer = crm.raw(content)
    head, _, body = answer.partition(b"\r\n\r\n")
    assert head.split(b" ")[1] in {b"400", b"413", b"431", b"501"}
    assert b"application/problem+json" in head
    assert body.startswith(b'{"type":')
    assert b"Traceback" not in answer


def test_the_api_is_plain_asgi_for_any_other_server(crm: Crm) -> None:
    head = [(b"host", f"localhost:{crm.port}".encode()), (b"authorization", f"Bearer {TOKEN}".encode())]

    def ask(method: str, path: str, body: bytes = b"") -> tuple[int, bytes]:
        """Be a server that hands the body over in two pieces."""
        received: deque[dict[str, Any]] = deque([{"body": body[:5], "more_body": True}, {"body": body[5:]}])
        sent: list[MutableMapping[str, Any]] = []

        async def receive() -> MutableMapping[str, Any]:
            return {"type": "http.request", **received.popleft()}

        async def send(message: MutableMapping[str, Any]) -> None:
            sent.append(message)

        scope = {
            "type": "http",
            "method": method,
            "path": path,
            "headers": [*head, (b"content-type", b"application/json")],
            "server": ("127.0.0.1", crm.port),
        }
        asyncio.run(crm.server._app(scope, receive, send))
        assert (b"cache-control", b"no-store") in sent[0]["headers"]
        return sent[0]["status"], sent[1]["body"]

    assert ask("POST", "/v1/seats", b'{"user": "sara", "client": "pc"}')[0] == 201
    assert ask("GET", "/v1/licence")[0] == 200
    assert ask("HEAD", "/healthz") == (200, b"")
    assert ask("GET", "/healthz") == (200, b'{"status":"ok"}')
