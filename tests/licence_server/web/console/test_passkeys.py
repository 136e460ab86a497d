"""Passkeys, as a browser meets them over HTTP: made, used to get in, removed, and what opens nothing."""

import json
import re
from html import unescape
from typing import Any, cast

import pytest
from werkzeug.test import TestResponse

from licence_server.services.recognising import ASK_AGAIN, NONE, UNKNOWN
from tests.licence_server.authenticator import PRESENT, Authenticator
from tests.licence_server.office import Home, Office
from tests.licence_server.people import PASSWORD, Person
from tests.licence_server.web.console.reader import Reader, words

ACCOUNT, ALONE, CODE = "/console/account", "/console/sign-in/passkey", "/console/sign-in/code/passkey"


def question(page: TestResponse) -> str:
    """What a page asks the browser, as its script reads it."""
    found = re.search(r'data-options="([^"]+)"', page.text)
    assert found, words(page)
    return unescape(found[1])


def is_in(reader: Reader) -> bool:
    return reader.get("/console").status_code == 200


@pytest.fixture
def sara(reader: Reader) -> Person:
    return reader.enter("viewer", "sara")


def equipped(reader: Reader, person: Person) -> Authenticator:
    """Register a passkey at the console, then sign out."""
    device, proof = Authenticator(), {"present": PASSWORD, "code": person.code()}
    page = reader.post(f"{ACCOUNT}/passkeys", {**proof, "name": "تلفن همراه"})
    assert "تلفن همراه" in words(page)
    answer = reader.post(f"{ACCOUNT}/passkeys/add", {"name": "تلفن همراه", "credential": device.create(question(page))})
    assert (answer.status_code, answer.headers["Location"]) == (303, ACCOUNT)
    assert "تلفن همراه" in words(reader.get(ACCOUNT))
    reader.post("/console/sign-out")
    reader.office.clock.advance(60)
    assert not is_in(reader)
    return device


def test_out_and_in_again_by_nothing_else(reader: Reader, sara: Person) -> None:
    device = equipped(reader, sara)
    assert ALONE in reader.get("/console/sign-in").text
    page = reader.get(f"{ALONE}?next=/console/account")
    answer = reader.post(ALONE, {"credential": device.get(question(page)), "next": ACCOUNT})
    assert (answer.status_code, answer.headers["Location"]) == (303, ACCOUNT)
    assert is_in(reader)
    assert reader.get(ALONE).status_code == 303
    assert "never used" not in words(reader.get(ACCOUNT))


def test_after_the_password_it_is_asked_for_in_place_of_the_code(reader: Reader, sara: Person) -> None:
    device = equipped(reader, sara)
    answer = reader.post("/console/sign-in", {"name": "sara", "password": PASSWORD})
    assert answer.headers["Location"] == f"{CODE}?next=/console"
    page = reader.get(answer.headers["Location"])
    assert "/console/sign-in/code?next=/console" in reader.links(page)
    assert reader.post(CODE, {"credential": device.get(question(page))}).status_code == 303
    assert is_in(reader)


def test_the_code_still_works(reader: Reader, sara: Person) -> None:
    equipped(reader, sara)
    reader.post("/console/sign-in", {"name": "sara", "password": PASSWORD})
    assert reader.post("/console/sign-in/code", {"code": sara.code()}).status_code == 303
    assert is_in(reader)


@pytest.mark.threat(29)
@pytest.mark.parametrize(
    ("lies", "flags"),
    [
        ({"origin": "https://licence.example.org"}, None), ({"challenge": "AAECAwQFBgcICQoLDA0ODw"}, None),
        ({"type": "webauthn.create"}, None), ({}, PRESENT),
    ],
    ids=["origin", "challenge", "purpose", "nobody"],
)  # fmt: skip
def test_an_answer_that_is_not_ours_is_refused_and_may_be_tried_again(
    reader: Reader, sara: Person, lies: dict, flags: int | None
) -> None:
    device = equipped(reader, sara)
    right = device.flags
    device.flags = right if flags is None else flags
    refused = reader.post(ALONE, {"credential": device.get(question(reader.get(ALONE)), **lies)})
    assert (refused.status_code, UNKNOWN in words(refused)) == (401, True)
    assert "data-at-once" not in refused.text
    assert not is_in(reader)
    device.flags = right
    assert reader.post(ALONE, {"credential": device.get(question(refused))}).status_code == 303


