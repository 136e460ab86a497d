"""Four eyes, over both databases: without a second person nothing is done, and nothing is signed."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, update

from keys.errors import (
    ApprovalNeededError,
    LicenceNotActivatableError,
    NotAllowedError,
    NotFoundError,
    StateConflictError,
    UnavailableError,
)
from licence_server.domain.approval import APPROVAL_STATES, LIFETIME, YEAR, Approval, FourEyes
from licence_server.domain.licence import Order
from licence_server.domain.paging import every, place_of
from licence_server.domain.sizes import Sizes
from licence_server.storage.tables import approvals, codes, licences
from tests.licence_server.device import Device
from tests.licence_server.vendor import ME, Vendor

pytestmark = pytest.mark.threat(31)
OTHER = "operator:other"
RULES = FourEyes(users=5, rehosts=1, revocations=True)


@pytest.fixture
def strict(vendor: Vendor) -> Vendor:
    """A vendor that wants two people for licences of more than 5 users, second rehosts and revocations."""
    return vendor.with_policy(replace(vendor.policy, four_eyes=RULES))


def asked(vendor: Vendor, wish: Callable[[], object]) -> Approval:
    """Ask for something that needs two people, and return what waits for the second."""
    with pytest.raises(ApprovalNeededError) as refusal:
        wish()
    waiting = vendor.approving.approvals(["waiting"]).found
    assert len(waiting) == 1
    assert waiting[0].id in str(refusal.value)
    return waiting[0]


def large(vendor: Vendor, **changes: Any) -> Callable[[], Any]:
    order = replace(Order(vendor.customer().id, users=6, features=("sms",)), **changes)
    return lambda: vendor.issuing.issue(order, ME)


def moved(vendor: Vendor, licence_id: str) -> Device:
    device = Device(vendor)
    device.activate(vendor.moving.rehost(licence_id, "the old one burnt", ME))
    return device


def test_a_large_licence_is_issued_once_after_another_person_agreed(strict: Vendor) -> None:
    wish = large(strict)
    waiting = asked(strict, wish)
    assert asked(strict, wish) == waiting, "asking again asks for nothing more"
    assert strict.reading.licences().found == ()
    strict.approving.grant(waiting.id, OTHER)
    licence, code = wish()
    assert Device(strict).activate(code).seats.users == 6
    assert licence.approved_users == 6
    assert strict.approving.approvals().found[0].state_at(strict.clock.now()) == "used"
    assert asked(strict, wish).id != waiting.id, "it was for one licence"
    assert strict.auditing.verify().valid


@pytest.mark.parametrize("changes", [{"users": 5}, {"users": 3, "overdraft_users": 2, "overdraft_days": 3}])
def test_up_to_the_limit_one_person_is_enough(strict: Vendor, changes: dict[str, Any]) -> None:
    _, code = large(strict, **changes)()
    assert Device(strict).activate(code).seq == 1


def test_overdraft_counts_like_users(strict: Vendor) -> None:
    asked(strict, large(strict, users=5, overdraft_users=1, overdraft_days=1))


def test_an_approval_is_for_the_order_that_was_shown(strict: Vendor) -> None:
    order = Order(strict.customer().id, users=6)
    waiting = asked(strict, lambda: strict.issuing.issue(order, ME))
    strict.approving.grant(waiting.id, OTHER)
    asked(strict, lambda: strict.issuing.issue(replace(order, users=7), ME))
    other = Order(strict.customer("other").id, users=6)
    with pytest.raises(ApprovalNeededError):
        strict.issuing.issue(other, ME)


def test_nobody_decides_alone(strict: Vendor) -> None:
    waiting = asked(strict, large(strict))
    for by in (ME, "cli:tests"):
        with pytest.raises(NotAllowedError):
            strict.approving.grant(waiting.id, by)
    with pytest.raises(NotFoundError):
        strict.approving.grant("apr_none", OTHER)
    refused = strict.approving.refuse(waiting.id, "not ordered", OTHER)
    assert (refused.granted, refused.reason) == (False, "not ordered")
    with pytest.raises(StateConflictError):
        strict.approving.grant(waiting.id, OTHER)


def test_what_nobody_used_lapses(strict: Vendor) -> None:
    wish = large(strict)
    strict.approving.grant(asked(strict, wish).id, OTHER)
    strict.clock.advance(LIFETIME)
    asked(strict, wish)


def test_more_users_than_anybody_agreed_to_need_two(strict: Vendor) -> None:
    licence, code = strict.sell(users=5)
    device = Device(strict)
    device.activate(code)

    def grow(users: int) -> object:
        return strict.changing.seats(licence.id, Sizes(users, None), ME)

    waiting = asked(strict, lambda: grow(8))
    assert strict.licence(licence.id).seats.users == 5
    strict.approving.grant(waiting.id, OTHER)
    grow(8)
    assert device.validate().seats.users == 8
    grow(6)
    grow(8)
    assert device.validate().seats.users == 8, "that many were agreed to before"
    asked(strict, lambda: grow(9))
    assert strict.auditing.verify().valid


def test_a_licence_of_before_the_rule_goes_on_and_may_shrink(vendor: Vendor) -> None:
    licence, code = vendor.sell(users=50)
    device = Device(vendor)
    device.activate(code)
    strict = vendor.with_policy(replace(vendor.policy, four_eyes=RULES))
    assert device.validate().status == "active"
    assert strict.changing.seats(licence.id, Sizes(40, None), ME).seats.users == 40
    asked(strict, lambda: strict.changing.seats(licence.id, Sizes(51, None), ME))


def test_a_second_move_within_a_year_needs_two(strict: Vendor) -> None:
    licence, code = strict.sell()
    Device(strict).activate(code)
    moved(strict, licence.id)
    waiting = asked(strict, lambda: moved(strict, licence.id))
    strict.approving.grant(waiting.id, OTHER)
    assert moved(strict, licence.id).validate().status == "active"
    strict.clock.advance(YEAR)
    moved(strict, licence.id)


def test_what_can_not_be_done_is_not_asked_for(strict: Vendor) -> None:
    licence, _ = strict.sell()
    with pytest.raises(StateConflictError, match="on no server"):
        strict.moving.rehost(licence.id, "why not", ME)
    with pytest.raises(NotFoundError):
        strict.suspending.revoke("lic_none", "returned", ME)
    with pytest.raises(NotFoundError):
        strict.issuing.issue(Order("cus_none", users=6), ME)
    assert strict.approving.approvals().found == ()


def test_a_revocation_needs_two_where_the_vendor_says_so(strict: Vendor) -> None:
    licence, code = strict.sell()
    device = Device(strict)
    device.activate(code)
    waiting = asked(strict, lambda: strict.suspending.revoke(licence.id, "returned", ME))
    assert device.validate().status == "active"
    strict.approving.grant(waiting.id, OTHER)
    strict.suspending.revoke(licence.id, "returned", ME)
    assert device.validate().status == "revoked"


def test_of_two_who_use_an_approval_at_once_one_is_refused(strict: Vendor) -> None:
    waiting = asked(strict, large(strict))
    strict.approving.grant(waiting.id, OTHER)
    with strict.database.unit() as unit:
        strict.issuing.permits.use(unit, waiting.id, strict.clock.now())
    with pytest.raises(StateConflictError, match="allows nothing"), strict.database.unit() as unit:
        strict.issuing.permits.use(unit, waiting.id, strict.clock.now())


def test_nothing_is_signed_for_a_licence_that_somebody_made_larger_alone(strict: Vendor) -> None:
    """However it came about: here, by hand in the database."""
    licence, code = strict.sell(users=5)
    device = Device(strict)
    device.activate(code)
    seats = {**licence.seats.to_claims(), "users": 500}
    with strict.database.engine.begin() as connection:
        connection.execute(update(licences).where(licences.c.id == licence.id).values(seats=seats))
    with pytest.raises(UnavailableError, match="second person"):
        device.validate()
    assert not strict.auditing.verify().valid


def test_a_code_that_somebody_made_alone_moves_nothing(strict: Vendor) -> None:
    licence, code = strict.sell()
    first = Device(strict)
    first.activate(code)
    moved(strict, licence.id)
    strict.approving.grant(asked(strict, lambda: moved(strict, licence.id)).id, OTHER)
    fresh = strict.moving.rehost(licence.id, "the old one burnt", ME)
    with strict.database.engine.begin() as connection:
        connection.execute(update(codes).values(approval=None))
    with pytest.raises(LicenceNotActivatableError, match="second person"):
        Device(strict).activate(fresh)


@pytest.mark.threat(31, control=True)
def test_a_vendor_who_wants_no_second_person_signs_at_once(vendor: Vendor) -> None:
    _, code = large(vendor, users=500)()
    assert Device(vendor).activate(code).seats.users == 500


@pytest.mark.threat(32)
def test_an_answer_that_was_changed_behind_the_record_shows(strict: Vendor) -> None:
    asked(strict, large(strict))
    assert strict.auditing.verify().valid
    with strict.database.engine.begin() as connection:
        connection.execute(update(approvals).values(decided_by=OTHER, granted=True))
    report = strict.auditing.verify()
    assert not report.valid
    assert "Approval" in (report.problem or "")


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    made=st.lists(
        st.tuples(
            st.sampled_from([0, 1, LIFETIME - 1, LIFETIME, LIFETIME + 1]),
            st.sampled_from([None, True, False]),
            st.booleans(),
        ),
        max_size=9,
    ),
    states=st.sets(st.sampled_from(APPROVAL_STATES)),
    most=st.integers(1, 4),
)
def test_pages_have_those_in_the_states_that_were_asked_for(vendor: Vendor, made: list, states: set, most: int) -> None:
    """Against the rule itself: what the database picks is what Approval.state_at says."""
    now = vendor.clock.now()
    wishes = [
        Approval(f"apr_{number}", "rehost", "lic_1", {}, ME, now - age, granted=granted, used_at=now if used else None)
        for number, (age, granted, used) in enumerate(made)
    ]
    with vendor.database.engine.begin() as connection:
        connection.execute(delete(approvals))
    with vendor.database.unit() as unit:
        for wish in wishes:
            unit.approvals.add(wish)
            unit.approvals.put(wish)
    wanted = sorted((each for each in wishes if each.state_at(now) in states), key=place_of, reverse=True)
    assert list(every(lambda place: vendor.approving.approvals(states, place, most))) == wanted
