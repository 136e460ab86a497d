"""Pages of plans, and licences from them in three clicks."""

import re
from datetime import UTC, datetime
from html import unescape
from typing import Any

import pytest
from werkzeug.test import TestResponse

from keys.documents.parts import Seats
from licence_server.domain.duration import YEAR, Duration
from licence_server.domain.plan import Offer, Plan
from tests.licence_server.office import ME, Home, Office, device_at
from tests.licence_server.web.console.reader import Reader, words
from tests.licence_server.web.console.test_licences import code_in

OFFER = Offer(
    name="استاندارد <b>",
    users=25,
    clients=30,
    model="named",
    edition="enterprise",
    features=("sms", "reports.v2"),
    service=2,
    overdraft_users=3,
    overdraft_days=5,
    interval=43_200,
    grace=30 * 86_400,
    lasting=Duration(90, "days"),
    network_policy="report",
    on_clone="report",
)
TYPED = {
    "name": OFFER.name, "edition": "enterprise", "users": "۲۵", "clients": "30", "model": "named", "count": "۹۰",
    "unit": "days", "features": "sms, reports.v2", "service": "2", "overdraft_users": "3", "overdraft_days": "5",
    "interval": "۴۳۲۰۰", "grace": "2592000",
    "network_policy": "report", "on_clone": "report",
}  # fmt: skip


@pytest.fixture
def manager(reader: Reader) -> Reader:
    reader.enter("manager")
    return reader


def planned(office: Office, offer: Offer = OFFER) -> Plan:
    return office.server.planning.add(offer, ME)


def sent_by(page: TestResponse) -> dict[str, str]:
    """What the page's form sends if nobody touches it."""
    form = page.text.partition("<main")[2].partition("</main>")[0]
    found = {}
    for tag in re.findall(r"<input[^>]*>", form):
        name, value = (re.search(rf' {each}="([^"]*)"', tag) for each in ("name", "value"))
        if name and value and name[1] != "csrf":
            found[name[1]] = unescape(value[1])
    for name, options in re.findall(r'<select[^>]* name="([^"]+)"[^>]*>(.*?)</select>', form, re.DOTALL):
        chosen = re.search(r'value="([^"]*)" selected', options)
        found[name] = chosen[1] if chosen else ""
    return found


def test_a_plan_is_added_changed_and_retired(manager: Reader) -> None:
    assert "There is no plan yet" in words(manager.get("/console/plans"))
    assert manager.post("/console/plans/new", TYPED).status_code == 303
    (plan,) = manager.office.server.planning.plans()
    assert plan.offer == OFFER
    said = words(manager.get("/console/plans"))
    for part in (OFFER.name, "enterprise", "25 · named", "90 days", "3 users more, on 5 of any 30 days", "reports.v2"):
        assert part in said
    form = manager.get(f"/console/plans/{plan.id}/change")
    changes = {**sent_by(form), "users": "40", "count": "", "clients": "", "edition": ""}
    assert manager.post(f"/console/plans/{plan.id}/change", changes).status_code == 303
    changed = manager.office.server.planning.one(plan.id).offer
    assert (changed.users, changed.lasting, changed.clients, changed.edition) == (40, None, None, None)
    assert (changed.features, changed.model, changed.service) == (OFFER.features, "named", 2)
    assert (changed.interval, changed.grace) == (43_200, 30 * 86_400)
    assert "for ever" in words(manager.get("/console/plans"))
    assert manager.post(f"/console/plans/{plan.id}/retire").status_code == 303
    said = words(manager.get("/console/plans"))
    assert OFFER.name in said.partition("Retired")[2]
    assert manager.get(f"/console/plans/{plan.id}/change").status_code == 409
    assert manager.post(f"/console/plans/{plan.id}/retire").status_code == 409
    assert manager.office.server.auditing.verify().valid


