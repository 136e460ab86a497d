"""Plans by a program, and licences from them."""

from typing import Any

import pytest

from licence_server.domain.operator import ROLES, Role
from licence_server.domain.rights import RIGHTS_OF
from tests.licence_server.office import Office, device_at
from tests.licence_server.web.api.program import Program

DAY = 86_400
YEAR = {"count": 12, "unit": "months"}
PLAN = {"name": "استاندارد", "users": 25, "clients": 30, "features": ["sms"], "duration": YEAR}
USUAL = {
    "model": "concurrent", "edition": None, "service": 0, "overdraft_users": 0, "overdraft_days": 0, "interval": None,
    "grace": None, "on_clone": "suspend", "network_policy": "enforce", "retired_at": None,
}  # fmt: skip


@pytest.fixture
def program(office: Office) -> Program:
    return Program.of(office, "administrator")


def test_a_plan_is_added_changed_and_retired(program: Program) -> None:
    added = program.do("/plans", PLAN)
    now = program.office.clock.now()
    assert added == {**PLAN, **USUAL, "id": added["id"], "created_at": now}
    path = f"/plans/{added['id']}"
    assert program.get(path) == added
    changed = program.do(path, {"clients": None, "duration": None, "features": []}, method="PATCH")
    assert changed == {**added, "clients": None, "duration": None, "features": []}
    assert program.do(path, {"duration": {"count": 90, "unit": "days"}}, method="PATCH")["users"] == 25
    assert program.refused("POST", "/plans", PLAN) == (409, "state-conflict")
    assert program.do(f"{path}/retirement")["retired_at"] == now
    assert program.get("/plans")["found"] == []
    assert [each["id"] for each in program.get("/plans?retired=true")["found"]] == [added["id"]]
    assert program.refused("POST", f"{path}/retirement", {}) == (409, "state-conflict")
    assert program.refused("PATCH", path, {"users": 1}) == (409, "state-conflict")


@pytest.mark.parametrize(
    "body",
    [
        {"users": 1},
        {"name": "x"},
        {"name": "x", "users": 0},
        {"name": "x", "users": None},
        {"name": "", "users": 1},
        {"name": "x", "users": 1, "duration": 12},
        {"name": "x", "users": 1, "duration": {"count": 1, "unit": "years"}},
        {"name": "x", "users": 1, "duration": {"count": 0, "unit": "days"}},
        {"name": "x", "users": 1, "duration": {"count": 2**53, "unit": "days"}},
        {"name": "x", "users": 1, "id": "pln_1"},
    ],
)
def test_what_is_no_plan_is_refused(program: Program, body: Any) -> None:
    assert program.refused("POST", "/plans", body) == (422, "invalid-input")


@pytest.mark.parametrize("role", ROLES)
def test_whoever_sells_or_looks_sees_plans_and_few_change_them(office: Office, role: Role) -> None:
    plan = Program.of(office, "administrator", "first").do("/plans", PLAN)["id"]
    program = Program.of(office, role, "second")
    assert [each["id"] for each in program.get("/plans")["found"]] == [plan]
    may = "plans.write" in RIGHTS_OF[role]
    tried: list[tuple[str, str, Any]] = [
        ("POST", "/plans", {"name": "x", "users": 1}), ("PATCH", f"/plans/{plan}", {"users": 2}),
        ("POST", f"/plans/{plan}/retirement", {}),
    ]  # fmt: skip
    assert {program.ask(method, path, body).status_code == 403 for method, path, body in tried} == {not may}


def test_a_licence_from_a_plan(program: Program, office: Office) -> None:
    plan = program.do("/plans", PLAN)["id"]
    order = {"customer": program.do("/customers", {"name": "Pars"})["id"], "plan": plan}
    issued = program.do("/licences", order)
    terms, seats = issued["terms"], issued["seats"]
    assert (issued["plan"], seats["users"], seats["clients"], issued["features"]) == (plan, 25, 30, ["sms"])
    assert terms["ends_at"] == terms["starts_at"] + 365 * DAY
    assert device_at(office).activate(issued["code"]).seats.users == 25
    other = program.do("/licences", {**order, "users": 3, "clients": None, "ends_at": None, "networks": ["10.0.0.0/8"]})
    assert (other["seats"]["users"], other["seats"]["clients"], other["terms"]["ends_at"]) == (3, None, None)
    assert other["networks"] == ["10.0.0.0/8"]
    shorter = program.do("/licences", {**order, "duration": {"count": 1, "unit": "days"}})["terms"]
    assert shorter["ends_at"] == shorter["starts_at"] + DAY
    assert program.get(f"/licences/{issued['id']}")["plan"] == plan
    assert program.refused("POST", "/licences", {**order, "plan": "pln_none"}) == (404, "not-found")
    program.do(f"/plans/{plan}/retirement")
    assert program.refused("POST", "/licences", order) == (409, "state-conflict")


def test_without_a_plan_the_users_have_to_be_said(program: Program) -> None:
    customer = program.do("/customers", {"name": "Pars"})["id"]
    assert program.refused("POST", "/licences", {"customer": customer}) == (422, "invalid-input")
    issued = program.do("/licences", {"customer": customer, "users": 2, "duration": {"count": 1, "unit": "days"}})
    assert (issued["plan"], issued["terms"]["ends_at"] - issued["terms"]["starts_at"]) == (None, DAY)


def test_null_and_nothing_are_two_orders_under_a_key(program: Program) -> None:
    """An end that is null is for ever; one that is not said is as the plan says."""
    order = {"customer": program.do("/customers", {"name": "Pars"})["id"], "plan": program.do("/plans", PLAN)["id"]}
    first = program.do("/licences", order, Idempotency_Key="one")
    assert program.do("/licences", order, Idempotency_Key="one") == first
    answer = program.refused("POST", "/licences", {**order, "ends_at": None}, Idempotency_Key="one")
    assert answer == (409, "state-conflict")
