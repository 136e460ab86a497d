"""If-Match: who changes something says what the change was made from (RFC 9110, 13.1.1)."""

import pytest

from tests.licence_server.office import Office, device_at
from tests.licence_server.web.api.program import Program

LATE = (412, "changed-meanwhile")


@pytest.fixture
def program(office: Office) -> Program:
    return Program.of(office, "administrator")


def tag(program: Program, path: str) -> str:
    return program.ask("GET", path).headers["ETag"]


def test_a_customer_is_changed_from_the_tag_or_the_version_and_from_no_other(program: Program) -> None:
    added = program.do("/customers", {"name": "Pars"})
    path = f"/customers/{added['id']}"
    first = tag(program, path)
    changed = program.do(path, {"note": "a"}, "PATCH", If_Match=first)
    assert changed["version"] != added["version"]
    assert program.refused("PATCH", path, {"note": "b"}, If_Match=first) == LATE
    assert program.refused("POST", f"{path}/representative", {"name": "x"}, If_Match=first) == LATE
    assert program.get(path)["note"] == "a"
    assert program.do(path, {"note": "b"}, "PATCH", If_Match=f'"{changed["version"]}"')["note"] == "b"
    assert program.do(path, {"note": "c"}, "PATCH", If_Match=f'"other", {tag(program, path)}')["note"] == "c"
    assert program.do(path, {"note": "d"}, "PATCH", If_Match="*")["note"] == "d"


@pytest.mark.parametrize("wanted", ["", "nonsense", 'W/"weak"', '"', '"a', "\u00ff", '""', ","])
def test_what_is_no_tag_of_ours_is_no_version(program: Program, wanted: str) -> None:
    added = program.do("/customers", {"name": "Pars"})
    assert program.refused("PATCH", f"/customers/{added['id']}", {"note": "a"}, If_Match=wanted) == LATE


def test_a_licence_is_changed_from_what_people_made_of_it(program: Program, office: Office) -> None:
    customer = program.do("/customers", {"name": "Pars"})["id"]
    issued = program.do("/licences", {"customer": customer, "users": 3})
    path = f"/licences/{issued['id']}"
    first = tag(program, path)
    device_at(office).activate(issued["code"])
    assert tag(program, path) != first, "who looks gets what is there now"
    changed = program.do(f"{path}/seats", {"users": 4}, If_Match=first)
    assert changed["seats"]["users"] == 4
    deeds = {"seats": {"users": 5}, "renewal": {"ends_at": None}, "networks": {"networks": []}, "confirmation": {},
             "suspension": {"reason": "x"}, "resumption": {"reason": "x"}, "revocation": {"reason": "x"},
             "rehost": {"reason": "x"}, "code": {}, "acknowledgement": {"reason": "x"}}  # fmt: skip
    for deed, body in deeds.items():
        assert program.refused("POST", f"{path}/{deed}", body, If_Match=first) == LATE, deed
    (shown,) = program.get("/licences")["found"]
    assert shown["version"] == changed["version"]
    assert program.do(f"{path}/suspension", {"reason": "x"}, If_Match=f'"{shown["version"]}"')["state"] == "suspended"


def test_where_there_is_no_version_to_look_at_it_is_not_overlooked(program: Program) -> None:
    refused = program.refused("POST", "/customers", {"name": "Pars"}, If_Match='"x"')
    assert refused == (422, "invalid-input")
    assert program.get("/customers")["found"] == []


def test_a_refusal_under_a_key_is_not_kept(program: Program) -> None:
    added = program.do("/customers", {"name": "Pars"})
    path, again = f"/customers/{added['id']}", {"Idempotency_Key": "one"}
    assert program.refused("PATCH", path, {"note": "a"}, If_Match='"old"', **again) == LATE
    good = {"If_Match": f'"{added["version"]}"', **again}
    first = program.do(path, {"note": "a"}, "PATCH", **good)
    assert program.do(path, {"note": "a"}, "PATCH", **good) == first, "done once, though it is of another version now"


def test_the_document_says_where_it_counts(office: Office) -> None:
    document = office.call("GET", "/api/v1/openapi.json").json
    assert document is not None
    for path, methods in document["paths"].items():
        for operation in methods.values():
            takes = "If-Match" in {each["name"] for each in operation["parameters"]}
            assert takes == ("412" in operation["responses"]), path
    assert "412" in document["paths"]["/customers/{customer_id}"]["patch"]["responses"]
