"""One's own account: sessions, password, recovery codes, second factor."""

import re

import pytest

from tests.licence_server.people import PASSWORD, Person
from tests.licence_server.web.console.reader import Reader, words

ACCOUNT = "/console/account"
ANOTHER = "seven copper owls at noon"


@pytest.fixture
def person(reader: Reader) -> Person:
    return reader.enter("viewer", "sara")


def is_in(reader: Reader) -> bool:
    return reader.get("/console").status_code == 200


def test_sessions_are_shown_and_ended(reader: Reader, person: Person) -> None:
    other = Reader.of(reader.office)
    other.carry("session", person.sign_in().token)
    page = reader.get(ACCOUNT)
    (button,) = [each for each in reader.buttons(page) if re.search(r"sessions/ses_\w+/end", each)]
    assert "203.0.113.7" in words(page)
    assert reader.post(button).status_code == 303
    assert not is_in(other)
    other.carry("session", person.sign_in().token)
    assert reader.post(f"{ACCOUNT}/sessions/end").status_code == 303
    assert (is_in(reader), is_in(other)) == (True, False)


def test_nobody_ends_the_session_of_another(reader: Reader, person: Person) -> None:
    other = Reader.of(reader.office)
    session = other.enter("support", "reza").sign_in().session.id
    assert reader.post(f"{ACCOUNT}/sessions/{session}/end").status_code == 404
    assert is_in(other)


def test_the_password_changes_with_a_proof_of_both(reader: Reader, person: Person) -> None:
    form = {"present": PASSWORD, "code": person.code(), "password": ANOTHER, "again": ANOTHER}
    for wrong in ({"present": "x"}, {"code": "000000"}, {"again": "x"}, {"password": "short", "again": "short"}):
        answer = reader.post(f"{ACCOUNT}/password", {**form, **wrong})
        assert (answer.status_code, 'role="alert"' in answer.text) == (422, True), wrong
        reader.office.clock.advance(60)
        form["code"] = person.code()
    assert reader.post(f"{ACCOUNT}/password", form).status_code == 303
    person.password = ANOTHER
    reader.office.clock.advance(60)
    assert is_in(reader)
    assert person.sign_in().token


def test_recovery_codes_are_made_anew(reader: Reader, person: Person) -> None:
    answer = reader.post(f"{ACCOUNT}/recovery-codes", {"present": PASSWORD, "code": person.code()})
    codes = re.findall(r"\w{4}-\w{4}-\w{4}-\w{4}", words(answer))
    assert len(codes) == 10
    assert not set(codes) & set(person.recovery_codes)


def test_another_authenticator_is_set_up_at_the_next_way_in(reader: Reader, person: Person) -> None:
    answer = reader.post(f"{ACCOUNT}/second-factor", {"present": PASSWORD, "code": person.code()})
    assert answer.headers["Location"] == "/console/sign-in"
    assert not is_in(reader)
    assert person.begin().step == "enrolment"
