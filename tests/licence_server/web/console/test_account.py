"""One's own account: sessions, password, recovery codes, second factor."""

import re

import pytest

from keys.errors import NotSignedInError
from licence_server.domain.session import Place
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


def test_sessions_say_browser_and_system(reader: Reader, person: Person) -> None:
    agent = "Mozilla/5.0 (Windows NT 10.0; rv:145.0) Gecko/20100101 Firefox/145.0"
    person.sign_in(Place.of("198.51.100.4", agent))
    page = reader.get(ACCOUNT)
    assert "Firefox · Windows" in words(page)
    assert f'title="{agent}"' in page.text


def test_a_token_is_shown_once_and_revoked(reader: Reader, person: Person) -> None:
    form = {"present": PASSWORD, "code": person.code(), "name": "web shop", "scope": "licences.read", "days": "30"}
    made = reader.post(f"{ACCOUNT}/tokens", form)
    text = made.text.partition('class="latin">tok_')[2].partition("<")[0]
    actor = reader.office.server.authenticating.bearer(f"tok_{text}")
    assert (actor.name, sorted(actor.rights)) == ("sara", ["licences.read"])
    page = reader.get(ACCOUNT)
    assert text not in page.text
    for said in ("web shop", "licences.read", "until 2027-02-14", "just now"):
        assert said in words(page)
    (button,) = [each for each in reader.buttons(page) if each.endswith("/revoke")]
    assert reader.post(button).status_code == 303
    assert "revoked 2027-01-15" in words(reader.get(ACCOUNT))
    with pytest.raises(NotSignedInError):
        reader.office.server.authenticating.bearer(f"tok_{text}")
    assert text.rpartition("_")[2] not in reader.office.log.getvalue()
    assert reader.office.server.auditing.verify().valid


@pytest.mark.threat(30)
@pytest.mark.parametrize(
    "wrong",
    [
        {"present": "x"}, {"code": "000000"}, {"scope": "licences.revoke"}, {"scope": "anything"}, {"scope": []},
        {"days": "0"}, {"days": "367"}, {"days": "soon"}, {"name": ""},
    ],
    ids=str,
)  # fmt: skip
def test_no_token_without_a_proof_or_beyond_ones_rights(reader: Reader, person: Person, wrong: dict) -> None:
    form = {"present": PASSWORD, "code": person.code(), "name": "shop", "scope": "licences.read", "days": "30"}
    answer = reader.post(f"{ACCOUNT}/tokens", {**form, **wrong})
    assert (answer.status_code, 'role="alert"' in answer.text) == (422, True)
    assert reader.office.server.delegating.all(person.operator.id) == []


def test_nobody_revokes_the_token_of_another(reader: Reader, person: Person) -> None:
    server = reader.office.server
    theirs = server.enrolling.named("admin").id
    lent = server.delegating.add("shop", theirs, ["licences.read"], reader.office.clock.now() + 86_400, "cli:tests")
    assert reader.post(f"{ACCOUNT}/tokens/{lent.token.id}/revoke").status_code == 404
    assert server.authenticating.bearer(lent.text).name == "admin"


def test_a_stored_language_follows_to_another_machine(reader: Reader, person: Person) -> None:
    assert reader.post(f"{ACCOUNT}/language", {"stored": "fa"}).status_code == 303
    assert 'lang="fa"' in reader.get(ACCOUNT).text
    other = Reader.of(reader.office)
    other.post("/console/preferences", {"language": "en"})
    reader.office.clock.advance(60)
    other.post("/console/sign-in", {"name": "sara", "password": PASSWORD})
    assert 'lang="en"' in other.get("/console/sign-in/code").text
    other.post("/console/sign-in/code", {"code": person.code()})
    assert 'lang="fa" dir="rtl"' in other.get(ACCOUNT).text
    other.post("/console/preferences", {"language": "en"})
    assert 'lang="en" dir="ltr"' in other.get(ACCOUNT).text
    assert person.stored.language == "fa"
    assert reader.office.server.auditing.verify().valid


def test_without_a_stored_language_the_browser_has_its_say(reader: Reader, person: Person) -> None:
    reader.post(f"{ACCOUNT}/language", {"stored": "fa"})
    assert reader.post(f"{ACCOUNT}/language", {"stored": ""}).status_code == 303
    assert person.stored.language is None
    assert reader.post(f"{ACCOUNT}/language", {"stored": "xx"}).status_code == 422
