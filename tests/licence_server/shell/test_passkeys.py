"""The door to the library of passkeys: whatever a browser sends, there is an answer and never a crash."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from licence_server.domain.operator import Operator
from licence_server.domain.passkey import Passkey
from licence_server.passkeys import Ceremonies
from tests.licence_server.authenticator import Authenticator, encoded

CHALLENGE = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8"
OPERATOR = Operator("opr_1", "sara", "sales", "hash", 1)
HERE = Ceremonies("https://licence.example.com")
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda part: st.lists(part) | st.dictionaries(st.text(), part),
)


def made(device: Authenticator, ceremonies: Ceremonies = HERE) -> Passkey:
    found = ceremonies.created(CHALLENGE, device.create(ceremonies.creation(CHALLENGE, OPERATOR, [])))
    assert found is not None
    return Passkey("pky_1", "opr_1", "telephone", found.credential, found.public_key, found.counter, 1)


DEVICE = Authenticator()
PASSKEY = made(DEVICE)
ANSWER = json.loads(DEVICE.get(HERE.request(CHALLENGE, [PASSKEY])))
CREATED = json.loads(DEVICE.create(HERE.creation(CHALLENGE, OPERATOR, [])))


def test_what_browsers_are_asked() -> None:
    asked = json.loads(HERE.creation(CHALLENGE, OPERATOR, [PASSKEY]))
    assert (asked["rp"]["id"], asked["challenge"], asked["timeout"]) == ("licence.example.com", CHALLENGE, 600_000)
    assert (asked["user"]["id"], asked["user"]["name"]) == (encoded(b"opr_1"), "sara")
    selection = asked["authenticatorSelection"]
    assert (selection["residentKey"], selection["userVerification"]) == ("required", "required")
    assert [each["id"] for each in asked["excludeCredentials"]] == [PASSKEY.credential]
    asked = json.loads(HERE.request(CHALLENGE, []))
    assert (asked["rpId"], asked["userVerification"], asked["allowCredentials"]) == (
        "licence.example.com", "required", [],
    )  # fmt: skip


@pytest.mark.parametrize(
    ("issuer", "origin", "host"),
    [
        ("https://licence.example.com", "https://licence.example.com", "licence.example.com"),
        ("https://licence.example.com:443", "https://licence.example.com", "licence.example.com"),
        ("https://Licence.example.com:8443", "https://licence.example.com:8443", "licence.example.com"),
        ("http://localhost:7410", "http://localhost:7410", "localhost"),
        ("http://localhost:80", "http://localhost", "localhost"),
    ],
)
def test_a_page_is_ours_by_the_issuer(issuer: str, origin: str, host: str) -> None:
    device, ceremonies = Authenticator(origin, host), Ceremonies(issuer)
    passkey = made(device, ceremonies)
    assert ceremonies.asserted(CHALLENGE, device.get(ceremonies.request(CHALLENGE, [])), passkey) == 1
    assert HERE.asserted(CHALLENGE, device.get(HERE.request(CHALLENGE, [])), passkey) is (
        2 if origin == "https://licence.example.com" else None
    )


def test_a_good_answer_is_good() -> None:
    assert HERE.asserted(CHALLENGE, json.dumps(ANSWER), PASSKEY) == 1
    assert HERE.credential(json.dumps(ANSWER)) == PASSKEY.credential
    assert HERE.created(CHALLENGE, json.dumps(CREATED)) is not None


@pytest.mark.threat(29)
@given(
    st.sampled_from(["clientDataJSON", "authenticatorData", "signature", "userHandle"]), st.binary(max_size=200) | JSON
)
def test_a_member_of_an_answer_that_was_exchanged_is_found(member: str, other: object) -> None:
    sent = encoded(other) if isinstance(other, bytes) else other
    if sent == ANSWER["response"][member] or (member == "userHandle" and sent is None):
        return
    changed = {**ANSWER, "response": {**ANSWER["response"], member: sent}}
    assert HERE.asserted(CHALLENGE, json.dumps(changed), PASSKEY) is None


@pytest.mark.threat(29)
@given(st.sampled_from(["clientDataJSON", "attestationObject"]), st.integers(0, 10_000), st.integers(1, 255))
def test_no_byte_of_what_was_made_breaks_the_door(member: str, place: int, change: int) -> None:
    data = bytearray(json.dumps(CREATED["response"][member]).encode())
    data[place % len(data)] ^= change
    changed = {**CREATED, "response": {**CREATED["response"], member: data.decode(errors="replace")}}
    HERE.created(CHALLENGE, json.dumps(changed))


@given(JSON)
def test_anything_at_all_is_no_answer(anything: object) -> None:
    text = json.dumps(anything)
    assert HERE.created(CHALLENGE, text) is None
    assert HERE.credential(text) is None
    assert HERE.asserted(CHALLENGE, text, PASSKEY) is None


def test_deep_nesting_is_no_answer() -> None:
    deep = {**CREATED, "response": {**CREATED["response"], "attestationObject": encoded(b"\x81" * 9_000)}}
    assert HERE.created(CHALLENGE, json.dumps(deep)) is None
    assert HERE.credential("[" * 16_000) is None
