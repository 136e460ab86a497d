"""Pages behind the way in, in a real browser: both languages, both colour schemes, a telephone, a keyboard."""

from contextlib import suppress
from typing import Any, cast

import pytest
from selenium.webdriver.common.keys import Keys

from keys.documents.requests import Usage
from keys.errors import ApprovalNeededError
from licence_server.domain.customer import NewCustomer
from licence_server.domain.duration import Duration
from licence_server.domain.operator import Role
from licence_server.domain.plan import Offer
from licence_server.domain.representative import NewRepresentative
from licence_server.services.approving import Wish
from tests.browser.console.page import Page
from tests.licence_server.office import ME, Office, device_at
from tests.licence_server.people import Person
from tests.licence_server.services.test_attending import roll_back


def enter(page: Page, office: Office, role: Role = "manager") -> None:
    """Open the console as somebody of a role."""
    person = Person.ready(cast("Any", office.server), "maryam", role)
    page.open("/console/sign-in")
    page.carry("session", person.sign_in().token)


def plan(office: Office) -> str:
    """Add what sales sell most; return its id."""
    features, lasting = ("sms", "reports"), Duration(12, "months")
    offer = Offer("استاندارد، یک‌ساله", 25, features=features, overdraft_users=3, overdraft_days=5, lasting=lasting)
    return office.server.planning.add(offer, ME).id


@pytest.fixture
def customers(office: Office) -> None:
    """Some customers, of whom one has a licence that was stopped, and that somebody wants to be larger."""
    for name in ("شرکت فولاد پارس", "پخش مهر", "Acme Trading", "کارخانهٔ قند <b>توس</b>"):
        office.server.registering.add(NewCustomer(name, mobile="09121234567"), ME)
    for number in range(6):
        _, code = office.sell(site=f"شعبهٔ {number}", ends_at=office.clock.now() + (9 + number) * 86_400)
        device = device_at(office)
        device.activate(code)
    office.clock.advance(86_400)
    roll_back(device)
    plan(office)
    licence, _ = office.sell(site="تهران")
    office.server.suspending.suspend(licence.id, "payment_overdue", ME)
    with suppress(ApprovalNeededError):
        wish = Wish("seats", licence.id, {"model": "concurrent", "users": 500})
        office.server.issuing.permits.require(wish, ME, lambda _unit: None)


@pytest.mark.parametrize(
    ("path", "name"),
    [
        ("/console", "desk"), ("/console/customers", "customers"), ("/console/customers/new", None),
        ("/console/licences", "licences"), ("/console/audit", "audit"), ("/console/operators", "operators"),
        ("/console/approvals", "approvals"), ("/console/account", "account"), ("/console/desk/ending", None),
        ("/console/plans", "plans"), ("/console/plans/new", None),
        ("/console/imports", "imports"),
        ("/console/webhooks", "webhooks"),
        ("/console/exchange", "exchange"), ("/console/outages", "outages"),
        ("/console/packages", "packages"),
    ],
)  # fmt: skip
def test_lists_and_forms(page: Page, office: Office, customers: None, path: str, name: str | None) -> None:
    enter(page, office, "administrator")
    assert page.everywhere(path, name) == {}


def test_a_customer_and_a_licence(page: Page, office: Office) -> None:
    licence, code = office.sell(site="مشهد", networks=("10.1.0.0/16",))
    device, hour = device_at(office), office.clock.now() // 3600 * 3600
    device.activate(code)
    office.clock.advance(86_400)
    device.validate(usage=tuple(Usage(hour + 3600 * number, 1 + number % 3, 2) for number in range(24)))
    enter(page, office)
    assert page.everywhere(f"/console/customers/{licence.customer.id}", "customer") == {}
    assert page.everywhere(f"/console/customers/{licence.customer.id}/licences/new") == {}
    chosen = plan(office)
    assert page.everywhere(f"/console/customers/{licence.customer.id}/licences/new", "issue") == {}
    assert page.everywhere(f"/console/customers/{licence.customer.id}/licences/new?plan={chosen}", "confirm") == {}
    office.server.registering.appoint(licence.customer.id, NewRepresentative("سارا", mobile="09121234567"), ME)
    for form in ("representative", "change"):
        assert page.everywhere(f"/console/customers/{licence.customer.id}/{form}") == {}
    assert page.everywhere(f"/console/licences/{licence.id}", "licence") == {}
    assert page.find(".chart canvas").size["width"] > 200


def test_a_licence_in_three_clicks_that_notices_its_activation(page: Page, office: Office) -> None:
    licence, _ = office.sell()
    chosen = plan(office)
    enter(page, office)
    page.open(f"/console/customers/{licence.customer.id}")
    page.submit("main a.btn-primary")
    page.submit(f"main a[href$='{chosen}']")
    assert not page.find("[name=users]").is_displayed()
    page.enter()
    code = page.find("#code").text
    assert page.faults() == []
    page.submit("main a.btn-primary")
    assert page.find("#live .state-issued").is_displayed()
    device_at(office).activate(code)
    assert page.wait_for("#live .state-active").is_displayed()


def test_something_is_changed_before_a_licence_is_issued_by_keyboard(page: Page, office: Office) -> None:
    licence, _ = office.sell()
    chosen = plan(office)
    enter(page, office)
    page.open(f"/console/customers/{licence.customer.id}/licences/new?plan={chosen}")
    page.find("details.fold summary").send_keys(Keys.ENTER)
    page.fill(users="40")
    page.enter()
    assert page.find("#code").is_displayed()
    assert {view.licence.seats.users for view in office.server.reading.licences().found} == {3, 40}


def test_a_button_says_what_will_happen_before_it_does(page: Page, office: Office) -> None:
    licence, _ = office.sell()
    enter(page, office)
    page.open(f"/console/licences/{licence.id}")
    button = page.find("form[action$=suspend] button")
    assert not button.is_displayed()
    page.find("details:has(form[action$=suspend]) summary").send_keys(Keys.ENTER)
    assert page.find("form[action$=suspend] p").is_displayed()
    page.submit("form[action$=suspend] button")
    assert page.find("#live .state-suspended").is_displayed()
    assert page.find("[role=status]").is_displayed()


def test_the_search_is_a_slash_away(page: Page, office: Office, customers: None) -> None:
    enter(page, office)
    page.open("/console")
    page.find("body").send_keys("/")
    page.press("acme")
    page.enter()
    assert "Acme Trading" in page.text
    assert "پخش مهر" not in page.text
