"""Signing in by a passkey: in place of the code, or alone; and in vain."""

import json
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, generate_private_key

from keys.errors import NotSignedInError, RateLimitedError
from licence_server.domain.audit import Sought
from licence_server.domain.passkey import CEREMONY, holder_of
from licence_server.services.admitting import Pending, SignedIn
from tests.licence_server.authenticator import PRESENT, Authenticator
from tests.licence_server.people import DESK, Person
from tests.licence_server.vendor import ME, Vendor

pytestmark = pytest.mark.threat(29)
VISIT = "what the browser holds"


@pytest.fixture
def device() -> Authenticator:
    return Authenticator()


@pytest.fixture
def sara(vendor: Vendor, device: Authenticator) -> Person:
    person = Person.ready(vendor)
    person.equip(device)
    return person


def alone(vendor: Vendor, device: Authenticator, **lies: Any) -> SignedIn | Pending:
    return vendor.recognising.enter(VISIT, device.get(vendor.recognising.ask(VISIT, DESK), **lies), DESK)


def test_alone(vendor: Vendor, sara: Person, device: Authenticator) -> None:
    entered = alone(vendor, device)
    assert isinstance(entered, SignedIn)
    assert vendor.authenticating.session(entered.token).operator == sara.stored
    (passkey,) = vendor.equipping.passkeys(sara.operator.id)
    assert (passkey.counter, passkey.last_used_at) == (1, vendor.clock.now())
    last = vendor.auditing.entries(Sought(of=sara.operator.id))[-1]
    assert (last.event, json.loads(last.details)["how"]) == ("signed_in", "passkey_alone")
    assert vendor.auditing.verify().valid


def test_in_place_of_the_code(vendor: Vendor, sara: Person, device: Authenticator) -> None:
    pending = sara.begin()
    assert (pending.step, pending.has_passkeys) == ("code", True)
    options = vendor.recognising.ask_for_code(pending.token, DESK)
    assert len(json.loads(options)["allowCredentials"]) == 1
    entered = vendor.recognising.complete(pending.token, device.get(options), DESK)
    assert isinstance(entered, SignedIn)
    with pytest.raises(NotSignedInError):
        vendor.signing_in.complete(pending.token, sara.code(), DESK)
    assert vendor.auditing.verify().valid


@pytest.mark.parametrize(
    "lie",
    [
        {"origin": "https://licence.example.org"}, {"origin": "http://licence.example.com"},
        {"challenge": "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8"}, {"type": "webauthn.create"},
    ],
    ids=str,
)  # fmt: skip
def test_an_answer_for_another_page_or_question_opens_nothing(
    vendor: Vendor, sara: Person, device: Authenticator, lie: dict
) -> None:
    with pytest.raises(NotSignedInError):
        alone(vendor, device, **lie)
    pending = sara.begin()
    answer = device.get(vendor.recognising.ask_for_code(pending.token, DESK), **lie)
    with pytest.raises(NotSignedInError):
        vendor.recognising.complete(pending.token, answer, DESK)


def phishing(device: Authenticator) -> None:
    device.host = "licence.example.org"


def unlocked_by_nobody(device: Authenticator) -> None:
    device.flags = PRESENT


def with_another_key(device: Authenticator) -> None:
    device.kept[0].key = generate_private_key(SECP256R1())


def of_somebody_else(device: Authenticator) -> None:
    device.kept[0].user = b"opr_somebody"


@pytest.mark.parametrize("change", [phishing, unlocked_by_nobody, with_another_key, of_somebody_else])
def test_an_authenticator_that_is_not_the_one_opens_nothing(
    vendor: Vendor, sara: Person, device: Authenticator, change: Callable[[Authenticator], None]
) -> None:
    change(device)
    with pytest.raises(NotSignedInError, match="opens nothing"):
        alone(vendor, device)


def test_a_challenge_is_answered_once_in_time_and_by_its_holder(
    vendor: Vendor, sara: Person, device: Authenticator
) -> None:
    answer = device.get(vendor.recognising.ask(VISIT, DESK))
    with pytest.raises(NotSignedInError, match="try once more"):
        vendor.recognising.enter("another browser", answer, DESK)
    vendor.recognising.enter(VISIT, answer, DESK)
    with pytest.raises(NotSignedInError, match="try once more"):
        vendor.recognising.enter(VISIT, answer, DESK)
    answer = device.get(vendor.recognising.ask(VISIT, DESK))
    vendor.recognising.ask(VISIT, DESK)
    with pytest.raises(NotSignedInError):
        vendor.recognising.enter(VISIT, answer, DESK)
    answer = device.get(vendor.recognising.ask(VISIT, DESK))
    vendor.clock.advance(CEREMONY)
    with pytest.raises(NotSignedInError, match="try once more"):
        vendor.recognising.enter(VISIT, answer, DESK)


