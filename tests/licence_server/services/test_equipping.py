"""Passkeys of one's own: made with a proof of both factors, removed with another, and by whoever owns the server."""

import os
from dataclasses import replace

import pytest

from keys.errors import InvalidInputError, NotAllowedError, NotFoundError, NotSignedInError, StateConflictError
from licence_server.domain.audit import Sought
from licence_server.domain.passkey import CEREMONY, MOST_PASSKEYS
from licence_server.passkeys import Ceremonies
from licence_server.services.admitting import SignedIn
from tests.licence_server.authenticator import PRESENT, Authenticator
from tests.licence_server.people import DESK, Person
from tests.licence_server.vendor import ME, Vendor

pytestmark = pytest.mark.threat(29)


@pytest.fixture
def sara(vendor: Vendor) -> Person:
    return Person.ready(vendor)


def asked(vendor: Vendor, person: Person) -> tuple[SignedIn, str]:
    """Somebody signs in, and their browser is asked for a passkey."""
    here = person.sign_in()
    options = vendor.equipping.propose(here.actor, person.proof(), here.token)
    vendor.clock.advance(60)
    return here, options


def test_several_with_names(vendor: Vendor, sara: Person) -> None:
    first = sara.equip(Authenticator(), "تلفن همراه")
    second = sara.equip(Authenticator(), "کلید USB")
    assert list(vendor.equipping.passkeys(sara.operator.id)) == [first, second]
    assert (first.name, first.counter, first.last_used_at) == ("تلفن همراه", 0, None)
    events = [entry.event for entry in vendor.auditing.entries(Sought(of=sara.operator.id))]
    assert events[-2:] == ["passkey_asked", "passkey_added"]
    assert vendor.auditing.verify().valid


def test_the_same_device_is_told_what_it_has(vendor: Vendor, sara: Person) -> None:
    passkey = sara.equip(Authenticator())
    assert passkey.credential in asked(vendor, sara)[1]


@pytest.mark.parametrize("proof", [{"password": "wrong"}, {"code": "000000"}])
def test_no_passkey_without_a_proof_of_both(vendor: Vendor, sara: Person, proof: dict) -> None:
    here = sara.sign_in()
    with pytest.raises(NotSignedInError):
        vendor.equipping.propose(here.actor, replace(sara.proof(), **proof), here.token)
    with pytest.raises(InvalidInputError, match="try once more"):
        vendor.equipping.add(here.actor, here.token, "mine", "{}")


def test_no_program_makes_one(vendor: Vendor, sara: Person) -> None:
    with pytest.raises(NotAllowedError):
        vendor.equipping.propose(replace(sara.actor, token="tok_1"), sara.proof(), "token")


@pytest.mark.parametrize("lie", [{"origin": "https://evil.example"}, {"challenge": "AAEC"}, {"type": "webauthn.get"}])
def test_what_was_made_for_another_page_or_question_is_none(vendor: Vendor, sara: Person, lie: dict) -> None:
    here, options = asked(vendor, sara)
    with pytest.raises(InvalidInputError, match="does not hold"):
        vendor.equipping.add(here.actor, here.token, "mine", Authenticator().create(options, **lie))
    assert vendor.equipping.passkeys(sara.operator.id) == []


def test_what_nobody_unlocked_is_none(vendor: Vendor, sara: Person) -> None:
    here, options = asked(vendor, sara)
    with pytest.raises(InvalidInputError, match="does not hold"):
        vendor.equipping.add(here.actor, here.token, "mine", Authenticator(flags=PRESENT).create(options))


def test_an_answer_counts_once_in_time_and_in_its_session(vendor: Vendor, sara: Person) -> None:
    here, options = asked(vendor, sara)
    answer = Authenticator().create(options)
    with pytest.raises(InvalidInputError, match="try once more"):
        vendor.equipping.add(here.actor, sara.sign_in().token, "mine", answer)
    vendor.equipping.add(here.actor, here.token, "mine", answer)
    with pytest.raises(InvalidInputError, match="try once more"):
        vendor.equipping.add(here.actor, here.token, "mine", answer)
    here, options = asked(vendor, sara)
    vendor.clock.advance(CEREMONY - 60)
    with pytest.raises(InvalidInputError, match="try once more"):
        vendor.equipping.add(here.actor, here.token, "mine", Authenticator().create(options))


def test_a_passkey_is_registered_once(vendor: Vendor, sara: Person) -> None:
    reza, device = Person.ready(vendor, "reza"), Authenticator()
    sara.equip(device)
    device.kept_as = device.kept[0].id
    with pytest.raises(StateConflictError, match="already"):
        reza.equip(device)


def test_there_is_an_end(vendor: Vendor, sara: Person) -> None:
    here, options = asked(vendor, sara)
    passkey = vendor.equipping.add(here.actor, here.token, "first", Authenticator().create(options))
    with vendor.database.unit() as unit:
        for number in range(MOST_PASSKEYS - 1):
            unit.passkeys.add(replace(passkey, id=f"pky_{number}", credential=os.urandom(9).hex()))
    with pytest.raises(StateConflictError, match="Nobody has more"):
        vendor.equipping.propose(here.actor, sara.proof(), here.token)


def test_a_removed_one_opens_nothing_and_ends_the_sessions(vendor: Vendor, sara: Person) -> None:
    device = Authenticator()
    passkey = sara.equip(device)
    here, there = sara.sign_in(), sara.sign_in()
    vendor.equipping.remove(here.actor, sara.proof(), passkey.id, here.session.id)
    assert [each.id for each in vendor.authenticating.sessions(sara.operator.id)] == [here.session.id]
    assert there.session.id != here.session.id
    with pytest.raises(NotSignedInError):
        vendor.recognising.enter("visit", device.get(vendor.recognising.ask("visit", DESK)), DESK)
    assert vendor.auditing.verify().valid


def test_nobody_removes_the_passkey_of_another(vendor: Vendor, sara: Person) -> None:
    passkey = Person.ready(vendor, "reza").equip(Authenticator())
    with pytest.raises(NotFoundError):
        vendor.equipping.remove(sara.actor, sara.proof(), passkey.id)
    with pytest.raises(NotFoundError):
        vendor.equipping.take_away(sara.operator.id, passkey.id, ME)


def test_the_owner_of_the_server_takes_one_away_but_not_the_last_factor(vendor: Vendor, sara: Person) -> None:
    first, second = sara.equip(Authenticator()), sara.equip(Authenticator())
    vendor.securing.drop_second_factor(sara.actor, sara.proof())
    vendor.equipping.take_away(sara.operator.id, first.id, ME)
    with pytest.raises(StateConflictError, match="last second factor"):
        vendor.equipping.take_away(sara.operator.id, second.id, ME)
    assert vendor.authenticating.sessions(sara.operator.id) == []
    assert vendor.auditing.verify().valid


@pytest.mark.parametrize("issuer", ["https://203.0.113.9", "http://127.0.0.1:7410", "https://[2001:db8::1]"])
def test_at_an_address_without_a_name_there_are_none(vendor: Vendor, sara: Person, issuer: str) -> None:
    ceremonies = Ceremonies(issuer)
    with pytest.raises(StateConflictError, match="names alone"):
        replace(vendor.equipping, ceremonies=ceremonies).propose(sara.actor, sara.proof(), "token")
    with pytest.raises(StateConflictError, match="names alone"):
        replace(vendor.recognising, ceremonies=ceremonies).ask("visit", DESK)
