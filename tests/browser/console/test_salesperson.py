"""The first day of a salesperson, in Persian: from the start password to a licence that a real agent makes active."""

from pathlib import Path

import pytest
from pyotp import TOTP
from selenium.webdriver import Chrome

from tests.browser.console.page import Page
from tests.licence_server.people import PASSWORD
from tests.stories.parties import Vendor, customer, vendor
from tests.stories.processes import free_port

NAME, TYPED = "شرکت فولاد کیمیا", "فولاد كيميا"
"""The customer's name, and how somebody types it whose keyboard is Arabic."""


def sign_in_for_the_first_time(page: Page, name: str, password: str) -> None:
    """Choose a password, set up a telephone, and keep the recovery codes."""
    page.open("/console")
    page.speak("fa")
    page.fill(name=name, password=password)
    page.submit()
    page.fill(password=PASSWORD, again=PASSWORD)
    page.submit()
    page.fill(code=TOTP(page.find("main .latin").text.replace(" ", "")).now())
    page.submit()
    page.submit("main a.btn-primary")


def order(page: Page) -> str:
    """From the customer's page to an activation code, in three clicks."""
    page.submit("main .heading a.btn-primary")
    page.submit("main .cards a")
    page.submit()
    return page.find("#code").text


@pytest.mark.threat(27)
def test_a_salesperson_on_the_first_day(window: Chrome, tmp_path: Path) -> None:
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    with vendor(tmp_path, issuer=url) as office, customer(tmp_path) as site:
        sara = office.run("operator", "add", "sara", "--role", "sales")
        office.run("plan", "add", "Gold", "--edition", "gold", "--users", 25)
        office.run("customer", "add", NAME)
        office.start(port=port)
        page = Page(window, url)
        page.begin()
        sign_in_for_the_first_time(page, "sara", sara["password"])
        page.find("body").send_keys("/")
        page.press(TYPED)
        page.enter()
        page.submit("main table a")
        assert NAME in page.text
        code = order(page)
        page.submit("main a.btn-primary")
        assert page.find("#live .state-issued").is_displayed()
        site.activate(code, url, root(office))
        assert page.wait_for("#live .state-active").is_displayed()
        assert page.browser.execute_script("return document.documentElement.lang") == "fa"
        assert page.complaints() == []


def root(office: Vendor) -> Path:
    """The trust document that an installer brings along."""
    return Path(office.run("init")["root"])
