"""Pages of licences: issued, shown, and every button with what it does."""

import json
import re
from dataclasses import replace

import pytest
from sqlalchemy import select, update

from keys.documents.requests import Usage
from licence_server.domain.licence import Licence
from licence_server.storage.tables import audit
from tests.licence_server.device import HOST, hardware
from tests.licence_server.office import ME, device_at
from tests.licence_server.web.console.reader import Reader, words

CODE = re.compile(r'class="latin">((?:[0-9A-Z]{5}-){4}[0-9A-Z]{5})<')


@pytest.fixture
def manager(reader: Reader) -> Reader:
    reader.enter("manager")
    return reader


def path_of(licence: Licence) -> str:
    return f"/console/licences/{licence.id}"


def code_in(page: str) -> str:
    found = CODE.search(page)
    assert found, page
    return found[1]


def test_from_the_customer_to_the_code(manager: Reader) -> None:
    customer = manager.office.sell()[0].customer.id
    form = manager.get(f"/console/customers/{customer}/licences/new")
    assert 'value="2028-01-16"' in form.text
    typed = {"users": "۲۵", "site": "مشهد", "ends": "2028-01-16", "networks": "10.1.0.0/16, 10.2.0.0/16"}
    done = manager.post(f"/console/customers/{customer}/licences/new", typed)
    assert done.status_code == 200, words(done)
    device = device_at(manager.office)
    assert device.activate(code_in(done.text)).seats.users == 25
    address = re.search(r'data-address="([^"]+)"', done.text)
    assert address
    said = words(manager.get(address[1]))
    assert all(word in said for word in ("مشهد", "25", "2028-01-16", "10.2.0.0/16", "active", "any number"))
    assert not CODE.search(manager.get(address[1]).text)


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ({"users": ""}, "Users are a number"),
        ({"users": "many"}, "Users: type a number."),
        ({"users": "1" * 20}, "Users: type a number."),
        ({"users": "1", "clients": "-1"}, "Computers: type a number."),
        ({"users": "1", "ends": "tomorrow"}, "2027-03-21"),
        ({"users": "1", "ends": "2020-01-01"}, "must end after today"),
        ({"users": "1", "site": ""}, "site"),
        ({"users": "1", "networks": "everything"}, "CIDR"),
    ],
)
def test_a_mistake_in_the_order_is_named(manager: Reader, typed: dict, said: str) -> None:
    customer = manager.office.sell()[0].customer.id
    answer = manager.post(f"/console/customers/{customer}/licences/new", {"site": "main", **typed})
    assert (answer.status_code, said in words(answer)) == (422, True), words(answer)


def test_a_persian_day_ends_a_licence(manager: Reader) -> None:
    manager.language = "fa"
    licence, _ = manager.office.sell()
    assert manager.post(f"{path_of(licence)}/renew", {"ends": "۱۴۰۷/۰۱/۰۱"}).status_code == 303
    assert "۱۴۰۷/۰۱/۰۱" in words(manager.get(path_of(licence)))


def test_stop_and_go_on(manager: Reader) -> None:
    licence, code = manager.office.sell()
    device = device_at(manager.office)
    device.activate(code)
    for button, state in (("suspend", "suspended"), ("resume", "active"), ("revoke", "revoked")):
        answer = manager.post(f"{path_of(licence)}/{button}", {"reason": "payment_overdue"})
        assert answer.status_code == 303, words(answer)
        page = words(manager.get(path_of(licence)))
        assert state in page
        assert "payment overdue" in page
        manager.office.clock.advance(86_400)
        manager.enter("manager", f"after.{button}")
        assert device.validate().status == ("active" if state == "active" else state)
    assert manager.post(f"{path_of(licence)}/resume", {"reason": "mistake"}).status_code == 409


def test_seats_follow_at_the_next_validation(manager: Reader) -> None:
    licence, code = manager.office.sell()
    device = device_at(manager.office)
    device.activate(code)
    assert manager.post(f"{path_of(licence)}/seats", {"users": "40", "clients": ""}).status_code == 303
    manager.office.clock.advance(86_400)
    assert device.validate().seats.users == 40


