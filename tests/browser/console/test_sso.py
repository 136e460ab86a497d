"""Single sign-on in a real browser, by way of a real provider (oidc-provider, in Node) on loopback."""

import shutil
import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, cast

import pytest
from selenium.webdriver import Chrome

from keys.clock import SystemClock
from tests.browser.console.page import Page
from tests.contract.npm import packages
from tests.contract.serving import on_a_socket
from tests.fakes import TurnableClock
from tests.licence_server.office import Home, Office
from tests.licence_server.people import Person
from tests.licence_server.vendor import ME

SOURCE = Path(__file__).parent / "provider"
SECRET = "a secret between two programs"


def free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


@contextmanager
def provider(port: int, callback: str) -> Iterator[str]:
    """Run one until the end; it ends with us, since it reads its standard input."""
    program = packages(SOURCE).parent / "server.mjs"
    shutil.copy(SOURCE / "server.mjs", program)
    command = ["node", str(program), str(port), callback, SECRET]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        lines = iter(process.stdout.readline, b"")
        address = next(line for line in lines if line.startswith(b"http"))
        yield address.decode().strip()
        process.stdin.close()


@pytest.fixture
def joined(tmp_path: Path, window: Chrome) -> Iterator[tuple[Page, Office]]:
    """A console and its provider, by the machine's clock, which the provider goes by too."""
    home = Home(tmp_path / "home", clock=TurnableClock(SystemClock().now()))
    port, issuer = free_port(), f"http://127.0.0.1:{free_port()}"
    url = f"http://127.0.0.1:{port}"
    home.complete(url)
    (tmp_path / "secret").write_text(SECRET)
    settings = {"sso_issuer": issuer, "sso_client": "licence-server", "sso_secret_file": str(tmp_path / "secret")}
    office = Office.of(home, sso_name="Owj", sso_identity="email", **settings)
    with provider(int(issuer.rpartition(":")[2]), f"{url}/console/sign-in/sso/back"), on_a_socket(office.app, port):
        page = Page(window, url)
        page.begin()
        page.expected += ["fonts.googleapis.com", issuer]  # what is wrong with the provider's own pages
        yield page, office
        assert page.complaints() == []
    office.close()


def at_the_provider(page: Page, name: str) -> None:
    """Sign in there, and agree that the console gets to know it."""
    page.fill(login=name, password="anything")
    page.submit("form [type=submit]")
    page.submit("form [type=submit]")


def test_there_and_back_on_the_desk(joined: tuple[Page, Office]) -> None:
    page, office = joined
    sara = Person.ready(cast("Any", office.server))
    office.server.enrolling.link(sara.operator.id, "sara@vendor.example", ME)
    assert page.everywhere("/console/sign-in") == {}
    page.submit("a[href*='/sign-in/sso']")
    at_the_provider(page, "sara")
    page.fill(code=sara.code())
    page.submit()
    assert page.browser.current_url == f"{page.url}/console"
    assert page.find("header nav").is_displayed()


def test_who_is_linked_to_nobody_is_told_so_and_may_use_the_password(joined: tuple[Page, Office]) -> None:
    page, _ = joined
    page.expected.append("401")
    page.open("/console/sign-in")
    page.submit("a[href*='/sign-in/sso']")
    at_the_provider(page, "mallory")
    assert "mallory@vendor.example" in page.find("[role=alert]").text
    assert page.find("[name=password]").is_displayed()
