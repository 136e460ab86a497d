"""Tokens of applications, and the local API over TLS: the agent as a process, with the certificate pinned."""

import http.client
import json
import os
import socket
import ssl
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from agent.store.home import Home
from agent.store.tokens import ApplicationTokens
from tests.agent.cli.program import Program

HERE = "127.0.0.1"


class Application:
    """An application on another machine, which pins what the agent's administrator gave it."""

    def __init__(self, home: Home, port: int) -> None:
        self.home, self.port = home, port
        self.context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        self.context.verify_flags |= ssl.VERIFY_X509_STRICT
        self.context.load_verify_locations(home.tls_certificate)

    def ask(self, path: str = "/v1/licence", token: str = "", **headers: str) -> tuple[int, str]:
        """Return the status and the problem's word."""
        connection = http.client.HTTPSConnection(HERE, self.port, timeout=10, context=self.context)
        with closing(connection):
            bearer = {"Authorization": f"Bearer {token}"} if token else {}
            connection.request("GET", path, headers={**bearer, **headers})
            answer = connection.getresponse()
            said = json.loads(answer.read())
            return answer.status, str(said.get("type", "")).removeprefix("urn:licence:problem:")

    @property
    def token(self) -> str:
        return self.home.application_token.read_text().strip()


def configured(program: Program, *lines: str) -> None:
    program.home.mkdir(exist_ok=True)
    (program.home / "agent.toml").write_text("\n".join(lines))


@pytest.fixture(scope="module")
def program(tmp_path_factory: pytest.TempPathFactory) -> Program:
    return Program(tmp_path_factory.mktemp("tls"))


@pytest.fixture(scope="module")
def application(program: Program) -> Iterator[Application]:
    configured(program, f'tls_host = "{HERE}"', "tls_port = 0", 'tls_names = ["crm.example", "10.9.8.7"]')
    with program.running() as daemon:
        ready = next(line for line in daemon.said if line["event"] == "ready")
        yield Application(Home(program.home), ready["tls_port"])


def test_who_pins_the_certificate_and_has_the_token_is_answered(application: Application) -> None:
    assert application.ask(token=application.token) == (200, "")
    assert application.ask("/healthz") == (200, "")


@pytest.mark.parametrize("token", ["", "wrong"])
def test_over_tls_a_token_is_always_needed(application: Application, token: str) -> None:
    assert application.ask(token=token) == (401, "token-invalid")


@pytest.mark.threat(44)
@pytest.mark.parametrize(
    "host", ["evil.example:{port}", "localhost:{port}", "127.0.0.1:1", "127.0.0.1", "[::1]:{port}"]
)
def test_a_host_that_the_certificate_does_not_name_is_refused(application: Application, host: str) -> None:
    refused = application.ask(token=application.token, Host=host.format(port=application.port))
    assert refused == (403, "origin-refused")


@pytest.mark.parametrize("host", ["crm.example:{port}", "CRM.example:{port}", "10.9.8.7:{port}", "127.0.0.1:{port}"])
def test_a_name_of_the_certificate_is_ours(application: Application, host: str) -> None:
    assert application.ask(token=application.token, Host=host.format(port=application.port)) == (200, "")


def test_a_web_page_is_refused_over_tls_too(application: Application) -> None:
    assert application.ask(token=application.token, Origin="https://127.0.0.1") == (403, "origin-refused")


def test_nobody_else_can_pass_for_the_agent(application: Application, tmp_path: Path) -> None:
    other = Program(tmp_path)
    configured(other, f'tls_host = "{HERE}"', "tls_port = 0")
    with other.running() as daemon:
        impostor = next(line for line in daemon.said if line["event"] == "ready")["tls_port"]
        with pytest.raises(ssl.SSLCertVerificationError):
            Application(application.home, impostor).ask()


def test_plain_http_is_not_spoken_there_and_tls_not_on_the_other_port(
    program: Program, application: Application
) -> None:
    with socket.create_connection((HERE, application.port), timeout=10) as line:
        line.sendall(b"GET /healthz HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n")
        answer = line.recv(65_536)
        assert b"HTTP/1" not in answer
    plain = json.loads((program.home / "address.json").read_text())["port"]
    with pytest.raises(ssl.SSLError):
        Application(application.home, plain).ask()


def test_old_tls_is_not_spoken(application: Application) -> None:
    application.context.maximum_version = ssl.TLSVersion.TLSv1_2
    assert application.ask("/healthz")[0] == 200
    old = Application(application.home, application.port)
    with pytest.warns(DeprecationWarning, match="TLSv1_1"):
        old.context.maximum_version = ssl.TLSVersion.TLSv1_1
    old.context.set_ciphers("ALL:@SECLEVEL=0")
    with pytest.warns(DeprecationWarning, match="TLSv1_1"):
        old.context.minimum_version = ssl.TLSVersion.TLSv1_1
    with pytest.raises(ssl.SSLError):
        old.ask()


def test_the_files_are_as_private_as_they_must_be(application: Application) -> None:
    home = application.home
    assert [path.stat().st_mode & 0o777 for path in (home.tls_key, home.tls_certificate)] == [0o600, 0o644]


def test_a_token_works_from_when_it_is_added_until_it_is_removed(program: Program, application: Application) -> None:
    added = program.json("token", "add", "reports")
    path = Path(added["path"])
    assert path == program.home / "tokens" / "reports.token"
    assert path.stat().st_mode & 0o777 == 0o600
    token = path.read_text().strip()
    assert application.ask(token=token) == (200, "")
    assert application.ask("/v1/seats", token=token) == (401, "token-invalid")
    assert program.json("token", "list") == [added | {"name": "reports"}]
    assert program.json("token", "remove", "reports") == {"removed": "reports"}
    assert application.ask(token=token) == (401, "token-invalid")
    assert application.ask(token=application.token) == (200, "")
    assert program.json("token", "list") == []


def test_people_read_sentences_about_tokens(program: Program) -> None:
    assert program("token", "list").stdout == "There are none.\n"
    assert "tokens/php.token" in program("token", "add", "php").stdout
    assert "php" in program("token", "list").stdout
    again = program("token", "add", "php")
    assert (again.exit_code, "already" in again.stderr) == (1, True)
    assert "nothing any more" in program("token", "remove", "php").stdout
    gone = program("token", "remove", "php")
    assert (gone.exit_code, "not-found" in gone.stderr) == (1, True)


@pytest.mark.parametrize("name", ["", "A", "../x", "a/b", "a.b", "-a", "a" * 65, "سارا"])
def test_a_name_is_a_plain_word(program: Program, name: str) -> None:
    assert program("token", "add", "--", name).exit_code == 1
    assert program("token", "remove", "--", name).exit_code == 1


def test_what_is_no_token_opens_nothing(tmp_path: Path) -> None:
    home = Home(tmp_path)
    tokens = ApplicationTokens(home, os.urandom)
    assert tokens() == ()
    good = tokens.add("good")
    for name, content in (("empty", b""), ("nuls", bytes(44)), ("short", b"abc"), ("Capital", b"x" * 43)):
        (home.tokens / f"{name}.token").write_bytes(content)
    (home.tokens / "folder.token").mkdir()
    (home.tokens / ".good.token.1.2.draft").write_bytes(b"x" * 43)
    assert tokens() == (good.read_bytes().strip(),)
    assert tokens() is tokens()
