"""The way in, in a real browser: as people go it, in both languages, and for whoever sees or types differently."""

from typing import Any, cast

import pytest

from tests.browser.console.page import Page
from tests.licence_server.office import Office
from tests.licence_server.people import DESK, PASSWORD, Person

SIGN_IN = "/console/sign-in"


def test_the_page_of_the_way_in(page: Page) -> None:
    assert page.everywhere(SIGN_IN, "sign-in") == {}


def test_a_problem_is_a_page_like_any_other(page: Page) -> None:
    page.expected.append("404")
    assert page.everywhere("/console/nothing") == {}


def test_setting_up_the_second_factor(page: Page, office: Office) -> None:
    person = Person.added(cast("Any", office.server))
    page.open(SIGN_IN)
    page.carry("sign-in", person.begin().token)
    assert page.everywhere(f"{SIGN_IN}/password") == {}
    pending = office.server.signing_in.set_password(person.begin().token, PASSWORD, DESK)
    page.carry("sign-in", pending.token)
    assert page.everywhere(f"{SIGN_IN}/second-factor", "second-factor") == {}
    person.secret = page.find("main .latin").text.replace(" ", "")
    page.fill(code=person.code())
    page.submit()
    assert page.faults() == []
    assert page.browser.current_url == f"{page.url}/console"
    page.find("main a.btn").click()
    assert page.text


def test_in_and_out_by_keyboard_alone(page: Page, office: Office) -> None:
    sara = Person.ready(cast("Any", office.server))
    page.expected.append("401")
    page.open("/console")
    page.press("sara")
    page.tab().send_keys("wrong")
    page.enter()
    assert page.find("[role=alert]").is_displayed()
    page.press("sara")
    page.tab().send_keys(PASSWORD)
    page.enter()
    assert page.faults() == []
    page.press(sara.code())
    page.enter()
    assert page.browser.current_url == f"{page.url}/console"
    page.submit("header button")
    assert page.browser.current_url == page.url + SIGN_IN


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_colours_are_chosen_and_kept(page: Page, scheme: str) -> None:
    page.colours("light" if scheme == "dark" else "dark")
    page.open(SIGN_IN)
    page.submit(f"button[name=theme][value={scheme}]")
    assert page.find("html").get_attribute("data-bs-theme") == scheme
    page.submit("button[name=theme][value=system]")
    assert page.find("html").get_attribute("data-bs-theme") != scheme
