"""docs/openapi/local-api.yaml is what the local API does: every path, method, status and member of it."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from openapi_spec_validator import validate

from agent.domain.mode import Standing
from keys.documents.parts import Notice, Seats
from keys.errors import UnavailableError
from tests.agent.seats.factories import a_standing
from tests.agent.web.server import ADMINISTRATOR, Crm, Got, serving
from tests.contract.openapi import DOCUMENT, Contract, read

BOUGHT = Seats("concurrent", 2, 3, service=1, overdraft_users=1, overdraft_days=5)


@dataclass
class Checked:
    """A CRM all of whose calls are held against the document."""

    crm: Crm
    contract: Contract

    def call(self, method: str, path: str, body: Any = None, **more: Any) -> Got:
        got = self.crm.call(method, path, body, **more)
        if got.status < 400:
            self.contract.check_request(method, path, body, more.get("headers", {}))
        self.contract.check_answer(method, path, got.status, got.headers, got.content)
        return got

    def check_out(self, user: str, client: str = "pc", **more: Any) -> Got:
        return self.call("POST", "/v1/seats", {"user": user, "client": client, **more})

    def authorize(self, user: str, client: str = "pc", **headers: str) -> Got:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return self.call("GET", "/v1/authorize", headers={"Licence-User": user, "Licence-Client": client} | named)

    @property
    def everywhere(self) -> list[tuple[str, str, Any, str]]:
        """One request for each operation behind a token: method, path, body, token."""
        found = []
        for method, path, operation in self.contract.operations():
            if operation.get("security") == []:
                continue
            token = ADMINISTRATOR if "security" in operation else "application-token"
            body = {"checkOut": {"user": "sara", "client": "pc"}, "heartbeat": {"seats": []}}.get(
                operation["operationId"]
            )
            found.append((method, path.replace("{seat}", "seat_x").replace("{user}", "sara"), body, token))
        return found


@pytest.fixture
def contract() -> Contract:
    return Contract()


@pytest.fixture
def desk(tmp_path: Path, contract: Contract) -> Iterator[Checked]:
    with serving(tmp_path, seats=BOUGHT) as crm:
        yield Checked(crm, contract)


def as_if(crm: Crm, standing: Callable[[], Standing]) -> None:
    crm.office.standing = standing


def people_come_and_go(desk: Checked) -> None:
    first = desk.check_out("ali", address="10.0.0.7", kind="person", wait=0)
    assert first.status == 201
    assert desk.check_out("ALI").status == 200
    assert desk.check_out("sara", "pc 2").status == 201
    assert desk.check_out("reza", "pc 3").json["overdraft"] == {"users": 1, "allowed": 1, "days_left": 4}
    full = desk.check_out("mina", "pc 3")
    assert (full.status, full.json["dimension"]) == (409, "users")
    assert desk.check_out("ali", "pc 4").json["dimension"] == "clients"
    assert desk.check_out("bot", kind="service").status == 201
    assert desk.check_out("bot 2", kind="service").json["dimension"] == "service"
    seat = first.json["seat"]
    assert desk.call("POST", "/v1/seats/heartbeat", {"seats": [seat, "seat_x"], "active": [seat]}).status == 200
    assert desk.call("GET", "/v1/seats", token=ADMINISTRATOR).status == 200
    assert desk.call("DELETE", f"/v1/seats/{seat}").status == 204
    assert desk.call("DELETE", "/v1/users/sara", token=ADMINISTRATOR).json == {"released": 1}
    assert desk.call("GET", "/v1/usage", token=ADMINISTRATOR).status == 200


def proxies_ask(desk: Checked) -> None:
    headers = {"X_Real_IP": "10.0.0.9", "X_Forwarded_For": "10.0.0.9", "Licence_Kind": "person"}
    assert desk.authorize("ali", **headers).headers["Licence-Mode"] == "full"
    refused = desk.authorize("ali", "")
    assert (refused.status, refused.headers["Licence-Problem"]) == (403, "malformed")


def pages_are_shown(desk: Checked) -> None:
    assert desk.call("GET", "/v1/licence").json["customer"]["name"] == "Pars Steel"
    for language in ("fa", "en"):
        assert "Pars Steel" in desk.call("GET", f"/v1/licence.html?lang={language}").content.decode()
    assert desk.call("GET", "/metrics").status == 200
    assert desk.call("GET", "/healthz", token=None).status == 200
    assert desk.call("GET", "/healthz", token=None, headers={"Accept": "\x1f"}).status == 400


def requests_are_wrong(desk: Checked) -> None:
    for path in ("/v1/seats", "/v1/seats/heartbeat"):
        assert desk.call("POST", path, {"unknown": 1}).status == 400
        assert desk.call("POST", path, b"x" * 600_000).status == 413
        assert desk.call("POST", path, {"seats": []}, headers={"Content-Type": "text/plain"}).status == 415
    assert desk.call("DELETE", f"/v1/users/{'x' * 300}", token=ADMINISTRATOR).status == 400


def callers_are_wrong(desk: Checked) -> None:
    for method, path, body, token in [*desk.everywhere, ("GET", "/healthz", None, "")]:
        for headers in ({"Origin": "https://example.com"}, {"Host": "crm.example.com"}):
            assert desk.call(method, path, body, token=token, headers=headers).status == 403
        if token:
            assert desk.call(method, path, body, token="wrong").status == 401


def licences_end(desk: Checked, present: Callable[[], Standing]) -> None:
    notices = (Notice("suspended", "critical", "Suspended.", "تعلیق"),)
    for mode in ("restricted", "blocked", "grace"):
        standing = Standing(mode, "suspended", a_standing().licence, present().now, present().now + 86_400, notices)
        as_if(desk.crm, partial(_same, standing))
        answer, proxied = desk.check_out("late", "pc 9"), desk.authorize("late", "pc 9")
        assert (answer.status, proxied.status) == ((201, 204) if mode == "grace" else (403, 403))
        assert desk.call("GET", "/v1/licence").json["mode"] == mode
    as_if(desk.crm, lambda: Standing("blocked", "no_licence", None, present().now))
    assert desk.call("GET", "/v1/licence").json["licence"] is None
    assert desk.call("GET", "/v1/licence.html").status == 200


def _same(standing: Standing) -> Standing:
    return standing


def the_agent_fails(desk: Checked) -> None:
    def failing() -> Standing:
        raise UnavailableError("The disk is full.", 7)

    as_if(desk.crm, failing)
    for method, path, body, token in desk.everywhere:
        headers = {"Licence-User": "new", "Licence-Client": "new"} if path == "/v1/authorize" else {}
        got = desk.call(method, path, body, token=token, headers=headers)
        if got.status == 503:
            assert got.headers["Retry-After"] == "7"


def nothing_is_there(desk: Checked) -> None:
    """What the document calls the default: a method that a place does not have."""
    for method, path, body, token in desk.everywhere:
        got = desk.crm.call("PATCH", path, body, token=token)
        assert got.status == 405
        desk.contract.check_answer(method, path, got.status, got.headers, got.content)


def test_every_documented_answer_is_given_and_every_answer_is_documented(desk: Checked) -> None:
    present = desk.crm.office.standing
    people_come_and_go(desk)
    proxies_ask(desk)
    pages_are_shown(desk)
    requests_are_wrong(desk)
    callers_are_wrong(desk)
    nothing_is_there(desk)
    licences_end(desk, present)
    the_agent_fails(desk)
    assert desk.contract.answers() - desk.contract.seen == set()


def test_outside_the_network_is_refused_or_told(tmp_path: Path, contract: Contract) -> None:
    for policy in ("enforce", "report"):
        folder = tmp_path / policy
        folder.mkdir()
        with serving(folder, networks=("10.0.0.0/8",), network_policy=policy) as crm:
            desk = Checked(crm, contract)
            got = desk.check_out("ali", address="192.0.2.1")
            assert got.status == (403 if policy == "enforce" else 201)
            assert got.json.get("outside_network") is (True if policy == "report" else None)
            assert desk.call("GET", "/v1/licence").json["network_policy"] == policy


def test_the_document_is_openapi() -> None:
    validate(read())


def test_the_document_and_the_protocol_have_the_same_endpoints(contract: Contract) -> None:
    section = (DOCUMENT.parents[1] / "protocol.md").read_text().partition("\n## 11 Local API\n")[2]
    rows = [row.split(" | ")[0] for row in section.splitlines() if row.startswith("| `")]
    told = {found for row in rows for found in re.findall(r"`(GET|POST|DELETE) (/[^ `?]*)", row)}
    documented = {(method, re.sub(r"\{(\w+)\}", r"<\1>", path)) for method, path, _ in contract.operations()}
    assert documented == told


@pytest.mark.parametrize(
    ("member", "value"),
    [("unknown", 1), ("mode", "free"), ("users", {"used": -1, "limit": 3}), ("fence", 0), ("seat", None)],
)
def test_the_check_finds_what_is_not_documented(contract: Contract, desk: Checked, member: str, value: object) -> None:
    """Else it would be worth nothing."""
    answer = desk.check_out("ali").json
    schema = contract.document["components"]["schemas"]["Seat"]
    contract._check(schema, answer)
    with pytest.raises(Exception, match=r".") as refused:
        contract._check(schema, answer | {member: value})
    assert type(refused.value).__name__ == "ValidationError"
