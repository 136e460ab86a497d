"""Who gets in: the issuer's host, our own pages, and nobody is sent anywhere else."""

import pytest

from licence_server.domain.session import csrf_of
from licence_server.web.console.doors import path_of_ours
from tests.licence_server.office import Home, Office
from tests.licence_server.web.console.reader import Reader, words

PREFERENCES = "/console/preferences"
EVIL = "https://evil.example"


@pytest.mark.parametrize(
    ("host", "status"),
    [
        ("licence.example.com", 200),
        ("licence.example.com:443", 200),
        ("LICENCE.example.com", 200),
        ("licence.example.com:8443", 421),
        ("licence.example.com.evil.example", 421),
        ("evil.example", 421),
        ("127.0.0.1", 421),
        ("localhost:7410", 421),
        ("licence.example.com@evil.example", 421),
        ("[", 421),
        ("", 421),
    ],
)
def test_only_the_issuers_host_has_a_console(reader: Reader, host: str, status: int) -> None:
    answer = reader.get("/console/sign-in", Host=host)
    assert (answer.status_code, answer.mimetype) == (status, "text/html")
    assert "evil" not in answer.text


def test_agents_are_served_under_any_name(office: Office) -> None:
    assert office.call("GET", "/healthz", headers={"Host": "10.0.0.1"}).status_code == 200


@pytest.mark.parametrize(
    ("host", "status"),
    [
        ("127.0.0.1:7410", 200), ("localhost:7410", 200), ("127.0.0.1:9999", 200), ("[::1]:7410", 200),
        ("evil.example:7410", 421), ("user@localhost:7410", 421), ("10.0.0.1", 421),
    ],
)  # fmt: skip
def test_in_development_every_loopback_name_will_do(home: Home, host: str, status: int) -> None:
    office = Office.of(home, issuer="http://127.0.0.1:7410")
    answer = Reader.of(office).get("/console/sign-in", Host=host)
    office.close()
    assert answer.status_code == status


@pytest.mark.threat(27)
@pytest.mark.parametrize(
    "origin", [None, "null", EVIL, "http://licence.example.com", "https://licence.example.com.evil.example"]
)
def test_a_form_of_another_page_is_refused(reader: Reader, origin: str | None) -> None:
    token = reader.token()
    headers = {} if origin is None else {"Origin": origin}
    answer = reader.client.post(
        PREFERENCES, base_url=reader.base, data={"csrf": token, "theme": "dark"}, headers=headers
    )
    assert (answer.status_code, answer.mimetype) == (403, "text/html")
    assert not [cookie for cookie in answer.headers.getlist("Set-Cookie") if cookie.startswith("theme")]


@pytest.mark.threat(27)
@pytest.mark.parametrize("path", [PREFERENCES, "/console/nothing"])
def test_a_form_without_the_sessions_token_is_refused(reader: Reader, path: str) -> None:
    stranger = Reader.of(reader.office).token()
    for token in ("", "x", "é", stranger, csrf_of("")):
        assert reader.post(path, {"theme": "dark"}, token=token).status_code == 403


def test_a_browser_without_a_cookie_has_no_token(reader: Reader) -> None:
    for secret in ("", "x"):
        reader.client.delete_cookie("__Host-visit", domain="licence.example.com")
        assert reader.post(PREFERENCES, {"theme": "dark"}, token=csrf_of(secret)).status_code == 403


def test_a_fragment_sends_the_token_as_a_header(reader: Reader) -> None:
    token = reader.token()
    answer = reader.post(PREFERENCES, {"theme": "dark"}, token="", **{"X-CSRF-Token": token})
    assert answer.status_code == 303


@pytest.mark.parametrize(
    "path",
    [
        "/console", "/console/", "/console/licences", "/console/licences/lic_1?page=2&state=active",
        "/console/customers?q=%D9%81", "/console/files/a.b",
    ],
)  # fmt: skip
def test_a_path_of_ours_is_gone_on_to(reader: Reader, path: str) -> None:
    assert reader.post(PREFERENCES, {"theme": "dark", "next": path}).headers["Location"] == path


@pytest.mark.parametrize(
    "path",
    [
        EVIL, "//evil.example", "/\\evil.example", "\\\\evil.example", "/console//evil.example", "/consoles",
        "/console/../x", "/console/%2e%2e/x", "/console\n", "/console?x=\r\nSet-Cookie:a", "javascript:alert(1)",
        "/console@evil.example", "https:/console", "/console#x", "", " /console", "/console/" + "x" * 600,
    ],
)  # fmt: skip
def test_nobody_is_sent_anywhere_else(reader: Reader, path: str) -> None:
    assert reader.post(PREFERENCES, {"theme": "dark", "next": path}).headers["Location"] == "/console"
    assert path_of_ours(path, "/console/elsewhere") == "/console/elsewhere"


def test_a_refused_form_says_what_to_do(reader: Reader) -> None:
    assert "open the page anew" in words(reader.post(PREFERENCES, {"theme": "dark"}, token=""))
