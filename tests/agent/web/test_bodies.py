"""Request bodies: what is not exactly what the protocol describes is refused, and nothing makes the agent stumble."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from keys.documents.parts import Seats
from tests.agent.web.server import Crm, serving

pytestmark = pytest.mark.threat(28)
GOOD: dict[str, Any] = {"user": "sara", "client": "pc"}


@pytest.fixture(scope="module")
def roomy(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Crm]:
    """An agent with room for everybody, for all examples."""
    folder: Path = tmp_path_factory.mktemp("agent")
    with serving(folder, seats=Seats("concurrent", 100_000, None)) as crm:
        yield crm


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"[]",
        b"null",
        b'"sara"',
        b"\xff",
        b'{"user": "sara", "user": "ali", "client": "pc"}',
        b'{"user": "sara", "client": "pc", "ttl": NaN}',
        b'{"user": "sara", "client": "pc"} {}',
        b"[" * 10_000,
        b'{"a":' * 1000 + b"1" + b"}" * 1000,
        b'{"user": "\\ud800", "client": "pc"}',
        {"user": "sara"},
        {"client": "pc"},
        GOOD | {"wait": 31},
        GOOD | {"unknown": 1},
        GOOD | {"user": 7},
        GOOD | {"user": ""},
        GOOD | {"user": "a" * 300},
        GOOD | {"user": "a\nb"},
        GOOD | {"user": None},
        GOOD | {"client": ["pc"]},
        GOOD | {"client": "\x00"},
        GOOD | {"address": "here"},
        GOOD | {"address": None},
        GOOD | {"address": 10},
        GOOD | {"kind": "robot"},
        GOOD | {"kind": True},
    ],
)
def test_a_body_of_another_form_is_malformed(crm: Crm, body: object) -> None:
    got = crm.call("POST", "/v1/seats", body, headers={"Content-Type": "application/json"})
    assert (got.status, got.problem) == (400, "malformed")
    assert crm.office.users() == []


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"seats": "seat_1"},
        {"seats": [1]},
        {"seats": [None]},
        {"seats": ["x" * 129]},
        {"seats": [], "more": 1},
        [],
        {"active": []},
        {"seats": [], "active": "seat_1"},
        {"seats": [], "active": None},
    ],
)
def test_a_heartbeat_of_another_form_is_malformed(crm: Crm, body: object) -> None:
    headers = {"Content-Type": "application/json"}
    assert crm.call("POST", "/v1/seats/heartbeat", json.dumps(body).encode(), headers=headers).problem == "malformed"


@pytest.mark.parametrize("media_type", ["", "text/plain", "application/x-www-form-urlencoded", "application/jsonx"])
def test_only_json_is_read(crm: Crm, media_type: str) -> None:
    got = crm.call("POST", "/v1/seats", json.dumps(GOOD).encode(), headers={"Content-Type": media_type})
    assert (got.status, got.problem) == (415, "media-type")


def test_json_may_name_its_encoding_and_come_in_chunks(crm: Crm) -> None:
    headers = {"Content-Type": "Application/JSON; charset=utf-8"}
    assert crm.call("POST", "/v1/seats", GOOD, headers=headers).status == 201
    head = f"POST /v1/seats HTTP/1.1\r\nHost: localhost:{crm.port}\r\nAuthorization: Bearer application-token\r\n"
    body = json.dumps(GOOD).encode()
    chunks = b"%x\r\n%b\r\n0\r\n\r\n" % (len(body), body)
    rest = b"Content-Type: application/json\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n"
    assert crm.raw(head.encode() + rest + chunks).startswith(b"HTTP/1.1 200 OK\r\n")


@pytest.mark.parametrize(("path", "size"), [("/v1/seats", 65_537), ("/v1/seats/heartbeat", 524_289)])
def test_a_body_that_is_too_large_is_refused(crm: Crm, path: str, size: int) -> None:
    content = b'{"user": "' + b"a" * (size - 12) + b'"}'
    assert len(content) == size
    got = crm.call("POST", path, content, headers={"Content-Type": "application/json"})
    assert (got.status, got.problem) == (413, "too-large")


@settings(deadline=None, max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(content=st.binary(max_size=200) | st.text(max_size=100).map(str.encode))
def test_no_bytes_make_the_agent_stumble(roomy: Crm, content: bytes) -> None:
    for path in ("/v1/seats", "/v1/seats/heartbeat"):
        got = roomy.call("POST", path, content or b" ", headers={"Content-Type": "application/json"})
        assert got.problem == "malformed"


ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)
PATHS = st.text(st.characters(min_codepoint=33, max_codepoint=126), max_size=30)
MEMBERS = st.fixed_dictionaries(
    {},
    optional={
        "user": st.text(max_size=30) | ANYTHING,
        "client": st.text(max_size=30) | ANYTHING,
        "address": st.ip_addresses().map(str) | ANYTHING,
        "kind": st.sampled_from(["person", "service"]) | ANYTHING,
        "seats": st.lists(st.text(max_size=30)) | ANYTHING,
        "more": ANYTHING,
    },
)


@settings(deadline=None, max_examples=200, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(body=MEMBERS)
def test_no_object_makes_the_agent_stumble(roomy: Crm, body: dict[str, Any]) -> None:
    for path in ("/v1/seats", "/v1/seats/heartbeat"):
        got = roomy.call("POST", path, json.dumps(body).encode(), headers={"Content-Type": "application/json"})
        if got.status >= 300:
            assert got.problem in {"malformed", "outside-network", "seats-exhausted"}


@settings(deadline=None, max_examples=100, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    path=st.text(st.characters(min_codepoint=33, max_codepoint=126), max_size=30),
    method=st.sampled_from(["GET", "POST", "DELETE"]),
)
def test_no_path_makes_the_agent_stumble(roomy: Crm, path: str, method: str) -> None:
    got = roomy.call(method, f"/v1/seats/{path}")
    assert got.status < 500
    got = roomy.call(method, f"/v1/users/{path}", token="administrator-token")
    assert got.status < 500
