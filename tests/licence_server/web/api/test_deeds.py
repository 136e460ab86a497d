"""The life of customers and licences, by a program."""

from typing import Any

import pytest

from tests.licence_server.device import Device
from tests.licence_server.office import Home, Office, device_at
from tests.licence_server.services.test_attending import roll_back
from tests.licence_server.web.api.program import Program


@pytest.fixture
def program(office: Office) -> Program:
    return Program.of(office, "administrator")


def issued(program: Program, **order: Any) -> dict[str, Any]:
    customer = program.do("/customers", {"name": "فولاد پارس"})["id"]
    found: dict[str, Any] = program.do("/licences", {"customer": customer, "users": 3, **order})
    return found


def test_a_licence_from_order_to_revocation(program: Program, office: Office) -> None:
    licence = issued(program, clients=4, features=["sms"], networks=["10.1.0.0/16"], ends_at=1_900_000_000)
    path = f"/licences/{licence['id']}"
    device = device_at(office)
    assert device.activate(licence["code"]).features == ("sms",)
    shown = program.get(path)
    assert (shown["state"], shown["activation"]["seq"], shown["seats"]["clients"]) == ("active", 1, 4)
    assert [event["code"] for event in shown["events"]] == ["licence_issued", "licence_activated"]
    assert shown["events"][0]["actor"].startswith("operator:administrator/tok_")
    assert program.do(f"{path}/suspension", {"reason": "payment_overdue"})["state"] == "suspended"
    assert device.validate().status == "suspended"
    assert program.do(f"{path}/resumption", {"reason": "paid"})["state"] == "active"
    assert program.do(f"{path}/renewal", {"ends_at": None})["terms"]["ends_at"] is None
    assert program.do(f"{path}/seats", {"users": 9})["seats"]["clients"] is None
    assert program.do(f"{path}/networks", {"networks": [], "network_policy": "report"})["networks"] == []
    renewed = device.validate()
    assert (renewed.seats.users, renewed.network_policy) == (9, "report")
    moved = device_at(office)
    assert moved.activate(program.do(f"{path}/rehost", {"reason": "the old server burnt"})["code"]).seq == 1
    assert device.validate().status == "superseded"
    assert program.do(f"{path}/revocation", {"reason": "returned"})["state"] == "revoked"
    assert moved.validate().status == "revoked"
    assert program.get(f"{path}/usage") == {"id": licence["id"], "hours": []}
    assert program.get("/audit/proof")["valid"]


def test_a_new_code_and_a_confirmation_that_there_is_nothing_to(program: Program, office: Office) -> None:
    licence = issued(program)
    fresh = program.do(f"/licences/{licence['id']}/code")["code"]
    assert fresh != licence["code"]
    assert device_at(office).activate(fresh).status == "active"
    assert program.refused("POST", f"/licences/{licence['id']}/code", {}) == (409, "state-conflict")
    assert program.refused("POST", f"/licences/{licence['id']}/confirmation", {}) == (409, "state-conflict")


def test_what_a_server_did_is_noted_as_well(program: Program, office: Office) -> None:
    licence = issued(program)
    path, device = f"/licences/{licence['id']}", device_at(office)
    device.activate(licence["code"])
    office.clock.advance(86_400)
    roll_back(device)
    assert program.get(path)["activation"]["suspicion"]["finding"] == "state_rolled_back"
    assert program.refused("POST", f"{path}/acknowledgement", {"reason": " "}) == (422, "invalid-input")
    assert program.do(f"{path}/acknowledgement", {"reason": "they restored a backup"})["state"] == "active"
    assert program.get(path)["activation"]["suspicion"] is None
    assert program.refused("POST", f"{path}/acknowledgement", {"reason": "x"}) == (409, "state-conflict")


def test_customers_are_registered_corrected_and_found(program: Program) -> None:
    added = program.do("/customers", {"name": "شركت كيان", "national_id": "14003778990", "representative": "سارا"})
    assert (added["kind"], added["representative"]) == ("legal", "سارا")
    path = f"/customers/{added['id']}"
    assert program.do(path, {"note": "VIP", "by_sms": False}, method="PATCH")["by_sms"] is False
    assert program.do(f"{path}/representative", {"name": "رضا"})["representative"] == "رضا"
    assert program.get(path)["note"] == "VIP"
    program.do("/licences", {"customer": added["id"], "users": 2, "site": "کیان شهر"})
    found = program.get("/find?text=کیان")
    assert [each["id"] for each in found["customers"]] == [added["id"]]
    assert [each["site"] for each in found["licences"]] == ["کیان شهر"]
    assert program.refused("POST", "/customers", {"name": "x", "national_id": "14003778990"}) == (409, "state-conflict")
    assert program.refused("PATCH", path, {"email": "nonsense"}) == (422, "invalid-input")


