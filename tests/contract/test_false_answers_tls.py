"""False servers behind TLS, proxies that say no, and lines on which nothing comes: each is told apart."""

import socket
import threading
from pathlib import Path

import pytest

from agent.domain.faults import FaultError
from agent.server import HttpServer
from keys.clock import SystemClock
from tests.faults.authority import Authority
from tests.faults.oddserver import OddServer, behind_tls, odd_server, plain

HERE = "127.0.0.1"


@pytest.fixture
def authority(quick_path: Path) -> Authority:
    return Authority(quick_path)


@pytest.fixture(autouse=True)
def _settings(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "NO_PROXY"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.lower(), raising=False)


def fault(url: str, deadline: float = 60.0) -> FaultError:
    with pytest.raises(FaultError) as raised:
        HttpServer(url, "test", SystemClock(), deadline).send("validation", b"x")
    return raised.value


def of(server: OddServer, scheme: str = "https", host: str = HERE) -> str:
    return f"{scheme}://{host}:{server.server_address[1]}"


@pytest.mark.threat(18)
def test_a_certificate_that_nobody_here_trusts(authority: Authority, monkeypatch: pytest.MonkeyPatch) -> None:
    with behind_tls(authority.context(HERE)) as server:
        server.answer = plain(200, b"{}")
        error = fault(of(server))
        assert (error.cause, server.asked) == ("certificate", []), "not a byte was sent"
        assert "(unable to get local issuer certificate)" in str(error)
        monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(authority.certificate))
        assert fault(of(server)).cause == "page", "the control: who is trusted here is heard, and not believed"
        assert len(server.asked) == 1


@pytest.mark.threat(18)
@pytest.mark.parametrize(
    ("name", "days_ago", "said"),
    [("licence.example.com", 0, "certificate is not valid for '127.0.0.1'"), (HERE, 3, "certificate has expired")],
)
def test_a_certificate_of_another_name_or_time(
    authority: Authority, monkeypatch: pytest.MonkeyPatch, name: str, days_ago: int, said: str
) -> None:
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(authority.certificate))
    with behind_tls(authority.context(name, days_ago=days_ago)) as server:
        error = fault(of(server))
        assert (error.cause, said in str(error), server.asked) == ("certificate", True, [])


def test_the_wrong_port_or_scheme_is_told(authority: Authority) -> None:
    with odd_server() as server:
        error = fault(of(server))
        assert (error.cause, "compare the address" in str(error)) == ("tls", True)
    with behind_tls(authority.context(HERE)) as server:
        assert fault(of(server, "http")).cause in {"cut", "no_http"}


def test_a_line_on_which_nothing_comes() -> None:
    with socket.socket() as deaf:
        deaf.bind((HERE, 0))
        deaf.listen()
        error = fault(f"http://{HERE}:{deaf.getsockname()[1]}", 0.3)
        assert (error.cause, "within 0.3 seconds" in str(error)) == ("silence", True)


@pytest.mark.parametrize("status", [b"407 Proxy Authentication Required", b"403 Forbidden by \x1b[31mpolicy"])
def test_a_proxy_that_says_no(monkeypatch: pytest.MonkeyPatch, status: bytes) -> None:
    with socket.socket() as proxy:
        proxy.bind((HERE, 0))
        proxy.listen()

        def refuse() -> None:
            line, _ = proxy.accept()
            with line:
                line.recv(4096)
                line.sendall(b"HTTP/1.1 " + status + b"\r\nContent-Length: 0\r\n\r\n")

        thread = threading.Thread(target=refuse)
        thread.start()
        monkeypatch.setenv("HTTPS_PROXY", f"http://{HERE}:{proxy.getsockname()[1]}")
        error = fault("https://licence.example.com")
        thread.join()
    assert (error.cause, f"(HTTP {status[:3].decode()})" in str(error)) == ("proxy", True)
    assert "policy" not in str(error), "another party's words are not ours"


def test_a_proxy_that_is_not_there(monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.socket() as free:
        free.bind((HERE, 0))
        port = free.getsockname()[1]
    monkeypatch.setenv("HTTPS_PROXY", f"http://{HERE}:{port}")
    assert (error := fault("https://licence.example.com")).cause == "proxy"
    assert "HTTPS_PROXY" in str(error)
    assert "(Connection refused)" in str(error)


def test_a_name_that_is_none() -> None:
    for url in ("https://licence.invalid", "https://licence..example", "https://[::1"):
        error = fault(url)
        assert (error.cause, "can't be resolved" in str(error)) == ("name", True), url
