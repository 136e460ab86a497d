"""Webhooks over the API."""

import json

import pytest

from licence_server.domain.webhook import TYPES
from tests.licence_server.office import Office
from tests.licence_server.web.api.program import Program

URL = "https://crm.example.com/hooks"
BODY = {"url": URL, "types": ["customer.added"]}


@pytest.fixture
def program(office: Office) -> Program:
    return Program.of(office, "administrator")


def test_a_secret_is_shown_once_and_a_key_shows_it_again(program: Program) -> None:
    added = program.do("/webhooks", BODY, Idempotency_Key="one")
    assert added["secret"].startswith("whsec_")
    assert program.do("/webhooks", BODY, Idempotency_Key="one") == added
    shown = program.get(f"/webhooks/{added['id']}")
    assert program.get("/webhooks")["found"] == [shown]
    assert shown == {name: value for name, value in added.items() if name != "secret"}
    rotated = program.do(f"/webhooks/{added['id']}/rotation")
    assert rotated["secret"] != added["secret"]
    assert rotated["previous_until"] == program.office.clock.now() + 86_400
    everything = json.dumps([program.get("/webhooks"), program.get("/audit")]) + program.office.log.getvalue()
    assert added["secret"] not in everything
    assert rotated["secret"] not in everything


def test_what_was_sent_is_shown_in_pages(program: Program) -> None:
    hook = f"/webhooks/{program.do('/webhooks', BODY)['id']}"
    for number in range(3):
        program.do("/customers", {"name": f"customer {number}"})
        program.office.clock.advance(1)
    first = program.get(f"{hook}/deliveries?most=2")
    second = program.get(f"{hook}/deliveries?most=2&after={first['next']}")
    found = [*first["found"], *second["found"]]
    assert (len(found), second["next"]) == (3, None)
    assert {(each["type"], each["state"], len(each["attempts"])) for each in found} == {
        ("customer.added", "waiting", 0)
    }
    assert program.refused("POST", f"{hook}/deliveries/{found[0]['id']}/repetition", {}) == (409, "state-conflict")
    assert program.refused("POST", f"{hook}/deliveries/dlv_none/repetition", {}) == (404, "not-found")


def test_what_was_removed_is_gone(program: Program) -> None:
    hook = f"/webhooks/{program.do('/webhooks', BODY)['id']}"
    assert program.refused("POST", f"{hook}/enabling", {}) == (409, "state-conflict")
    assert program.do(f"{hook}/test")["disabled_at"] is None
    program.do(f"{hook}/removal")
    for method, path in (("GET", ""), ("POST", "/test"), ("GET", "/deliveries"), ("POST", "/removal")):
        assert program.refused(method, f"{hook}{path}", {}) == (404, "not-found")
    assert program.get("/webhooks") == {"found": []}


@pytest.mark.threat(53)
@pytest.mark.parametrize(
    "body",
    [
        {**BODY, "url": "http://crm.example.com/"}, {**BODY, "url": "https://169.254.169.254/latest"},
        {**BODY, "url": "x"}, {**BODY, "types": []}, {**BODY, "types": ["licence.sold"]},
        {**BODY, "types": [TYPES[0]] * (len(TYPES) + 1)}, {"url": URL}, {**BODY, "secret": "whsec_mine"},
    ],
)  # fmt: skip
def test_a_mistake_is_named(program: Program, body: dict) -> None:
    assert program.refused("POST", "/webhooks", body) == (422, "invalid-input")


def test_there_is_an_end_to_how_many(program: Program) -> None:
    hooks = [program.do("/webhooks", BODY)["id"] for _ in range(32)]
    assert program.refused("POST", "/webhooks", BODY) == (409, "state-conflict")
    program.do(f"/webhooks/{hooks[0]}/removal")
    program.do("/webhooks", BODY)


@pytest.mark.threat(30)
def test_they_are_for_administrators(program: Program) -> None:
    manager = Program.of(program.office, "manager", "somebody")
    for method, path in (("GET", "/webhooks"), ("POST", "/webhooks")):
        assert manager.refused(method, path, BODY) == (403, "not-allowed")