def test_what_nobody_touches_stays(manager: Reader) -> None:
    plan = planned(manager.office, Offer("Standard", 3, interval=3600, grace=7 * 86_400, lasting=YEAR))
    said = words(manager.get("/console/plans"))
    assert "1 hour" in said
    assert "Without the server it goes on for 1 week" in said
    form = sent_by(manager.get(f"/console/plans/{plan.id}/change"))
    assert (form["count"], form["unit"]) == ("12", "months")
    assert manager.post(f"/console/plans/{plan.id}/change", {**form, "users": "4"}).status_code == 303
    offer = manager.office.server.planning.one(plan.id).offer
    assert offer == Offer("Standard", 4, interval=3600, grace=7 * 86_400, lasting=YEAR)


@pytest.mark.parametrize(
    ("typed", "status", "said"),
    [
        ({"name": ""}, 422, "1 to 200 characters"),
        ({"name": "taken"}, 409, "There is a plan taken already"),
        ({"users": ""}, 422, "Users are a number"),
        ({"users": "many"}, 422, "Users: type a number."),
        ({"count": "0"}, 422, "A licence lasts 1 to"),
        ({"grace": "long"}, 422, "Without the server it goes on for: type a number."),
        ({"features": "SMS"}, 422, "is no feature"),
        ({"overdraft_days": "31"}, 422, "of any 30 days"),
    ],
)
def test_a_mistake_is_named_above_what_was_typed(manager: Reader, typed: dict, status: int, said: str) -> None:
    planned(manager.office, Offer("taken", 1))
    answer = manager.post("/console/plans/new", {**TYPED, **typed})
    assert (answer.status_code, said in words(answer)) == (status, True), words(answer)
    assert sent_by(answer)["edition"] == "enterprise"


def test_it_is_said_in_persian_too(manager: Reader) -> None:
    planned(manager.office)
    manager.language = "fa"
    assert "۹۰ روز" in words(manager.get("/console/plans"))
    assert "از پیش هست" in words(manager.post("/console/plans/new", TYPED))


def test_from_the_customer_to_the_code_in_three_clicks(manager: Reader) -> None:
    customer, plan = manager.office.sell()[0].customer.id, planned(manager.office)
    first = f"/console/customers/{customer}/licences/new"
    assert first in manager.links(manager.get(f"/console/customers/{customer}"))
    (second,) = (link for link in manager.links(manager.get(first)) if plan.id in link)
    confirm = manager.get(second)
    assert "90 days (until 2027-04-15)" in words(confirm)
    done = manager.post(first, sent_by(confirm))
    assert done.status_code == 200, words(done)
    document = device_at(manager.office).activate(code_in(done.text))
    assert document.seats == Seats("named", 25, 30, 2, 3, 5)
    assert (document.features, document.network_policy) == (OFFER.features, "report")
    assert document.terms.ends_at == Duration(90, "days").after(manager.office.clock.now())
    (licence,) = [view.licence for view in manager.office.server.reading.licences().found if view.licence.plan]
    assert licence.plan == plan.id
    assert OFFER.name in words(manager.get(f"/console/licences/{licence.id}"))


def issued(manager: Reader, plan: Plan, **typed: str) -> Any:
    customer = manager.office.sell()[0].customer.id
    path = f"/console/customers/{customer}/licences/new"
    answer = manager.post(path, {**sent_by(manager.get(f"{path}?plan={plan.id}")), **typed})
    address = re.search(r'data-address="/console/licences/(\w+)"', answer.text)
    assert address, words(answer)
    return manager.office.server.reading.licence(address[1]).licence


@pytest.mark.parametrize(
    ("typed", "seats", "day"),
    [
        ({"users": "7", "clients": ""}, Seats("named", 7, None, 2, 3, 5), "2027-04-15 08:02"),
        ({"model": "concurrent"}, Seats("concurrent", 25, 30, 2, 3, 5), "2027-04-15 08:02"),
        ({"ends": "2030-12-31"}, Seats("named", 25, 30, 2, 3, 5), "2030-12-31 23:59"),
        ({"ends": ""}, Seats("named", 25, 30, 2, 3, 5), None),
    ],
)
def test_something_is_changed_for_one_licence(manager: Reader, typed: dict, seats: Seats, day: str | None) -> None:
    licence = issued(manager, planned(manager.office), **typed)
    assert licence.seats == seats
    ends_at = licence.terms.ends_at
    assert day == (None if ends_at is None else minute(ends_at))


