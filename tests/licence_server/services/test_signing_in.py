"""Signing in: first, every day, and in vain."""

import json
import os
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest

from keys.errors import InvalidInputError, KeyUnsafeError, NotSignedInError, RateLimitedError
from keys.sealing import Sealing
from licence_server.domain.audit import Sought
from licence_server.domain.operator import MOST_WRONG_CODES
from licence_server.domain.session import Place
from tests.licence_server.people import DESK, PASSWORD, Person
from tests.licence_server.vendor import ME, Vendor

pytestmark = pytest.mark.threat(29)


def events(vendor: Vendor, person: Person) -> list[str]:
    return [entry.event for entry in vendor.auditing.entries(Sought(of=person.operator.id))]


def everything_written(vendor: Vendor) -> str:
    return json.dumps([(entry.actor, entry.event, entry.details) for entry in vendor.auditing.entries()])


def test_the_first_sign_in_sets_a_password_and_a_second_factor(vendor: Vendor) -> None:
    person = Person.added(vendor)
    once = person.password
    pending = person.begin()
    assert pending.step == "password"
    pending = vendor.signing_in.set_password(pending.token, PASSWORD, DESK)
    person.password = PASSWORD
    assert pending.step == "enrolment"
    proposal = vendor.signing_in.propose(pending.token)
    assert vendor.signing_in.propose(pending.token) == proposal
    assert proposal.uri == f"otpauth://totp/licences:sara?secret={proposal.secret}&issuer=licences"
    signed_in = person.set_up(pending)
    assert len(signed_in.recovery_codes) == len(set(signed_in.recovery_codes)) == 10
    assert signed_in.actor == person.actor
    found = vendor.authenticating.session(signed_in.token)
    assert (found.session.id, found.operator, found.csrf) == (signed_in.session.id, person.stored, signed_in.csrf)
    assert events(vendor, person) == ["operator_added", "password_changed", "signed_in"]
    assert vendor.auditing.verify().valid
    with pytest.raises(NotSignedInError):
        vendor.signing_in.begin("sara", once, DESK)
    written = everything_written(vendor)
    for secret in (once, PASSWORD, person.secret, signed_in.token, *signed_in.recovery_codes):
        assert secret not in written


def test_every_day(vendor: Vendor) -> None:
    person = Person.ready(vendor)
    pending = person.begin()
    assert (pending.step, pending.expires_at) == ("code", vendor.clock.now() + 600)
    signed_in = vendor.signing_in.complete(pending.token, person.code(), DESK)
    assert signed_in.recovery_codes == ()
    assert vendor.authenticating.session(signed_in.token).operator.name == "sara"
    assert vendor.auditing.verify().valid


def test_each_step_has_a_token_of_its_own_which_opens_nothing_else(vendor: Vendor) -> None:
    """Nobody's session begins with what was in a browser before (fixation)."""
    person = Person.added(vendor)
    first = person.begin()
    second = vendor.signing_in.set_password(first.token, PASSWORD, DESK)
    signed_in = person.set_up(second)
    assert len({first.token, second.token, signed_in.token}) == 3
    for token in (first.token, second.token, "", "x" * 10_000, "\ud800"):
        with pytest.raises(NotSignedInError):
            vendor.authenticating.session(token)
        with pytest.raises(NotSignedInError):
            vendor.signing_in.complete(token, person.code(), DESK)
    for step in (lambda: vendor.signing_in.set_password(signed_in.token, PASSWORD, DESK),
                 lambda: vendor.signing_in.propose(signed_in.token)):  # fmt: skip
        with pytest.raises(NotSignedInError):
            step()


def test_a_sign_in_has_ten_minutes(vendor: Vendor) -> None:
    person = Person.ready(vendor)
    pending = person.begin()
    vendor.clock.advance(599)
    late = person.begin()
    vendor.clock.advance(1)
    with pytest.raises(NotSignedInError, match="begin again"):
        vendor.signing_in.complete(pending.token, person.code(), DESK)
    assert vendor.signing_in.complete(late.token, person.code(), DESK).operator.name == "sara"


def test_an_unknown_name_a_wrong_password_and_a_disabled_operator_look_the_same(vendor: Vendor) -> None:
    person, gone = Person.ready(vendor), Person.ready(vendor, "reza")
    vendor.enrolling.disable(gone.operator.id, ME)
    vendor.passwords.verified.clear()
    said = []
    tries = [
        ("nobody", PASSWORD),
        ("no name at all", PASSWORD),
        ("x" * 10_000, "y" * 100_000),
        ("\ud800\x00", "\ud800"),
    ]
    for name, password in [*tries, ("sara", "another long password"), ("reza", PASSWORD)]:
        with pytest.raises(NotSignedInError) as refused:
            vendor.signing_in.begin(name, password, DESK)
        said.append(str(refused.value))
    assert len(set(said)) == 1
    assert vendor.passwords.verified == [None] * 4 + [person.stored.password_hash, None]


