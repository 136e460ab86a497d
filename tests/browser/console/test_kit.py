"""The kit bites: what it is to find, it finds."""

from tests.browser.console.page import NARROW, Page

SCRIPT = "const one = document.createElement('script'); one.textContent = 'window.ran = 1'; document.body.append(one)"


def test_a_script_that_the_policy_stops_is_complained_about(page: Page) -> None:
    page.open()
    page.browser.execute_script(SCRIPT)
    assert page.browser.execute_script("return window.ran") is None
    assert "Content Security Policy" in page.complaints()[0]


def test_a_file_that_is_not_there_is_complained_about(page: Page) -> None:
    page.open("/console/nothing")
    assert "404" in page.complaints()[0]


def test_what_nobody_can_read_is_found(page: Page) -> None:
    page.open()
    page.browser.execute_script("document.querySelector('main').innerHTML = '<img src=\"/favicon\"><p id=x>x</p>'")
    assert any(fault.startswith("image-alt") for fault in page.faults())
    page.complaints()


def test_what_is_too_wide_for_a_telephone_is_found(page: Page) -> None:
    page.size(NARROW)
    page.open()
    page.browser.execute_script("document.querySelector('main').innerHTML = '<p class=text-nowrap>' + 'x'.repeat(500)")
    assert page.overflow() > 0
