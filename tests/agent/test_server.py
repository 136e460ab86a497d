"""The licence server's client: whatever is not a signed answer or an allowed refusal is a network fault."""

import socket
from collections.abc import Iterator

import pytest

from agent.domain.faults import FaultError
from agent.server import ANYWHERE, REFUSALS, HttpServer
from keys.clock import SystemClock
from keys.errors import (
    EvidenceRequiredError,
    InvalidInputError,
    RateLimitedError,
    UnavailableError,
    UnreachableError,
    all_refusals,
)
from tests.faults.oddserver import OddServer, odd_server, plain
from tests.faults.unsigned import PROBLEM, UNSIGNED, problem


@pytest.fixture(scope="module")
def peer() -> Iterator[OddServer]:
    with odd_server() as server:
        yield server


@pytest.fixture
def client(peer: OddServer) -> HttpServer:
    return HttpServer(peer.url, "test", SystemClock(), deadline=60.0)


@pytest.mark.parametrize("name", ["HTTP 403 with a page", "5 MB", "gzip bomb", "redirect for ever", "nothing", "cut"])
def test_an_odd_answer_is_no_trust_document(peer: OddServer, client: HttpServer, name: str) -> None:
    """The same for documents: tests/contract/test_false_answers.py, with every odd answer that there is."""
    peer.answer = UNSIGNED[name]
    with pytest.raises(FaultError):
        client.trust()


def test_no_redirect_is_followed(peer: OddServer, client: HttpServer) -> None:
    peer.answer, peer.asked = plain(302, Location=f"{peer.url}/elsewhere"), []
    with pytest.raises(UnreachableError):
        client.send("validation", b"x")
    assert [path for _, path, _, _ in peer.asked] == ["/agent/v1/validations"]


@pytest.mark.parametrize("status", [200, 201])
def test_a_signed_answer_is_handed_on_unread(peer: OddServer, client: HttpServer, status: int) -> None:
    peer.answer, peer.asked = plain(status, b"a.b.c\n", Content_Type="application/jwt; charset=utf-8"), []
    assert client.send("activation", b"the bytes") == b"a.b.c"
    method, path, headers, body = peer.asked[0]
    assert (method, path, body) == ("POST", "/agent/v1/activations", b"the bytes")
    assert (headers["Content-Type"], headers["Accept-Encoding"]) == ("application/jwt", "identity")


def test_no_password_of_this_machine_is_sent(peer: OddServer, client: HttpServer, tmp_path, monkeypatch) -> None:
    netrc = tmp_path / "netrc"
    netrc.write_text("machine 127.0.0.1 login me password secret\n")
    monkeypatch.setenv("NETRC", str(netrc))
    peer.answer, peer.asked = plain(200, b"{}"), []
    client.trust()
    assert "Authorization" not in peer.asked[0][2]


ALLOWED = [(errand, word, status) for errand, words in REFUSALS.items() for word, status in words.items()]


@pytest.mark.parametrize(("errand", "word", "status"), ALLOWED)
def test_an_allowed_refusal_is_raised_again(
    peer: OddServer, client: HttpServer, errand, word: str, status: int
) -> None:
    peer.answer = plain(status, problem(word, detail="Because\x1b[31m."), Retry_After="7", **PROBLEM)
    with pytest.raises(all_refusals()[word]) as raised:
        client.send(errand, b"x")
    assert str(raised.value) == "Because[31m."
    if isinstance(raised.value, RateLimitedError | UnavailableError):
        assert raised.value.retry_after == 7


@pytest.mark.parametrize("word", sorted(set(all_refusals()) - set(ANYWHERE)))
def test_a_refusal_counts_only_where_the_protocol_has_it(peer: OddServer, client: HttpServer, word: str) -> None:
    for errand, words in REFUSALS.items():
        if word not in words:
            peer.answer = plain(409, problem(word), **PROBLEM)
            with pytest.raises(UnreachableError):
                client.send(errand, b"x")


def test_a_refusal_without_a_sentence_has_its_title(peer: OddServer, client: HttpServer) -> None:
    peer.answer = plain(409, problem("evidence-required"), **PROBLEM)
    with pytest.raises(EvidenceRequiredError, match="evidence"):
        client.send("validation", b"x")


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("120", 120),
        ("Wed, 21 Oct 2015 07:28:00 GMT", 0),
        ("Wed, 21 Oct 99999 07:28:00 GMT", 0),
        ("-1", 0),
        ("9" * 30, 0),
    ],
)
def test_retry_after_is_taken_from_a_gateway_too(peer: OddServer, client: HttpServer, text: str, seconds: int) -> None:
    peer.answer = plain(503, b"busy", Retry_After=text)
    with pytest.raises(FaultError) as raised:
        client.send("validation", b"x")
    assert raised.value.retry_after == seconds


def test_nobody_there_and_no_such_name() -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    for url, cause in ((f"http://127.0.0.1:{port}", "connection"), ("http://licence.invalid", "name")):
        with pytest.raises(FaultError) as raised:
            HttpServer(url, "test", SystemClock(), deadline=60.0).trust()
        assert raised.value.cause == cause


@pytest.mark.parametrize("url", ["licence.example.com", "ftp://licence.example", "https://", "", "file:///etc/passwd"])
def test_an_address_that_is_none_is_said_so(url: str) -> None:
    with pytest.raises(InvalidInputError, match="address"):
        HttpServer(url, "test", SystemClock())