def test_a_password_is_the_same_on_every_keyboard(vendor: Vendor) -> None:
    person = Person.added(vendor)
    vendor.signing_in.set_password(person.begin().token, "café on the old bridge", DESK)
    assert vendor.signing_in.begin("sara", "cafe\u0301 on the old bridge", DESK).step == "enrolment"


@pytest.mark.parametrize(
    ("password", "why"),
    [
        ("short", "12 to 256"),
        ("x" * 257, "12 to 256"),
        ("sara likes boats", "easily guessed"),
        ("karimi likes boats", "easily guessed"),
    ],
)
def test_a_weak_password_is_refused_and_the_sign_in_goes_on(vendor: Vendor, password: str, why: str) -> None:
    person = Person.added(vendor, "sara.karimi")
    pending = person.begin()
    with pytest.raises(InvalidInputError, match=why):
        vendor.signing_in.set_password(pending.token, password, DESK)
    assert vendor.signing_in.set_password(pending.token, PASSWORD, DESK).step == "enrolment"


def test_the_password_that_was_told_can_not_stay(vendor: Vendor) -> None:
    person = Person.added(vendor)
    with pytest.raises(InvalidInputError, match="another"):
        vendor.signing_in.set_password(person.begin().token, person.password, DESK)


def test_a_code_is_good_once(vendor: Vendor) -> None:
    person = Person.ready(vendor)
    code = person.code()
    vendor.signing_in.complete(person.begin().token, code, DESK)
    with pytest.raises(NotSignedInError, match="used before"):
        vendor.signing_in.complete(person.begin().token, code, DESK)
    vendor.signing_in.complete(person.begin().token, person.code(+1), DESK)
    with pytest.raises(NotSignedInError):
        vendor.signing_in.complete(person.begin().token, person.code(), DESK)


def test_of_many_who_type_one_code_at_once_one_gets_in(vendor: Vendor) -> None:
    person = Person.ready(vendor)
    code, tokens = person.code(), [person.begin().token for _ in range(4)] * 2

    def finish(token: str) -> bool:
        try:
            vendor.signing_in.complete(token, code, DESK)
        except NotSignedInError:
            return False
        return True

    with ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(finish, tokens)) == 1
    assert len(vendor.authenticating.sessions(person.operator.id)) == 1
    assert vendor.auditing.verify().valid


def test_a_second_factor_under_another_passphrase_leaves_recovery_codes(vendor: Vendor) -> None:
    person = Person.ready(vendor)
    other = Sealing(b"another passphrase", "https://licence.example.com", os.urandom)
    signing_in = replace(vendor.signing_in, proving=replace(vendor.signing_in.proving, seal=other))
    with pytest.raises(KeyUnsafeError, match="recovery code"):
        signing_in.complete(person.begin().token, person.code(), DESK)
    signed_in = signing_in.complete(person.begin().token, person.recovery_codes[0], DESK)
    assert signed_in.operator.name == "sara"


def test_the_code_that_set_the_second_factor_up_is_used(vendor: Vendor) -> None:
    person = Person.added(vendor)
    person.first_sign_in()
    with pytest.raises(NotSignedInError):
        vendor.signing_in.complete(person.begin().token, person.code(), DESK)


@pytest.mark.parametrize("typed", ["", "12345", "1234567", "abcdef", "۱۲۳", "0" * 10_000, "\ud800"])
def test_what_is_no_code_sets_no_second_factor_up(vendor: Vendor, typed: str) -> None:
    person = Person.added(vendor)
    pending = vendor.signing_in.set_password(person.begin().token, PASSWORD, DESK)
    with pytest.raises(NotSignedInError):
        vendor.signing_in.complete(pending.token, "123456", DESK)  # before anything was proposed
    vendor.signing_in.propose(pending.token)
    with pytest.raises(NotSignedInError):
        vendor.signing_in.complete(pending.token, typed, DESK)
    assert person.stored.secret is None