def test_of_two_at_once_one_gets_in(vendor: Vendor, sara: Person, device: Authenticator) -> None:
    answer = device.get(vendor.recognising.ask(VISIT, DESK))

    def enter(_number: int) -> bool:
        try:
            vendor.recognising.enter(VISIT, answer, DESK)
        except NotSignedInError:
            return False
        return True

    with ThreadPoolExecutor(4) as pool:
        assert sorted(pool.map(enter, range(4))) == [False, False, False, True]


def test_a_challenge_of_one_step_is_none_for_another(vendor: Vendor, sara: Person, device: Authenticator) -> None:
    pending = sara.begin()
    answer = device.get(vendor.recognising.ask(pending.token, DESK))
    with pytest.raises(NotSignedInError, match="try once more"):
        vendor.recognising.complete(pending.token, answer, DESK)


def test_a_passkey_of_another_person_completes_nothing(vendor: Vendor, sara: Person) -> None:
    reza, theirs = Person.ready(vendor, "reza"), Authenticator()
    reza.equip(theirs)
    pending = sara.begin()
    answer = theirs.get(vendor.recognising.ask_for_code(pending.token, DESK))
    with pytest.raises(NotSignedInError, match="opens nothing"):
        vendor.recognising.complete(pending.token, answer, DESK)


def test_who_has_none_is_told_so(vendor: Vendor) -> None:
    person = Person.ready(vendor)
    pending = person.begin()
    assert not pending.has_passkeys
    with pytest.raises(NotSignedInError, match="no passkey"):
        vendor.recognising.ask_for_code(pending.token, DESK)


def test_an_authenticator_that_does_not_count_is_good(vendor: Vendor, sara: Person, device: Authenticator) -> None:
    device.steps = 0
    for _ in range(2):
        assert isinstance(alone(vendor, device), SignedIn)


def test_a_copy_is_found_and_written_down(vendor: Vendor, sara: Person, device: Authenticator) -> None:
    alone(vendor, device)
    device.kept[0].counter -= 1
    with pytest.raises(NotSignedInError, match="copied"):
        alone(vendor, device)
    assert vendor.auditing.entries(Sought(of=sara.operator.id))[-1].event == "passkey_copied"
    assert vendor.auditing.verify().valid


def test_who_is_disabled_stays_out(vendor: Vendor, sara: Person, device: Authenticator) -> None:
    vendor.enrolling.disable(sara.operator.id, ME)
    with pytest.raises(NotSignedInError, match="opens nothing"):
        alone(vendor, device)


def test_a_reset_takes_passkeys_away(vendor: Vendor, sara: Person, device: Authenticator) -> None:
    vendor.enrolling.reset(sara.operator.id, ME)
    with pytest.raises(NotSignedInError, match="opens nothing"):
        alone(vendor, device)
    assert vendor.equipping.passkeys(sara.operator.id) == []
    assert vendor.auditing.verify().valid


def test_without_an_authenticator_the_password_alone_sets_up_none(
    vendor: Vendor, sara: Person, device: Authenticator
) -> None:
    """Whoever gave the telephone up proves a passkey before another one is set up."""
    vendor.securing.drop_second_factor(sara.actor, sara.proof())
    assert sara.begin().step == "code"
    entered = alone(vendor, device)
    assert isinstance(entered, Pending)
    assert entered.step == "enrolment"
    assert sara.set_up(entered).actor == sara.actor
    assert vendor.auditing.verify().valid


def test_questions_are_counted_until_they_are_answered(vendor: Vendor, sara: Person, device: Authenticator) -> None:
    for _ in range(30):
        alone(vendor, device)
    for _ in range(10):
        vendor.recognising.ask(VISIT, DESK)
    with pytest.raises(RateLimitedError):
        vendor.recognising.ask(VISIT, DESK)


def test_guesses_in_place_of_the_code_are_counted(vendor: Vendor, sara: Person, device: Authenticator) -> None:
    pending = sara.begin()
    for _ in range(10):
        vendor.recognising.ask_for_code(pending.token, DESK)
    with pytest.raises(RateLimitedError):
        vendor.recognising.ask_for_code(pending.token, DESK)


@pytest.mark.parametrize("answer", ["", "{}", "[]", "null", "x" * 20_000, '{"id":"AA","rawId":"AA","type":"x"}'])
def test_nonsense_opens_nothing(vendor: Vendor, sara: Person, answer: str) -> None:
    vendor.recognising.ask(VISIT, DESK)
    with pytest.raises(NotSignedInError, match="opens nothing"):
        vendor.recognising.enter(VISIT, answer, DESK)


def test_challenges_are_forgotten(vendor: Vendor, sara: Person) -> None:
    vendor.recognising.ask(VISIT, DESK)
    vendor.authenticating.sweep()
    with vendor.database.reading() as unit:
        assert unit.challenges.is_there(holder_of("alone", VISIT))
    vendor.clock.advance(CEREMONY)
    vendor.authenticating.sweep()
    with vendor.database.reading() as unit:
        assert not unit.challenges.is_there(holder_of("alone", VISIT))
