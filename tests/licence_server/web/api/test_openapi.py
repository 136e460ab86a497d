"""The document says what is served, and whatever is asked, the answer is as it says."""

import json
from collections.abc import Iterator
from http.client import HTTPMessage
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from openapi_spec_validator import validate

from licence_server.app import api_endpoints
from tests.contract.openapi import Contract
from tests.contract.test_openapi_anything import ANYTHING, TEXTS
from tests.licence_server.office import Home, Office
from tests.licence_server.web.api.program import Program
from tests.threats.plugin import Figure, Rounds

pytestmark = pytest.mark.threat(28)
_AROUND = ("Request-Id", "X-Content-Type-Options", "ETag", "WWW-Authenticate", "Retry-After")
"""Headers of every answer, which belong to HTTP and not to one operation."""


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Program, Contract]]:
    home = Home(tmp_path_factory.mktemp("api") / "home")
    home.complete()
    office = Office.of(home)
    document = json.loads(office.call("GET", "/api/v1/openapi.json").data)
    yield Program.of(office, "administrator", "everybody"), Contract(document)
    office.close()


def ask(desk: tuple[Program, Contract], method: str, path: str, body: Any) -> int:
    program, contract = desk
    sent = None if method == "GET" else body
    response = program.ask(method, path, sent)
    headers = HTTPMessage()
    for name, value in response.headers.items():
        if name not in _AROUND:
            headers[name] = value
    contract.check_answer(method, path, response.status_code, headers, response.data)
    return response.status_code


def test_the_document_is_valid_and_has_every_endpoint(desk: tuple[Program, Contract]) -> None:
    program, contract = desk
    validate(contract.document)
    served = {endpoint.name: endpoint for endpoint in api_endpoints(program.office.server)}
    documented = {operation["operationId"]: operation for _, _, operation in contract.operations()}
    assert served.keys() == documented.keys()
    for name, endpoint in served.items():
        assert f"`{endpoint.right}`" in documented[name]["description"]


def test_good_requests_are_answered_as_documented(desk: tuple[Program, Contract]) -> None:
    program, _ = desk
    customer = program.do("/customers", {"name": "Pars"})["id"]
    licence = program.do("/licences", {"customer": customer, "users": 3})["id"]
    plan = program.do("/plans", {"name": "Standard", "users": 3})["id"]
    hook = program.do("/webhooks", {"url": "https://crm.example.com/", "types": ["customer.added"]})["id"]
    one, who, there = f"/licences/{licence}", f"/customers/{customer}", f"/webhooks/{hook}"
    asked: list[tuple[str, str, Any]] = [
        ("GET", "/customers", None), ("GET", "/find?text=Pars", None), ("GET", who, None), ("GET", "/licences", None),
        ("GET", one, None), ("GET", f"{one}/usage", None), ("GET", "/approvals", None), ("GET", "/audit", None),
        ("GET", "/audit/proof", None), ("PATCH", who, {"note": "x"}), ("POST", f"{who}/representative", {"name": "x"}),
        ("POST", f"{one}/suspension", {"reason": "x"}), ("POST", f"{one}/resumption", {"reason": "x"}),
        ("POST", f"{one}/renewal", {"ends_at": None}), ("POST", f"{one}/seats", {"users": 4}),
        ("POST", f"{one}/networks", {"networks": []}), ("POST", f"{one}/code", {}),
        ("POST", f"{one}/revocation", {"reason": "x"}), ("GET", "/plans?retired=true", None),
        ("GET", f"/plans/{plan}", None), ("PATCH", f"/plans/{plan}", {"users": 4}),
        ("POST", "/licences", {"customer": customer, "plan": plan}), ("POST", f"/plans/{plan}/retirement", {}),
        ("GET", "/imports", None),
        ("GET", "/webhooks", None), ("GET", there, None),
        ("POST", f"{there}/test", {}), ("GET", f"{there}/deliveries", None), ("POST", f"{there}/rotation", {}),
        ("POST", f"{there}/removal", {}),
        ("GET", "/exports/customers", None), ("GET", "/exports/licences", None),
    ]  # fmt: skip
    for method, path, body in asked:
        assert ask(desk, method, path, body) in (200, 201), path


def _tried(desk: tuple[Program, Contract], examples: int) -> None:
    operations = [(method, path, operation) for method, path, operation in desk[1].operations()]
    members = sorted({name for schema in desk[1].document["components"]["schemas"].values() for name in
                      schema.get("properties", {})})  # fmt: skip
    bodies: st.SearchStrategy[dict[str, Any]] = st.dictionaries(
        st.sampled_from(members) | TEXTS, ANYTHING, max_size=6
    ) | st.just({})
    names = st.sampled_from(["after", "most", "state", "text", "subject", "retired", "x"])
    queries = st.dictionaries(names, TEXTS, max_size=3)

    @settings(max_examples=examples, deadline=None, suppress_health_check=list(HealthCheck))
    @given(operation=st.sampled_from(operations), name=TEXTS, body=bodies, query=queries)
    def try_one(operation: tuple[str, str, Any], name: str, body: Any, query: dict[str, str]) -> None:
        method, path, _ = operation
        segment = quote(name, safe="") or "x"
        names = (
            "licence_id",
            "customer_id",
            "approval_id",
            "plan_id",
            "import_id",
            "outage_id",
            "webhook_id",
            "delivery_id",
        )
        for part in names:
            path = path.replace(f"{{{part}}}", segment)
        asked = "&".join(f"{key}={quote(text, safe='')}" for key, text in query.items()) if method == "GET" else ""
        assert ask(desk, method, f"{path}?{asked}" if asked else path, body) < 500

    try_one()


def test_whatever_is_asked_the_answer_is_documented(desk: tuple[Program, Contract], figure: Figure) -> None:
    _tried(desk, 300)
    figure("300 requests of every kind to the operators' API: all answers as documented, none a failure")


@pytest.mark.long
def test_very_much_is_asked(desk: tuple[Program, Contract], rounds: Rounds, figure: Figure) -> None:
    examples = rounds(5_000, sample=200)
    _tried(desk, examples)
    figure(f"{examples} requests of every kind to the operators' API: all answers as documented, none a failure")


def test_the_page_for_people_names_every_operation(desk: tuple[Program, Contract]) -> None:
    page = (Path(__file__).parents[4] / "docs" / "api.md").read_text(encoding="utf-8")
    for method, path, operation in desk[1].operations():
        assert f"| `{method} {path}` | {operation['summary']} |" in page