def test_a_recovery_code_is_good_once_however_it_is_typed(vendor: Vendor) -> None:
    person = Person.ready(vendor)
    first, second, *_ = person.recovery_codes
    signed_in = vendor.signing_in.complete(person.begin().token, f" {first.lower().replace('-', ' ')} ", DESK)
    vendor.authenticating.session(signed_in.token)
    with pytest.raises(NotSignedInError):
        vendor.signing_in.complete(person.begin().token, first, DESK)
    vendor.signing_in.complete(person.begin().token, second, DESK)
    assert len(person.stored.recovery) == 8
    assert vendor.auditing.verify().valid


def test_guessed_codes_come_to_an_end_but_recovery_codes_do_not(vendor: Vendor) -> None:
    person = Person.ready(vendor)
    for _ in range(MOST_WRONG_CODES):
        vendor.clock.advance(60)
        pending = person.begin()
        with pytest.raises(NotSignedInError):
            vendor.signing_in.complete(pending.token, "000000" if person.code() != "000000" else "000001", DESK)
    for code in (person.code(), "000000"):
        vendor.clock.advance(60)
        with pytest.raises(NotSignedInError, match="recovery code"):
            vendor.signing_in.complete(person.begin().token, code, DESK)
    assert person.stored.wrong_codes == MOST_WRONG_CODES
    assert events(vendor, person).count("second_factor_locked") == 1
    assert vendor.auditing.verify().valid
    vendor.signing_in.complete(person.begin().token, person.recovery_codes[0], DESK)
    vendor.clock.advance(60)
    person.sign_in()


def test_guesses_at_a_name_are_put_off_wherever_they_come_from(vendor: Vendor) -> None:
    person, other = Person.ready(vendor), Person.ready(vendor, "reza")
    places = [Place.of(f"198.51.100.{number}", "") for number in range(30)]
    found = [refusal(vendor, "sara", "a wrong password", place) for place in places]
    assert found == ["not-signed-in"] * 10 + ["rate-limited"] * 20
    vendor.passwords.verified.clear()
    assert refusal(vendor, "sara", PASSWORD, DESK) == "rate-limited"
    assert vendor.passwords.verified == []
    other.sign_in()
    person.sign_in()  # a minute later


def test_guesses_from_an_address_are_put_off_whatever_the_name(vendor: Vendor) -> None:
    person = Person.ready(vendor)
    found = [refusal(vendor, f"name{number}", "a wrong password", DESK) for number in range(12)]
    assert found == ["not-signed-in"] * 10 + ["rate-limited"] * 2
    person.sign_in(Place.of("198.51.100.1", ""))


def test_who_is_right_is_not_counted(vendor: Vendor) -> None:
    person = Person.ready(vendor)
    for _ in range(30):
        person.begin()
    person.sign_in()


def test_the_record_says_once_a_minute_that_somebody_guesses_on(vendor: Vendor) -> None:
    person = Person.ready(vendor)
    for _ in range(100):
        refusal(vendor, "sara", "a secret that was typed", DESK)
        refusal(vendor, "a secret in the wrong field", "", DESK)
    assert events(vendor, person).count("sign_in_limited") == 1
    written = everything_written(vendor)
    assert "sign_in_limited" in written
    assert "secret" not in written
    vendor.clock.advance(60)
    for _ in range(100):
        refusal(vendor, "nobody", "", DESK)
    assert everything_written(vendor).count("sign_in_limited") == 2
    assert vendor.auditing.verify().valid


def refusal(vendor: Vendor, name: str, password: str, place: Place) -> str:
    with pytest.raises((NotSignedInError, RateLimitedError)) as refused:
        vendor.signing_in.begin(name, password, place)
    return refused.value.word


def test_a_password_of_weaker_parameters_is_hashed_anew(vendor: Vendor) -> None:
    person = Person.ready(vendor)
    before = person.stored
    with vendor.database.unit() as unit:
        unit.operators.put(before.with_password(f"old${PASSWORD}", before.password_at or 0))
    person.begin()
    assert (person.stored, events(vendor, person)[-1]) == (before, "password_hashed_anew")
    assert vendor.auditing.verify().valid


def test_who_is_disabled_while_the_password_is_looked_at_is_not_let_in(vendor: Vendor) -> None:
    person = Person.ready(vendor)
    vendor.passwords.meanwhile = lambda: vendor.enrolling.disable(person.operator.id, ME)
    with pytest.raises(NotSignedInError):
        person.begin()


def test_who_is_disabled_between_two_steps_is_not_let_in(vendor: Vendor) -> None:
    person = Person.ready(vendor)
    pending, who = person.begin(), person.operator.id
    vendor.enrolling.disable(who, ME)
    vendor.enrolling.enable(who, ME)
    with pytest.raises(NotSignedInError):
        vendor.signing_in.complete(pending.token, person.code(), DESK)
