"""Imports by a program: a file comes in, is looked at, confirmed, and done by the server's jobs."""

import json
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from werkzeug.test import TestResponse

from licence_server import jobs
from licence_server.domain.customer import NewCustomer
from licence_server.domain.imports import LIFETIME
from licence_server.domain.operator import ROLES, Role
from licence_server.domain.rights import RIGHTS_OF
from licence_server.domain.sheets import LARGEST_FILE
from licence_server.web.api.imports import CSV, XLSX
from tests.licence_server.office import ME, Office, ProblemError, device_at, problem
from tests.licence_server.shell.test_workbooks import workbook
from tests.licence_server.web.api.program import Program

CUSTOMERS = "نام;کد ملی\nفولاد پارس;۱۴۰۰۳۷۷۸۹۹۰\nbad;1\nAcme;\n".encode()


@pytest.fixture
def program(office: Office) -> Program:
    return Program.of(office, "manager")


def sent(program: Program, content: bytes, media: str = CSV, query: str = "kind=customers", **headers) -> TestResponse:
    told = {"Authorization": f"Bearer {program.token}", **headers}
    return program.office.call("POST", f"/api/v1/imports?{query}", data=content, content_type=media, headers=told)


def checked(program: Program, content: bytes = CUSTOMERS, media: str = CSV) -> Any:
    response = sent(program, content, media)
    assert response.status_code == 201, response.data
    return response.json


def run_jobs(office: Office) -> int:
    """Have the jobs do what there is; return in how many batches."""
    batches = 1
    while jobs.carry_on(office.server):
        batches += 1
    return batches


def test_a_file_is_checked_confirmed_and_imported(program: Program) -> None:
    found = checked(program)
    path = f"/imports/{found['id']}"
    assert (found["state"], found["good"], found["bad"], found["columns"]) == ("checked", 2, 1, ["name", "national_id"])
    (fault,) = program.get(f"{path}/faults")["found"]
    assert (fault["line"], fault["column"], fault["cells"]) == (3, "national_id", ["bad", "1"])
    run_jobs(program.office)
    assert program.get("/customers")["found"] == []
    assert program.refused("POST", f"{path}/confirmation", {}) == (422, "invalid-input")
    assert program.do(f"{path}/confirmation", {"leave_out": True})["state"] == "running"
    run_jobs(program.office)
    done = program.get(path)
    assert (done["state"], done["made"], done["left_out"]) == ("done", 2, 0)
    assert {each["name"] for each in program.get("/customers")["found"]} == {"فولاد پارس", "Acme"}
    assert program.refused("POST", f"{path}/cancellation", {}) == (409, "state-conflict")
    assert program.get("/imports")["found"] == [done]
    assert program.office.server.auditing.verify().valid


def imported_licences(program: Program, rows: int) -> str:
    """Import so many licences of one customer to the end, and return the path of the import."""
    program.office.server.registering.add(NewCustomer("Acme"), ME)
    lines = "".join(f"Acme,{number + 1},site {number}\n" for number in range(rows))
    found: Any = sent(program, f"customer,users,site\n{lines}".encode(), query="kind=licences").json
    path = f"/imports/{found['id']}"
    program.do(f"{path}/confirmation")
    run_jobs(program.office)
    return path


def test_codes_of_imported_licences_come_page_by_page_to_whoever_confirmed(program: Program) -> None:
    path = imported_licences(program, 60)
    first = program.do(f"{path}/codes")
    last = program.do(f"{path}/codes", {"page": first["next"]})
    codes = {each["licence"]: each["code"] for page in (first, last) for each in page["found"]}
    assert (len(first["found"]), len(codes), last["next"]) == (50, 60, None)
    chosen = first["found"][0]
    licence = program.get(f"/licences/{chosen['licence']}")
    assert (licence["customer"]["id"], licence["site"]) == (chosen["customer"], chosen["site"])
    assert device_at(program.office).activate(chosen["code"]).licence_id == chosen["licence"]
    again = program.do(f"{path}/codes")["found"]
    assert chosen["licence"] not in {each["licence"] for each in again}
    assert not set(codes.values()) & {each["code"] for each in again}
    with pytest.raises(ProblemError, match="code-expired"):
        device_at(program.office).activate(first["found"][1]["code"])
    assert program.refused("POST", f"{path}/codes", {"page": 2}) == (404, "not-found")
    assert program.office.server.auditing.verify().valid


