"""Renewals in a real browser: every way that a page looks, and several renewed by keyboard alone."""

from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys

from licence_server.domain.duration import YEAR
from licence_server.domain.licence import Licence
from licence_server.services.renewing import chosen
from tests.browser.console.page import Page
from tests.browser.console.test_pages import enter
from tests.licence_server.office import Office

DAY = 86_400


def sold(office: Office) -> list[Licence]:
    now = office.clock.now()
    sites = ("تهران", "مشهد", "Isfahan <b>", "شیراز")
    return [office.sell(site=site, ends_at=now + number * 5 * DAY)[0] for number, site in enumerate(sites, 1)]


def test_the_list_and_what_comes_after_it(page: Page, office: Office) -> None:
    licences = sold(office)
    enter(page, office)
    assert page.everywhere("/console/renewals", "renewals") == {}
    ticked = "&".join(f"licence={chosen(each)}" for each in licences)
    assert page.everywhere(f"/console/renewals/chosen?how=day&ends=2027-02-01&{ticked}&licence=1.lic_none") == {}


def test_two_are_renewed_by_keyboard(page: Page, office: Office) -> None:
    licences = sold(office)
    enter(page, office)
    page.open("/console/renewals")
    boxes = page.browser.find_elements(By.CSS_SELECTOR, "[name=licence]")
    boxes[1].send_keys(Keys.SPACE)
    page.tab(2)
    page.press(Keys.SPACE)
    page.find("select[name=how]").send_keys(Keys.TAB, Keys.TAB)
    page.enter()
    page.enter()
    assert page.faults() == []
    assert page.browser.current_url.endswith("/console/renewals")
    assert [office.server.reading.licence(each.id).licence.terms.ends_at for each in licences] == [
        YEAR.after(each.terms.ends_at or 0) if place in {1, 2} else each.terms.ends_at
        for place, each in enumerate(licences)
    ]


def test_one_box_ticks_all(page: Page, office: Office) -> None:
    sold(office)
    enter(page, office)
    page.open("/console/renewals")
    boxes = page.browser.find_elements(By.CSS_SELECTOR, "[name=licence]")
    for expected in (True, False):
        page.find("[data-ticks]").send_keys(Keys.SPACE)
        assert [box.is_selected() for box in boxes] == [expected] * 4