def minute(at: int) -> str:
    return datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%d %H:%M")


def test_an_end_is_given_to_a_plan_without_one(manager: Reader) -> None:
    plan = planned(manager.office, Offer("For ever", 3))
    assert issued(manager, plan).terms.ends_at is None
    assert minute(issued(manager, plan, ends="2030-12-31").terms.ends_at) == "2030-12-31 23:59"


def test_a_mistake_in_what_was_changed_is_said_where_it_can_be_seen(manager: Reader) -> None:
    customer, plan = manager.office.sell()[0].customer.id, planned(manager.office)
    path = f"/console/customers/{customer}/licences/new"
    form = manager.get(f"{path}?plan={plan.id}")
    assert '<details class="action fold">' in form.text
    answer = manager.post(path, {**sent_by(form), "users": "many", "site": "مشهد"})
    assert (answer.status_code, "Users: type a number." in words(answer)) == (422, True)
    assert '<details class="action fold" open>' in answer.text
    assert (sent_by(answer)["site"], sent_by(answer)["plan"]) == ("مشهد", plan.id)


def test_without_a_plan_as_before(manager: Reader) -> None:
    customer = manager.office.sell()[0].customer.id
    path = f"/console/customers/{customer}/licences/new"
    said = manager.get(path)
    assert "With plans these numbers need not be typed." in words(said)
    assert "/console/plans/new" in manager.links(said)
    planned(manager.office)
    assert f"{path}?plan=none" in manager.links(manager.get(path))
    form = manager.get(f"{path}?plan=none")
    assert "With plans" not in words(form)
    assert manager.post(path, {**sent_by(form), "users": "4"}).status_code == 200
    manager.enter("sales")
    for plan in manager.office.server.planning.plans():
        manager.office.server.planning.retire(plan.id, ME)
    said = manager.get(path)
    assert "A manager adds them" in words(said)
    assert "/console/plans/new" not in manager.links(said)


@pytest.mark.parametrize("chosen", ["pln_none", "'; --", "x" * 200])
def test_of_a_plan_that_is_not_there_nothing_is_issued(manager: Reader, chosen: str) -> None:
    customer = manager.office.sell()[0].customer.id
    path = f"/console/customers/{customer}/licences/new"
    assert manager.get(f"{path}?plan={chosen}").status_code == 404
    assert manager.post(path, {"plan": chosen, "users": "3", "site": "main"}).status_code == 404


def test_of_a_retired_plan_nothing_is_issued(manager: Reader) -> None:
    customer, plan = manager.office.sell()[0].customer.id, planned(manager.office)
    path = f"/console/customers/{customer}/licences/new"
    form = sent_by(manager.get(f"{path}?plan={plan.id}"))
    manager.office.server.planning.retire(plan.id, ME)
    assert manager.get(f"{path}?plan={plan.id}").status_code == 409
    answer = manager.post(path, form)
    assert (answer.status_code, "is retired" in words(answer)) == (409, True)


@pytest.mark.threat(31)
def test_a_large_licence_from_a_plan_takes_two_on_any_day(home: Home) -> None:
    with (home.path / "config.toml").open("a") as file:
        file.write("\nfour_eyes_users = 5\n")
    office = Office.of(home)
    sales, manager = Reader.of(office), Reader.of(office)
    sales.enter("sales")
    plan, customer = planned(office), office.sell()[0].customer.id
    path = f"/console/customers/{customer}/licences/new"
    answer = sales.post(path, sent_by(sales.get(f"{path}?plan={plan.id}")))
    assert (answer.status_code, "a second person" in words(answer)) == (409, True)
    office.clock.advance(86_400)
    manager.enter("manager")
    (waiting,) = office.server.approving.approvals().found
    assert manager.post(f"/console/approvals/{waiting.id}/grant").status_code == 303
    sales.enter("sales", "sales.again")
    done = sales.post(path, sent_by(sales.get(f"{path}?plan={plan.id}")))
    assert (done.status_code, bool(code_in(done.text))) == (200, True)
    office.close()