def test_codes_are_for_whoever_confirmed_and_for_a_week(program: Program) -> None:
    path = imported_licences(program, 1)
    other = Program.of(program.office, "manager", "other")
    assert other.refused("POST", f"{path}/codes", {}) == (403, "not-allowed")
    assert Program.of(program.office, "sales").refused("POST", f"{path}/codes", {}) == (403, "not-allowed")
    assert program.refused("POST", "/imports/imp_none/codes", {}) == (404, "not-found")
    program.office.clock.advance(LIFETIME)
    program.office.server.importing.sweep()
    assert program.refused("POST", f"{path}/codes", {}) == (404, "not-found")


def test_the_same_key_gets_the_same_codes(program: Program) -> None:
    """A program whose connection broke asks once more, and has the codes that count."""
    path = imported_licences(program, 2)
    first, second = (program.do(f"{path}/codes", Idempotency_Key="codes of monday") for _ in range(2))
    assert first == second


def test_a_workbook_will_do_too(program: Program) -> None:
    found = checked(program, workbook(("name", "national_id"), ("Acme", 14003778990)), XLSX)
    assert (found["good"], found["bad"]) == (1, 0)
    assert program.do(f"/imports/{found['id']}/cancellation")["state"] == "cancelled"


def test_many_rows_are_done_in_small_batches(program: Program) -> None:
    rows = [f"Customer {number},09120{number:06}" for number in range(500)]
    content = "\n".join(["name,mobile", *rows, *["x,1"] * 50]).encode()
    found = checked(program, content)
    assert (found["good"], found["bad"]) == (500, 50)
    program.do(f"/imports/{found['id']}/confirmation", {"leave_out": True})
    assert run_jobs(program.office) == 10
    assert len(program.get("/customers?most=500")["found"]) == 500
    assert program.get(f"/imports/{found['id']}/faults?page=0")["next"] is None


@pytest.mark.parametrize(
    ("content", "media", "query", "refusal"),
    [
        (CUSTOMERS, "application/json", "kind=customers", (415, "media-type")),
        (CUSTOMERS, CSV, "kind=people", (422, "invalid-input")),
        (CUSTOMERS, CSV, "", (422, "invalid-input")),
        (b"", CSV, "kind=customers", (422, "invalid-input")),
        (b"x" * (LARGEST_FILE + 1), CSV, "kind=customers", (413, "too-large")),
        (b"PK\x03\x04", XLSX, "kind=customers", (422, "invalid-input")),
    ],
)
def test_what_is_no_file_is_refused(
    program: Program, content: bytes, media: str, query: str, refusal: tuple[int, str]
) -> None:
    response = sent(program, content, media, query)
    assert (response.status_code, problem(response)["type"].rpartition(":")[2]) == refusal
    assert program.get("/imports")["found"] == []


def test_only_here_may_a_body_be_as_large(program: Program) -> None:
    assert checked(program, b"name\n" + b"x" * 100_000)["bad"] == 1
    told = {"Authorization": f"Bearer {program.token}"}
    large = json.dumps({"name": "x" * 100_000})
    answer = program.office.call("POST", "/api/v1/customers", data=large, content_type="application/json", headers=told)
    assert answer.status_code == 413


def test_the_same_key_is_for_the_same_file(program: Program) -> None:
    first = sent(program, CUSTOMERS, **{"Idempotency-Key": "one"})
    again = sent(program, CUSTOMERS, **{"Idempotency-Key": "one"})
    assert (first.json, len(program.get("/imports")["found"])) == (again.json, 1)
    assert sent(program, CUSTOMERS + b"B;\n", **{"Idempotency-Key": "one"}).status_code == 409


@pytest.mark.threat(30)
@pytest.mark.parametrize("role", ROLES)
def test_who_may_import(office: Office, role: Role) -> None:
    program = Program.of(office, role, "somebody")
    may = "imports.write" in RIGHTS_OF[role]
    assert sent(program, CUSTOMERS).status_code == (201 if may else 403)
    assert program.ask("GET", "/imports").status_code == (200 if may else 403)


@pytest.mark.threat(28)
def test_any_bytes_are_a_preview_or_a_refusal(program: Program) -> None:
    words = st.sampled_from(
        ["name", "نام", "note", ",", ";", "\n", '"', "\0", "=1", "x" * 300, "۱", "\ufeff", "\u202e"]
    )
    texts = st.lists(words, max_size=30).map("".join)
    content = texts.map(str.encode) | texts.map(lambda text: f"name,note\n{text}".encode()) | st.binary(max_size=300)

    @settings(max_examples=150, suppress_health_check=list(HealthCheck))
    @given(content)
    def try_one(content: bytes) -> None:
        response = sent(program, content)
        assert response.status_code in (201, 413, 422)
        made: Any = response.json
        if response.status_code == 201 and made["bad"]:
            assert program.get(f"/imports/{made['id']}/faults")["found"][0]["reason"]

    try_one()
    assert program.office.server.auditing.verify().valid