@pytest.mark.threat(29)
def test_an_answer_that_was_overheard_opens_nothing(reader: Reader, sara: Person) -> None:
    """Neither a second time, nor from another browser, nor at another step."""
    device = equipped(reader, sara)
    answer = device.get(question(reader.get(ALONE)))
    thief = Reader.of(reader.office)
    assert ASK_AGAIN in words(thief.post(ALONE, {"credential": answer}))
    assert UNKNOWN in words(thief.post(ALONE, {"credential": answer}))
    reader.post("/console/sign-in", {"name": "sara", "password": PASSWORD})
    assert ASK_AGAIN in words(reader.post(CODE, {"credential": answer}))
    assert reader.post(ALONE, {"credential": answer}).status_code == 303
    reader.post("/console/sign-out")
    assert ASK_AGAIN in words(reader.post(ALONE, {"credential": answer}))
    assert not is_in(reader)
    assert not is_in(thief)


@pytest.mark.threat(29)
def test_a_passkey_that_nobody_registered_opens_nothing(reader: Reader, sara: Person) -> None:
    equipped(reader, sara)
    stranger = Authenticator()
    stranger.create(json.dumps({"user": {"id": "b3ByXzE"}, "challenge": ""}))
    refused = reader.post(ALONE, {"credential": stranger.get(question(reader.get(ALONE)))})
    assert (refused.status_code, UNKNOWN in words(refused)) == (401, True)


def test_who_has_none_goes_back_to_the_beginning(reader: Reader, sara: Person) -> None:
    reader.post("/console/sign-out")
    reader.office.clock.advance(60)
    reader.post("/console/sign-in", {"name": "sara", "password": PASSWORD})
    refused = reader.get(CODE)
    assert (refused.status_code, NONE in words(refused)) == (401, True)


def test_it_is_removed_with_a_proof(reader: Reader, sara: Person) -> None:
    device = equipped(reader, sara)
    reader.carry("session", sara.sign_in().token)
    (button,) = [each for each in reader.buttons(reader.get(ACCOUNT)) if each.endswith("/remove")]
    refused = reader.post(button, {"present": "wrong", "code": sara.code()})
    assert (refused.status_code, 'role="alert"' in refused.text) == (422, True)
    assert reader.post(button, {"present": PASSWORD, "code": sara.code()}).status_code == 303
    reader.post("/console/sign-out")
    refused = reader.post(ALONE, {"credential": device.get(question(reader.get(ALONE)))})
    assert UNKNOWN in words(refused)


@pytest.mark.parametrize("form", [{"name": ""}, {"name": "x" * 101}, {"present": "wrong"}, {"code": "000000"}])
def test_without_name_or_proof_the_browser_is_asked_nothing(reader: Reader, sara: Person, form: dict) -> None:
    right = {"name": "telephone", "present": PASSWORD, "code": sara.code()}
    refused = reader.post(f"{ACCOUNT}/passkeys", {**right, **form})
    assert (refused.status_code, "data-options" in refused.text) == (422, False)
    refused = reader.post(f"{ACCOUNT}/passkeys/add", {"name": "telephone", "credential": "{}"})
    assert (refused.status_code, ASK_AGAIN in words(refused)) == (422, True)


def test_the_refusal_is_in_the_readers_language(reader: Reader) -> None:
    reader.language = "fa"
    said = words(reader.post(ALONE, {"credential": "{}"}))
    assert "گذرکلید" in said
    assert "passkey" not in said


def test_where_browsers_know_none_nobody_is_shown_one(home: Home) -> None:
    office = Office.of(home, issuer="http://127.0.0.1:7410")
    reader = Reader.of(office)
    assert ALONE not in reader.get("/console/sign-in").text
    assert reader.get(ALONE).status_code == 409
    reader.client.set_cookie("session", Person.ready(cast("Any", office.server)).sign_in().token, domain="127.0.0.1")
    page = reader.get(ACCOUNT)
    assert f"{ACCOUNT}/passkeys" not in reader.buttons(page)
    assert "names alone" in words(page)
    office.close()


def test_no_answer_gets_into_the_log(reader: Reader, sara: Person) -> None:
    device = equipped(reader, sara)
    reader.post(ALONE, {"credential": device.get(question(reader.get(ALONE)))})
    assert json.loads(device.get('{"challenge": "AA"}'))["id"] not in reader.office.log.getvalue()