def test_overdraft_and_integration_accounts_are_ordered_changed_and_shown(manager: Reader) -> None:
    customer = manager.office.sell()[0].customer.id
    beyond = {"service": "2", "overdraft_users": "۵", "overdraft_days": "3"}
    order = {"users": "25", "site": "north", **beyond}
    code = code_in(manager.post(f"/console/customers/{customer}/licences/new", order).text)
    device = device_at(manager.office)
    seats = device.activate(code).seats
    assert (seats.service, seats.overdraft_users, seats.overdraft_days) == (2, 5, 3)
    path = f"/console/licences/{device.licence.licence_id}"
    assert "5 on 3 days of any 30" in words(manager.get(path))
    assert manager.post(f"{path}/seats", {"users": "30"}).status_code == 303
    manager.post(f"{path}/seats", {"users": "30", "overdraft_users": "0", "overdraft_days": "0", "service": ""})
    manager.office.clock.advance(86_400)
    manager.enter("manager", "later")
    seats = device.validate().seats
    assert (seats.users, seats.service, seats.overdraft_users) == (30, 2, 0)
    answer = manager.post(f"{path}/seats", {"users": "30", "overdraft_users": "4"})
    assert (answer.status_code, "Overdraft needs both" in words(answer)) == (422, True)


def test_networks_follow_at_the_next_validation(manager: Reader) -> None:
    licence, _ = manager.office.sell()
    form = {"networks": "10.7.0.0/16 10.8.0.0/16", "policy": "report"}
    assert manager.post(f"{path_of(licence)}/networks", form).status_code == 303
    said = words(manager.get(path_of(licence)))
    assert "10.8.0.0/16 · others are let in, and reported" in said
    answer = manager.post(f"{path_of(licence)}/networks", {"networks": "everything"})
    assert (answer.status_code, "CIDR" in words(answer)) == (422, True)


def test_a_button_of_an_old_page_does_nothing_but_say_so(manager: Reader) -> None:
    licence, code = manager.office.sell()
    versions = set(re.findall(r'name="version" value="([0-9a-f]{32})"', manager.get(path_of(licence)).text))
    assert versions == {licence.version}
    device_at(manager.office).activate(code)
    form = {"users": "9", "reason": "mistake", "version": licence.version}
    assert manager.post(f"{path_of(licence)}/seats", form).status_code == 303, "an activation is nobody's change"
    for button in ("seats", "suspend", "revoke", "renew", "networks", "rehost"):
        late = manager.post(f"{path_of(licence)}/{button}", form)
        assert (late.status_code, "Somebody changed this meanwhile" in words(late)) == (412, True), button
    assert manager.office.server.reading.licence(licence.id).state == "active"


@pytest.mark.parametrize(
    ("place", "said", "in_persian"),
    [
        ("file", "in a file, which a copy of the disk takes along", "در یک فایل"),
        ("tpm", "in its security chip (TPM), as it says itself", "در تراشهٔ امنیتی"),
        ("vtpm", "weaker, as whoever clones the machine may clone it", "ضعیف‌تر"),
    ],
)
def test_where_the_device_key_lives_and_what_that_is_worth(manager: Reader, place, said: str, in_persian: str) -> None:
    licence, code = manager.office.sell()
    device = device_at(manager.office)
    device.activate(code, host=replace(HOST, key=place))
    assert said in words(manager.get(path_of(licence)))
    manager.language = "fa"
    assert in_persian in words(manager.get(path_of(licence)))


def test_codes_for_a_server_and_for_another(manager: Reader) -> None:
    licence, first = manager.office.sell()
    second = code_in(manager.post(f"{path_of(licence)}/code").text)
    assert second != first
    device_at(manager.office).activate(second)
    assert manager.post(f"{path_of(licence)}/code").status_code == 409
    third = code_in(manager.post(f"{path_of(licence)}/rehost", {"reason": "server exchanged"}).text)
    assert device_at(manager.office).activate(third).status == "active"


def test_a_licence_shows_that_it_was_activated(manager: Reader) -> None:
    licence, code = manager.office.sell()
    live = f"{path_of(licence)}/live"
    assert f'hx-get="{live}"' in manager.get(path_of(licence)).text
    assert manager.get(live).status_code == 204
    device_at(manager.office).activate(code)
    found = manager.get(live)
    assert "hx-get" not in found.text
    assert "<html" not in found.text
    assert "It is in force on one server." in words(found)


