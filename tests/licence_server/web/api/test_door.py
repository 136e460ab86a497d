"""Who gets in, and what is read of what they say."""

import json

import pytest

from licence_server.app import api_endpoints
from licence_server.domain.operator import ROLES, Role
from licence_server.domain.rights import RIGHTS_OF
from licence_server.web.api.endpoint import Endpoint
from tests.licence_server.office import ME, Office, problem
from tests.licence_server.web.api.program import Program

FOREIGN = {"licence_id": "lic_foreign", "customer_id": "cus_foreign", "approval_id": "apr_foreign"}


def target(endpoint: Endpoint) -> str:
    path = endpoint.path
    for name, value in FOREIGN.items():
        path = path.replace(f"<{name}>", value)
    return path


@pytest.mark.threat(30)
@pytest.mark.parametrize("role", ROLES)
def test_every_role_reaches_what_the_table_says_and_nothing_else(office: Office, role: Role) -> None:
    """With ids of something foreign and bodies of nothing: who may not is refused before any of it is looked at."""
    program = Program.of(office, role)
    for endpoint in api_endpoints(office.server):
        response = program.ask(endpoint.method, target(endpoint), {})
        is_refused = response.status_code == 403
        assert is_refused == (endpoint.right not in RIGHTS_OF[role]), f"{role} {endpoint.name} {response.status_code}"
        assert response.status_code in (200, 403, 404, 409, 422), endpoint.name


@pytest.mark.threat(30)
@pytest.mark.parametrize(
    "header", ["", "Bearer", "Bearer ", "Bearer tok_x_y", "Basic c2FyYTpzYXJh", "bearer x", "Bearer " + "x" * 5000]
)
def test_nobody_without_a_token_gets_anywhere(office: Office, header: str) -> None:
    for endpoint in api_endpoints(office.server)[:3]:
        response = office.call(endpoint.method, f"/api/v1{target(endpoint)}", headers={"Authorization": header})
        assert (response.status_code, problem(response)["type"].rpartition(":")[2]) == (401, "not-signed-in")
        assert response.headers["WWW-Authenticate"] == "Bearer"


@pytest.mark.threat(30)
def test_a_token_that_was_revoked_or_whose_operator_is_out_counts_no_more(office: Office) -> None:
    program, other = Program.of(office, "sales"), Program.of(office, "manager")
    enrolling, delegating = office.server.enrolling, office.server.delegating
    (token,) = delegating.all(enrolling.named("sales").id)
    delegating.revoke(token.id, ME)
    assert program.refused("GET", "/licences") == (401, "not-signed-in")
    assert other.get("/licences")["found"] == []
    enrolling.disable(enrolling.named("manager").id, ME)
    assert other.refused("GET", "/licences") == (401, "not-signed-in")


@pytest.mark.threat(29)
def test_guesses_at_tokens_are_put_off(office: Office) -> None:
    program = Program.of(office, "viewer")
    guess = {"Authorization": "Bearer tok_guess"}
    found = [office.call("GET", "/api/v1/licences", headers=guess).status_code for _ in range(12)]
    assert (found[:10], found[10:]) == ([401] * 10, [429] * 2)
    assert program.get("/licences")["found"] == [], "who is right is served from the same address"


@pytest.mark.threat(28)
@pytest.mark.parametrize(
    ("body", "media", "status", "word"),
    [
        (b"{", "application/json", 400, "malformed"),
        (b"[]", "application/json", 400, "malformed"),
        (b'{"name": "a", "name": "b"}', "application/json", 400, "malformed"),
        (b"\xff", "application/json", 400, "malformed"),
        (b'{"name": "a"}', "text/plain", 415, "media-type"),
        (b'{"name": 1}', "application/json", 422, "invalid-input"),
        (b'{"name": "a", "role": "administrator"}', "application/json", 422, "invalid-input"),
        (b'{"name": "a", "by_sms": "yes"}', "application/json", 422, "invalid-input"),
        (b"", "application/json", 422, "invalid-input"),
        (b'{"name": "' + b"a" * 70_000 + b'"}', "application/json", 413, "too-large"),
    ],
)
def test_a_body_of_another_form_is_refused(office: Office, body: bytes, media: str, status: int, word: str) -> None:
    program = Program.of(office, "sales")
    headers = {"Authorization": f"Bearer {program.token}"}
    response = office.call("POST", "/api/v1/customers", data=body, content_type=media, headers=headers)
    assert (response.status_code, problem(response)["type"].rpartition(":")[2]) == (status, word)
    assert office.server.reading.customers().found == ()


@pytest.mark.parametrize(
    ("path", "said"),
    [
        ("/licences?state=nope", "state: input should be"),
        ("/licences?colour=red", "colour: there is no such member"),
        ("/licences?most=0", "most: "),
        ("/licences?most=9&most=10", "'most' is said twice"),
        ("/licences?after=nowhere", "no place in a list"),
        ("/find", "text: field required"),
        ("/find?text=a%00b", "'text' has control characters"),
        ("/audit?subject=%1b", "'subject' has control characters"),
        ("/customers?after=" + "9" * 300, "after: "),
    ],
)
def test_a_question_of_another_form_is_refused_by_name(office: Office, path: str, said: str) -> None:
    response = Program.of(office, "administrator").ask("GET", path)
    assert response.status_code == 422
    assert said in problem(response)["detail"]


@pytest.mark.parametrize("name", ["%00", "a%20b", "%D9%81", "x" * 65])
def test_what_is_no_id_is_the_id_of_nothing(office: Office, name: str) -> None:
    assert Program.of(office, "manager").refused("GET", f"/licences/{name}") == (404, "not-found")


@pytest.mark.threat(26)
def test_a_refusal_repeats_nothing_that_was_sent(office: Office) -> None:
    program = Program.of(office, "manager")
    response = program.ask("POST", "/customers", {"name": 7, "secret-canary": "secret-canary-value"})
    assert "secret-canary-value" not in response.get_data(as_text=True)
    assert program.token not in office.log.getvalue()


def test_the_document_is_for_everybody(office: Office) -> None:
    response = office.call("GET", "/api/v1/openapi.json")
    assert json.loads(response.data)["openapi"] == "3.1.0"
