"""The way in, as a browser goes it, and what nobody gets past."""

import re
from typing import Any, cast

import pytest

from licence_server.services.admitting import OVER
from tests.licence_server.office import Office
from tests.licence_server.people import PASSWORD, Person
from tests.licence_server.web.console.reader import Reader, words

SIGN_IN, CODE = "/console/sign-in", "/console/sign-in/code"


@pytest.fixture
def sara(office: Office) -> Person:
    """Somebody who has her second factor."""
    return Person.ready(cast("Any", office.server))


def begun(reader: Reader, person: Person, **more: str) -> Reader:
    answer = reader.post(SIGN_IN, {"name": person.name, "password": person.password, **more})
    assert answer.status_code == 303, words(answer)
    return reader


def is_in(reader: Reader) -> bool:
    return reader.get("/console").status_code == 200


def test_the_first_way_in_sets_up_everything(reader: Reader) -> None:
    person = Person.added(cast("Any", reader.office.server), "reza", "manager")
    assert reader.get("/console").headers["Location"] == "/console/sign-in?next=/console"
    answer = reader.post(SIGN_IN, {"name": "Reza ", "password": person.password})
    assert answer.headers["Location"] == "/console/sign-in/password?next=/console"
    answer = reader.post("/console/sign-in/password", {"password": PASSWORD, "again": PASSWORD})
    page = reader.get(answer.headers["Location"])
    assert 'src="data:image/svg+xml' in page.text
    person.secret = re.sub(r"\W", "", words(page).partition("type it:")[2].partition(" Code")[0])
    assert not is_in(reader)
    done = reader.post("/console/sign-in/second-factor", {"code": person.code()})
    assert len(re.findall(r"\w{4}-\w{4}-\w{4}-\w{4}", words(done))) == 10
    assert 'data-address="/console"' in done.text
    assert is_in(reader)


def test_every_day_it_is_password_and_code(reader: Reader, sara: Person) -> None:
    begun(reader, sara)
    assert not is_in(reader)
    assert reader.post(CODE, {"code": "000000"}).status_code == 401
    assert not is_in(reader)
    answer = reader.post(CODE, {"code": sara.code()})
    assert (answer.status_code, answer.headers["Location"]) == (303, "/console")
    (cookie,) = [each for each in answer.headers.getlist("Set-Cookie") if each.startswith("__Host-session")]
    assert cookie.endswith("; Secure; HttpOnly; Path=/; SameSite=Lax")
    assert is_in(reader)
    assert reader.get(SIGN_IN).status_code == 303


def test_a_recovery_code_will_do(reader: Reader, sara: Person) -> None:
    assert begun(reader, sara).post(CODE, {"code": sara.recovery_codes[0]}).status_code == 303
    assert is_in(reader)


@pytest.mark.parametrize(("name", "password"), [("sara", "wrong"), ("nobody", PASSWORD), ("", ""), ("<b>", "x" * 9000)])
def test_a_wrong_password_and_a_wrong_name_look_alike(reader: Reader, sara: Person, name: str, password: str) -> None:
    answer = reader.post(SIGN_IN, {"name": name, "password": password})
    assert answer.status_code == 401
    assert "name or the password is wrong" in words(answer)
    assert "Set-Cookie" not in answer.headers or "sign-in" not in answer.headers["Set-Cookie"]


def test_the_refusal_is_in_the_readers_language(reader: Reader, sara: Person) -> None:
    reader.language = "fa"
    said = words(reader.post(SIGN_IN, {"name": "sara", "password": "wrong"}))
    assert "نام یا گذرواژه" in said
    assert "wrong" not in said


@pytest.mark.threat(29)
def test_guesses_are_put_off(reader: Reader, sara: Person) -> None:
    answers = [reader.post(SIGN_IN, {"name": "sara", "password": "wrong"}) for _ in range(15)]
    assert answers[-1].status_code == 429
    assert 'type="password"' in answers[-1].text


def test_after_the_way_in_it_goes_on_where_it_was_to(reader: Reader, sara: Person) -> None:
    there = reader.get("/console?page=2").headers["Location"]
    assert there == "/console/sign-in?next=/console?page%3D2"
    answer = begun(reader, sara, next="/console?page=2").post(CODE, {"code": sara.code(), "next": "/console?page=2"})
    assert answer.headers["Location"] == "/console?page=2"


def test_the_way_in_leads_nowhere_else(reader: Reader, sara: Person) -> None:
    answer = begun(reader, sara).post(CODE, {"code": sara.code(), "next": "https://evil.example"})
    assert answer.headers["Location"] == "/console"


@pytest.mark.threat(29)
@pytest.mark.parametrize("path", ["/console/sign-in/password", "/console/sign-in/second-factor", CODE])
def test_no_step_can_be_left_out(reader: Reader, sara: Person, path: str) -> None:
    begun(reader, sara)
    reader.client.delete_cookie("__Host-sign-in", domain="licence.example.com")
    answer = reader.post(path, {"code": sara.code(), "password": PASSWORD, "again": PASSWORD})
    assert (answer.status_code, OVER in words(answer)) == (401, True)
    assert not is_in(reader)


@pytest.mark.threat(29)
def test_a_pending_sign_in_is_no_session(reader: Reader, sara: Person) -> None:
    token = sara.begin().token
    reader.carry("session", token)
    assert not is_in(reader)


def test_two_passwords_that_differ_are_no_password(reader: Reader) -> None:
    person = Person.added(cast("Any", reader.office.server))
    answer = begun(reader, person).post("/console/sign-in/password", {"password": PASSWORD, "again": "other"})
    assert (answer.status_code, "not the same" in words(answer)) == (422, True)


def test_signing_out_ends_the_session_at_the_server(reader: Reader) -> None:
    person = reader.enter("viewer")
    token = person.sign_in().token
    reader.carry("session", token)
    assert is_in(reader)
    assert reader.post("/console/sign-out").headers["Location"] == SIGN_IN
    reader.carry("session", token)
    assert not is_in(reader)


def test_a_session_that_is_over_leads_to_the_way_in(reader: Reader) -> None:
    reader.enter("viewer")
    reader.office.clock.advance(1_800)
    assert reader.get("/console").headers["Location"].startswith(SIGN_IN)


@pytest.mark.threat(29)
def test_a_form_of_the_session_before_is_refused(reader: Reader) -> None:
    """Also the one of before the sign-in: a token that somebody planted there has nothing afterwards."""
    before = reader.token()
    reader.enter("viewer")
    assert reader.post("/console/sign-out", token=before).status_code == 403
    assert is_in(reader)


def test_no_secret_gets_into_the_log(reader: Reader, sara: Person) -> None:
    code = sara.code()
    begun(reader, sara).post(CODE, {"code": code})
    log = reader.office.log.getvalue()
    assert not [secret for secret in (PASSWORD, code, sara.secret) if secret in log]
