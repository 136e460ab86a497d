"""Passkeys in a real browser, with a virtual authenticator: made, used alone and after the password, by keyboard."""

import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any, cast

import pytest
from selenium.webdriver import Chrome
from selenium.webdriver.common.virtual_authenticator import VirtualAuthenticatorOptions

from tests.browser.console.page import Page
from tests.contract.serving import on_a_socket
from tests.licence_server.office import Home, Office
from tests.licence_server.people import PASSWORD, Person

SIGN_IN, ACCOUNT = "/console/sign-in", "/console/account"


@pytest.fixture
def named(founded: Path, tmp_path: Path, window: Chrome) -> Iterator[tuple[Page, Office]]:
    """A console under a name, since browsers know no passkeys for addresses."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    url = f"http://localhost:{port}"
    office = Office.of(Home(tmp_path / "home").copied_from(founded), issuer=url)
    with on_a_socket(office.app, port):
        page = Page(window, url)
        page.begin()
        yield page, office
        assert page.complaints() == []
    office.close()


@pytest.fixture
def key(window: Chrome) -> Iterator[None]:
    """A security key that its owner unlocks at once."""
    options = VirtualAuthenticatorOptions()
    options.has_resident_key = options.has_user_verification = options.is_user_verified = True
    window.add_virtual_authenticator(options)
    yield
    window.remove_virtual_authenticator()


def in_the_account(page: Page, office: Office) -> Person:
    person = Person.ready(cast("Any", office.server))
    page.open(SIGN_IN)
    page.carry("session", person.sign_in().token)
    page.open(ACCOUNT)
    return person


def make(page: Page, person: Person, name: str = "security key") -> None:
    """Register a passkey: the form, then the browser's own questions, which the virtual key answers."""
    page.find("details:has(form[action$=passkeys]) summary").click()
    form = "form[action$=passkeys] "
    for field, value in (("present", PASSWORD), ("code", person.code()), ("name", name)):
        page.find(f"{form}[name={field}]").send_keys(value)
    page.submit(f"{form}[type=submit]")
    page.wait_for("main [role=status]")
    assert name in page.text
    person.vendor.clock.advance(60)


def test_made_and_used_alone(named: tuple[Page, Office], key: None) -> None:
    page, office = named
    make(page, in_the_account(page, office))
    page.submit("header form button")
    page.submit("main a.btn")
    page.wait_for("header nav")
    assert page.browser.current_url == f"{page.url}/console"
    page.open(ACCOUNT)
    assert page.faults() == []


def test_after_the_password_by_keyboard_alone(named: tuple[Page, Office], key: None) -> None:
    page, office = named
    make(page, in_the_account(page, office))
    page.submit("header form button")
    page.press("sara")
    page.tab().send_keys(PASSWORD)
    page.enter()
    page.wait_for("header nav")
    assert page.browser.current_url == f"{page.url}/console"


def test_who_cancels_is_told_what_to_do_and_tries_again(named: tuple[Page, Office], key: None) -> None:
    page, office = named
    make(page, in_the_account(page, office))
    page.submit("header form button")
    page.browser.set_user_verified(False)
    page.open(f"{SIGN_IN}/passkey")
    assert page.wait_for("form [role=alert]:not([hidden])").text
    assert page.everywhere(f"{SIGN_IN}/passkey", "passkey") == {}
    page.wait_for("form [role=alert]:not([hidden])")
    page.browser.set_user_verified(True)
    page.enter()
    page.wait_for("header nav")


def test_the_same_key_is_registered_once(named: tuple[Page, Office], key: None) -> None:
    page, office = named
    person = in_the_account(page, office)
    make(page, person)
    page.find("details:has(form[action$=passkeys]) summary").click()
    for field, value in (("present", PASSWORD), ("code", person.code()), ("name", "again")):
        page.find(f"form[action$=passkeys] [name={field}]").send_keys(value)
    page.submit("form[action$=passkeys] [type=submit]")
    assert page.wait_for("form [role=alert]:not([hidden])").text
    assert page.faults() == []


def test_the_page_in_place_of_the_code(named: tuple[Page, Office], key: None) -> None:
    page, office = named
    make(page, in_the_account(page, office))
    page.submit("header form button")
    page.browser.set_user_verified(False)
    page.carry("sign-in", Person.begin(_of(office)).token)
    assert page.everywhere(f"{SIGN_IN}/code/passkey") == {}


def _of(office: Office) -> Person:
    vendor = cast("Any", office.server)
    return Person(vendor, vendor.enrolling.named("sara"), PASSWORD)
