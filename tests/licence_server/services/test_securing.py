"""What people do about their own password and second factor."""

from dataclasses import replace

import pytest

from keys.errors import InvalidInputError, NotAllowedError, NotSignedInError, RateLimitedError
from licence_server.domain.audit import Sought
from licence_server.domain.operator import MOST_WRONG_CODES
from licence_server.domain.rights import Actor
from licence_server.services.admitting import SignedIn
from tests.licence_server.people import DESK, PASSWORD, Person
from tests.licence_server.vendor import ME, Vendor

pytestmark = pytest.mark.threat(29)
NEXT = "seven boats and no lamp"


@pytest.fixture
def person(vendor: Vendor) -> Person:
    return Person.ready(vendor)


def is_in(vendor: Vendor, signed_in: SignedIn) -> bool:
    return any(each.id == signed_in.session.id for each in vendor.authenticating.sessions(signed_in.operator.id))


def test_another_password_ends_the_other_sessions(vendor: Vendor, person: Person) -> None:
    here, there = person.sign_in(), person.sign_in()
    assert vendor.securing.change_password(here.actor, person.proof(), NEXT, keep=here.session.id) == 1
    assert (is_in(vendor, here), is_in(vendor, there)) == (True, False)
    with pytest.raises(NotSignedInError):
        person.begin()
    person.password = NEXT
    vendor.clock.advance(60)
    person.sign_in()
    assert vendor.auditing.verify().valid
    events = [entry.event for entry in vendor.auditing.entries(Sought(of=person.operator.id))]
    assert events[-2:] == ["password_changed", "signed_in"]


def test_a_password_that_will_not_do_uses_no_code(vendor: Vendor, person: Person) -> None:
    for password in ("short", PASSWORD, "sara and more words"):
        with pytest.raises(InvalidInputError):
            vendor.securing.change_password(person.actor, person.proof(), password)
    vendor.securing.change_password(person.actor, person.proof(), NEXT)


def test_recovery_codes_are_made_anew(vendor: Vendor, person: Person) -> None:
    codes = vendor.securing.new_recovery_codes(person.actor, person.proof())
    vendor.clock.advance(60)
    with pytest.raises(NotSignedInError):
        vendor.signing_in.complete(person.begin().token, person.recovery_codes[0], DESK)
    for code in codes:
        vendor.signing_in.complete(person.begin().token, code, DESK)
    assert person.stored.recovery == ()
    assert vendor.auditing.verify().valid


def test_another_telephone(vendor: Vendor, person: Person) -> None:
    old, secret = person.sign_in(), person.secret
    assert vendor.securing.drop_second_factor(person.actor, person.proof(person.recovery_codes[0])) == 1
    assert not is_in(vendor, old)
    pending = person.begin()
    assert pending.step == "enrolment"
    person.set_up(pending)
    assert person.secret != secret
    assert vendor.auditing.verify().valid


@pytest.mark.parametrize("action", ["change_password", "new_recovery_codes", "drop_second_factor"])
def test_each_needs_both_proofs_each_time(vendor: Vendor, person: Person, action: str) -> None:
    words = (NEXT,) if action == "change_password" else ()
    act, before = getattr(vendor.securing, action), person.stored
    proof = person.proof()
    with pytest.raises(NotSignedInError):
        act(person.actor, replace(proof, password="another long password"), *words)
    with pytest.raises(NotSignedInError):
        act(person.actor, replace(proof, code="000000"), *words)
    assert replace(person.stored, wrong_codes=0) == before
    with pytest.raises(NotAllowedError, match="program"):
        act(Actor(before.id, before.name, before.role, "tok_1", frozenset()), proof, *words)
    act(person.actor, proof, *words)
    person.password = NEXT if words else PASSWORD
    with pytest.raises(NotSignedInError):
        act(person.actor, person.proof(proof.code), *([PASSWORD] if words else []))


def test_a_stolen_session_guesses_no_password_by_them(vendor: Vendor, person: Person) -> None:
    wrong = replace(person.proof(), password="another long password")
    found = []
    for _ in range(12):
        with pytest.raises((NotSignedInError, RateLimitedError)) as refused:
            vendor.securing.drop_second_factor(person.actor, wrong)
        found.append(refused.value.word)
    assert found == ["not-signed-in"] * 10 + ["rate-limited"] * 2


def test_wrong_codes_count_here_too(vendor: Vendor, person: Person) -> None:
    for _ in range(MOST_WRONG_CODES + 1):
        vendor.clock.advance(60)
        with pytest.raises(NotSignedInError):
            vendor.securing.drop_second_factor(person.actor, person.proof("nonsense"))
    assert person.stored.wrong_codes == MOST_WRONG_CODES
    with pytest.raises(NotSignedInError, match="recovery code"):
        vendor.securing.drop_second_factor(person.actor, person.proof())


def test_a_password_that_somebody_resets_meanwhile_proves_nothing(vendor: Vendor, person: Person) -> None:
    actor, proof = person.actor, person.proof()
    vendor.passwords.meanwhile = lambda: vendor.enrolling.reset(person.operator.id, ME)
    with pytest.raises(NotSignedInError):
        vendor.securing.drop_second_factor(actor, proof)
    assert person.stored.password_once


def test_who_was_disabled_meanwhile_changes_nothing(vendor: Vendor, person: Person) -> None:
    actor = person.actor
    vendor.enrolling.disable(person.operator.id, ME)
    with pytest.raises(NotSignedInError):
        vendor.securing.drop_second_factor(actor, person.proof())
