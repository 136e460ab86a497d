"""Sessions and tokens: how long they count, and what ends them."""

from dataclasses import replace

import pytest

from keys.errors import NotFoundError, NotSignedInError
from licence_server.domain.audit import Sought
from licence_server.domain.session import Place, is_csrf_of
from tests.licence_server.people import DESK, Person
from tests.licence_server.vendor import ME, Vendor

pytestmark = pytest.mark.threat(29)
HALF_AN_HOUR, TWELVE_HOURS = 1_800, 43_200


def is_in(vendor: Vendor, token: str) -> bool:
    try:
        vendor.authenticating.session(token)
    except NotSignedInError:
        return False
    return True


def test_a_session_ends_half_an_hour_after_it_was_used_last(vendor: Vendor) -> None:
    person = Person.ready(vendor)
    used, left = person.sign_in().token, person.sign_in().token
    vendor.clock.advance(HALF_AN_HOUR - 180)
    assert is_in(vendor, used)
    vendor.clock.advance(180)
    assert (is_in(vendor, used), is_in(vendor, left)) == (True, False)
    vendor.clock.advance(HALF_AN_HOUR - 1)
    assert is_in(vendor, used)
    vendor.clock.advance(HALF_AN_HOUR)
    assert not is_in(vendor, used)


def test_a_session_ends_twelve_hours_after_the_sign_in_however_busy(vendor: Vendor) -> None:
    person = Person.ready(vendor)
    token = vendor.signing_in.complete(person.begin().token, person.code(), DESK).token
    for _ in range(TWELVE_HOURS // 1_000):
        vendor.clock.advance(1_000)
        assert is_in(vendor, token)
    vendor.clock.advance(TWELVE_HOURS % 1_000 - 1)
    assert is_in(vendor, token)
    vendor.clock.advance(1)
    assert not is_in(vendor, token)


def test_the_use_of_a_session_is_written_down_once_a_minute(vendor: Vendor) -> None:
    person = Person.ready(vendor)
    signed_in = vendor.signing_in.complete(person.begin().token, person.code(), DESK)
    began = vendor.clock.now()
    vendor.clock.advance(59)
    assert vendor.authenticating.session(signed_in.token).session.seen_at == began
    vendor.clock.advance(1)
    assert vendor.authenticating.session(signed_in.token).session.seen_at == began + 60
    assert [each.seen_at for each in vendor.authenticating.sessions(person.operator.id)] == [began + 60]


def test_a_person_sees_where_they_are_signed_in_and_ends_it(vendor: Vendor) -> None:
    person, other = Person.ready(vendor), Person.ready(vendor, "reza")
    home = person.sign_in(Place.of("198.51.100.9", "Safari\x1b[31m on a \ud800telephone" + "x" * 1000))
    here = person.sign_in()
    person.begin()
    strange = other.sign_in()
    first, second = vendor.authenticating.sessions(person.operator.id)
    assert (first.id, second.id) == (home.session.id, here.session.id)
    assert first.place.address == "198.51.100.9"
    assert first.place.agent.startswith("Safari\ufffd[31m on a \ufffdtelephone")
    assert len(first.place.agent) == 200
    with pytest.raises(NotFoundError):
        vendor.authenticating.end(strange.session.id, person.operator.id, ME)
    vendor.authenticating.end(home.session.id, person.operator.id, ME)
    assert vendor.auditing.entries(Sought(of=person.operator.id))[-1].event == "session_ended"
    with pytest.raises(NotFoundError):
        vendor.authenticating.end(home.session.id, person.operator.id, ME)
    assert [is_in(vendor, each.token) for each in (home, here, strange)] == [False, True, True]


def test_signing_out_ends_one_session_and_is_never_wrong(vendor: Vendor) -> None:
    person = Person.ready(vendor)
    one, two, pending = person.sign_in(), person.sign_in(), person.begin()
    for token in (one.token, one.token, "nonsense", pending.token):
        vendor.authenticating.sign_out(token)
    assert [is_in(vendor, each.token) for each in (one, two)] == [False, True]
    with pytest.raises(NotSignedInError):
        vendor.signing_in.complete(pending.token, person.code(), DESK)


def test_all_sessions_of_a_person_end_but_the_one_to_keep(vendor: Vendor) -> None:
    person, other = Person.ready(vendor), Person.ready(vendor, "reza")
    kept, *ended = [person.sign_in() for _ in range(3)]
    strange = other.sign_in()
    assert vendor.authenticating.end_all(person.operator.id, ME, keep=kept.session.id) == 2
    assert [is_in(vendor, each.token) for each in (kept, *ended, strange)] == [True, False, False, True]
    assert vendor.authenticating.end_all(person.operator.id, ME) == 1
    with pytest.raises(NotFoundError):
        vendor.authenticating.end_all("opr_nobody", ME)
    entries = [
        each for each in vendor.auditing.entries(Sought(of=person.operator.id)) if each.event == "sessions_ended"
    ]
    assert [each.actor for each in entries] == [ME, ME]


def test_what_is_over_is_forgotten_and_nothing_else(vendor: Vendor) -> None:
    person = Person.ready(vendor)
    person.sign_in()
    person.begin()
    vendor.clock.advance(HALF_AN_HOUR)
    kept, pending = person.sign_in(), person.begin()
    vendor.authenticating.sweep()
    with vendor.database.engine.connect() as connection:
        assert connection.exec_driver_sql("SELECT count(*) FROM sessions").scalar() == 2
    assert is_in(vendor, kept.token)
    vendor.signing_in.complete(pending.token, person.code(), DESK)


def test_a_session_of_somebody_disabled_behind_our_back_does_not_count(vendor: Vendor) -> None:
    person = Person.ready(vendor)
    token = person.sign_in().token
    with vendor.database.unit() as unit:
        unit.operators.put(replace(person.stored, disabled_at=1))
    assert not is_in(vendor, token)


def test_a_form_belongs_to_one_session(vendor: Vendor) -> None:
    person = Person.ready(vendor)
    one, two = person.sign_in(), person.sign_in()
    assert is_csrf_of(one.token, one.csrf)
    for sent in (two.csrf, "", one.csrf + "0", "\ud800", one.token):
        assert not is_csrf_of(one.token, sent)


def test_no_token_of_a_session_lies_in_the_database(vendor: Vendor) -> None:
    person = Person.ready(vendor)
    signed_in = person.sign_in()
    with vendor.database.engine.connect() as connection:
        rows = str(connection.exec_driver_sql("SELECT * FROM sessions").all())
        rows += str(connection.exec_driver_sql("SELECT * FROM operators").all())
    assert signed_in.session.digest in rows
    for secret in (signed_in.token, signed_in.csrf, person.secret, *person.recovery_codes):
        assert secret not in rows
