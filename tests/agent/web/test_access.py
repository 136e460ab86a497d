"""Who may call the local API (threat 44), and what everybody else is told."""

import os
from pathlib import Path

import pytest

from tests.agent.web.server import ADMINISTRATOR, TOKEN, Crm, serving

APPLICATION = [
    ("POST", "/v1/seats"),
    ("POST", "/v1/seats/heartbeat"),
    ("DELETE", "/v1/seats/seat_1"),
    ("GET", "/v1/licence"),
    ("GET", "/v1/authorize"),
    ("GET", "/metrics"),
    ("GET", "/v1/nothing"),
]
OFFICE = [("GET", "/v1/seats"), ("DELETE", "/v1/users/sara")]
FOREIGN = [
    "evil.example:{port}",
    "localhost",
    "127.0.0.1:1",
    "localhost.evil.example:{port}",
    "10.0.0.1:{port}",
    "[]",
    ":",
]
OURS = [
    "localhost:{port}",
    "LocalHost:{port}",
    "127.0.0.1:{port}",
    "127.8.8.8:{port}",
    "[::1]:{port}",
]
BODY = {"user": "sara", "client": "pc"}


@pytest.mark.parametrize(("method", "path"), APPLICATION + OFFICE)
@pytest.mark.parametrize("token", [None, "", "wrong", TOKEN + "x", TOKEN[:-1], "\xff"])
def test_without_the_right_token_nothing_opens(crm: Crm, method: str, path: str, token: str | None) -> None:
    got = crm.call(method, path, BODY if method == "POST" else None, token=token)
    assert (got.status, got.problem) == (401, "token-invalid")
    assert got.headers["WWW-Authenticate"].startswith("Bearer")
    assert crm.office.users() == []


@pytest.mark.parametrize(("method", "path"), OFFICE)
def test_the_application_token_does_not_open_what_is_the_administrator_s(crm: Crm, method: str, path: str) -> None:
    assert crm.call(method, path).problem == "token-invalid"
    assert crm.call(method, path, unix=True, token=None).problem == "token-invalid"
    assert crm.call(method, path, unix=True, token=ADMINISTRATOR).status == 200


def test_the_administrator_token_opens_everything(crm: Crm) -> None:
    assert crm.call("POST", "/v1/seats", BODY, token=ADMINISTRATOR).status == 201
    assert crm.call("GET", "/v1/licence", token=ADMINISTRATOR).status == 200


@pytest.mark.parametrize("scheme", ["Basic", "bearer"])
def test_the_scheme_is_bearer_in_any_case(crm: Crm, scheme: str) -> None:
    got = crm.call("GET", "/v1/licence", headers={"Authorization": f"{scheme} {TOKEN}"})
    assert got.status == (200 if scheme == "bearer" else 401)


@pytest.mark.parametrize("path", ["/v1/seats", "/v1/licence", "/healthz", "/v1/authorize", "/nothing"])
@pytest.mark.parametrize("origin", ["null", "https://evil.example", "http://localhost:7411"])
def test_any_origin_is_refused(crm: Crm, path: str, origin: str) -> None:
    got = crm.call("GET", path, headers={"Origin": origin})
    assert (got.status, got.problem) == (403, "origin-refused")


@pytest.mark.parametrize("path", ["/v1/licence", "/healthz", "/v1/authorize"])
@pytest.mark.parametrize(
    "host",
    ["evil.example:{port}", "localhost", "127.0.0.1:1", "localhost.evil.example:{port}", "10.0.0.1:{port}", "[]", ":"],
)
def test_a_foreign_host_is_refused(crm: Crm, path: str, host: str) -> None:
    got = crm.call("GET", path, headers={"Host": host.format(port=crm.port)})
    assert (got.status, got.problem) == (403, "origin-refused")


@pytest.mark.parametrize(
    "host",
    [
        "localhost:{port}",
        "LocalHost:{port}",
        "127.0.0.1:{port}",
        "127.8.8.8:{port}",
        "[::1]:{port}",
    ],
)
def test_loopback_names_are_ours(crm: Crm, host: str) -> None:
    assert crm.call("GET", "/v1/licence", headers={"Host": host.format(port=crm.port)}).status == 200


def test_a_request_without_host_is_refused(crm: Crm) -> None:
    assert b"origin-refused" in crm.raw(b"GET /healthz HTTP/1.0\r\n\r\n")


def test_on_the_unix_socket_the_kernel_vouches_for_the_peer(crm: Crm) -> None:
    got = crm.call("POST", "/v1/seats", BODY, token=None, unix=True, headers={"Host": "crm.example", "Origin": "null"})
    assert got.status == 201


def test_a_user_id_that_is_not_configured_is_refused_on_the_unix_socket(tmp_path: Path) -> None:
    with serving(tmp_path, peers=frozenset({os.geteuid() + 1})) as crm:
        for path in ("/healthz", "/v1/licence", "/v1/authorize"):
            got = crm.call("GET", path, unix=True)
            assert (got.status, got.problem) == (403, "not-allowed")


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can become somebody else")
def test_another_user_of_the_machine_is_refused(crm: Crm, tmp_path: Path) -> None:
    for folder in (tmp_path, *tmp_path.parents[:-1]):
        folder.chmod(folder.stat().st_mode | 0o055)
    tmp_path.joinpath("agent.sock").chmod(0o666)
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        os.setuid(65_534)
        os.write(writing, str(crm.call("GET", "/v1/licence", unix=True).status).encode())
        os._exit(0)
    os.waitpid(child, 0)
    assert os.read(reading, 9) == b"403"
    os.close(reading)
    os.close(writing)


def test_the_socket_is_for_its_owner_and_group(crm: Crm, tmp_path: Path) -> None:
    assert (tmp_path / "agent.sock").stat().st_mode & 0o777 == 0o660