def test_lists_come_in_pages_that_miss_nothing(program: Program) -> None:
    wanted = {issued(program)["id"] for _ in range(5)}
    seen, after = list[str](), ""
    while True:
        page = program.get(f"/licences?most=2{after}")
        seen += [each["id"] for each in page["found"]]
        if page["next"] is None:
            break
        after = f"&after={page['next']}"
    assert len(seen) == 5
    assert set(seen) == wanted
    customers = program.get("/customers?most=3")
    assert len(customers["found"]) == 3
    assert program.get(f"/customers?after={customers['next']}")["next"] is None
    assert program.get("/licences?state=revoked")["found"] == []
    ends = issued(program, ends_at=1_900_000_000)["id"]
    due = program.get("/licences?ends_after=1900000000&ends_before=1900000001")["found"]
    assert [each["id"] for each in due] == [ends]
    assert program.get("/licences?ends_after=1900000001")["found"] == []
    entries = program.get("/audit?most=2")
    assert [each["seq"] for each in entries["found"]] == [1, 2]
    assert program.get(f"/audit?after={entries['next']}&most=500")["next"] is None


def test_what_was_looked_at_before_is_not_sent_again(program: Program) -> None:
    issued(program)
    first = program.ask("GET", "/licences")
    again = program.ask("GET", "/licences", If_None_Match=first.headers["ETag"])
    assert (again.status_code, again.data) == (304, b"")
    issued(program)
    assert program.ask("GET", "/licences", If_None_Match=first.headers["ETag"]).status_code == 200


@pytest.mark.threat(31)
def test_a_second_person_is_asked_for_here_too(home: Home) -> None:
    with (home.path / "config.toml").open("a") as file:
        file.write("\nfour_eyes_users = 5\n")
    office = Office.of(home)
    sales, manager = Program.of(office, "sales"), Program.of(office, "manager")
    customer = sales.do("/customers", {"name": "Pars"})["id"]
    order = {"customer": customer, "users": 50}
    assert sales.refused("POST", "/licences", order) == (409, "approval-needed")
    (waiting,) = sales.get("/approvals")["found"]
    grant = f"/approvals/{waiting['id']}/grant"
    assert sales.refused("POST", grant, {}) == (403, "not-allowed")
    assert manager.do(grant)["state"] == "granted"
    assert sales.do("/licences", order)["seats"]["users"] == 50
    assert sales.refused("POST", "/licences", order) == (409, "approval-needed")
    (waiting,) = sales.get("/approvals")["found"]
    refused = manager.do(f"/approvals/{waiting['id']}/refusal", {"reason": "once is enough"})
    assert (refused["state"], refused["reason"]) == ("refused", "once is enough")
    assert sales.get("/approvals")["found"] == []
    newest, oldest = sales.get("/approvals?state=refused"), sales.get("/approvals?state=used&most=1")
    assert (newest["found"], newest["next"], oldest["next"]) == ([refused], None, None)
    office.close()


@pytest.mark.threat(31)
def test_who_asked_by_one_token_does_not_decide_by_another(home: Home) -> None:
    with (home.path / "config.toml").open("a") as file:
        file.write("\nfour_eyes_revocations = true\n")
    office = Office.of(home)
    manager = Program.of(office, "manager")
    licence = issued(manager)
    assert manager.refused("POST", f"/licences/{licence['id']}/revocation", {"reason": "returned"})[0] == 409
    (waiting,) = manager.get("/approvals")["found"]
    assert manager.refused("POST", f"/approvals/{waiting['id']}/grant", {}) == (403, "not-allowed")
    device: Device = device_at(office)
    assert device.activate(licence["code"]).status == "active"
    office.close()


def test_refusals_of_use_cases_have_their_words(program: Program) -> None:
    assert program.refused("GET", "/licences/lic_none") == (404, "not-found")
    assert program.refused("GET", "/customers/cus_none") == (404, "not-found")
    assert program.refused("POST", "/licences", {"customer": "cus_none", "users": 1}) == (404, "not-found")
    assert program.refused("POST", "/approvals/apr_none/grant", {}) == (404, "not-found")
    assert program.refused("GET", "/nothing") == (404, "not-found")
    assert program.refused("DELETE", "/licences") == (405, "method-not-allowed")