@pytest.mark.threat(27)
def test_no_word_of_an_agent_runs(manager: Reader) -> None:
    hostile = "<script>alert(1)</script>"
    licence, code = manager.office.sell(site=hostile)
    device = device_at(manager.office)
    device.host = {"name": hostile, "os": hostile}  # type: ignore[attr-defined]
    device.activate(code)
    for path in (path_of(licence), "/console/licences", f"/console/customers/{licence.customer.id}"):
        assert "<script>alert" not in manager.get(path).text


@pytest.mark.parametrize("query", ["state=nonsense", "after=x", "q=" + "x" * 300])
def test_what_no_list_of_ours_asks_is_refused(manager: Reader, query: str) -> None:
    assert manager.get(f"/console/licences?{query}").status_code in {400, 422}


def test_lists_by_state_and_text(manager: Reader) -> None:
    manager.office.sell(site="north")
    licence, _ = manager.office.sell(site="south")
    manager.post(f"{path_of(licence)}/suspend", {"reason": "mistake"})
    assert "north" not in words(manager.get("/console/licences?state=suspended"))
    assert "south" in words(manager.get("/console/licences?state=suspended"))
    assert "south" not in words(manager.get("/console/licences?q=north"))


def test_the_life_of_a_licence_is_on_its_page(manager: Reader) -> None:
    office = manager.office
    licence, code = office.sell(overdraft_users=2, overdraft_days=5)
    device = device_at(office)
    device.activate(code)
    office.clock.advance(2 * 86_400)
    device.components = hardware(office.desk.issuer, mac="another card")
    hour = office.clock.now() // 86_400 * 86_400
    device.validate(usage=(Usage(hour, 4, 4), Usage(hour - 3600, 3, 5, refused=2), Usage(hour - 7200, 2, 1, waited=1)))
    manager.enter("manager", "later")
    page = manager.get(path_of(licence))
    said = words(page)
    assert "2 days validated, 1 not heard of, 0 with a refusal." in said
    assert "2027-01-16: not heard of" in said
    assert page.text.count('<li class="day ') == 90
    assert "exchanged: network card the same machine: the licence follows" in said
    assert 'data-points="[[' in page.text
    assert ", [3, 3, 3]]" in page.text
    assert "2027-01-17 4 more than bought 4 0 0" in said
    assert "2027-01-16 3 5 2 1" in said
    assert "Since 2027-01-15 08:02." in said
    assert "style=" not in page.text.replace('rel="stylesheet"', "")
    manager.language = "fa"
    assert "۱۴۰۵/۱۰/۲۶: خبری نبود" in words(manager.get(path_of(licence)))


def test_components_that_changed_before_their_names_were_kept(manager: Reader) -> None:
    licence, code = manager.office.sell()
    device = device_at(manager.office)
    device.activate(code)
    device.components = hardware(manager.office.desk.issuer, product_uuid="x", machine_id="x")
    device.validate()
    with manager.office.server.database.engine.begin() as connection:
        row = connection.execute(select(audit).where(audit.c.event == "validation_refused")).one()
        old = json.dumps({"components": json.loads(row.details)["components"]})
        connection.execute(update(audit).where(audit.c.seq == row.seq).values(details=old))
    said = words(manager.get(path_of(licence)))
    assert "changed: product_uuid, machine_id" in said
    assert "refused: it counts as another machine" in said


def test_a_button_says_when_it_takes_effect(manager: Reader) -> None:
    licence, code = manager.office.sell()
    assert "It takes effect when a server activates the licence." in words(manager.get(path_of(licence)))
    device_at(manager.office).activate(code)
    manager.office.clock.advance(3600)
    manager.enter("manager", "later")
    said = words(manager.get(path_of(licence)))
    assert "It takes effect at the next validation, in 23 hours at the latest (2027-01-16 08:02)." in said
    assert "Without us it goes on until 2027-01-30 08:02" in said
    manager.office.clock.advance(86_400)
    manager.enter("manager", "latest")
    said = words(manager.get(path_of(licence)))
    assert "Its validation is overdue: it takes effect as soon as the server is heard of." in said
    assert "ask the customer whether the server is off" in said


def test_a_long_history_is_folded(manager: Reader) -> None:
    licence, _ = manager.office.sell()
    for _ in range(20):
        manager.office.server.suspending.suspend(licence.id, "mistake", ME)
        manager.office.server.suspending.resume(licence.id, "mistake", ME)
    page = manager.get(path_of(licence))
    assert words(page).partition("Earlier")[2].count("Suspended") == 5
