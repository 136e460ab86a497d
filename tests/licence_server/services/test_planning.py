"""Plans over both databases: kept, changed, retired, and issued from."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest

from keys.errors import ApprovalNeededError, LicensingError, NotFoundError, StateConflictError
from licence_server.domain.approval import FourEyes
from licence_server.domain.audit import Sought
from licence_server.domain.duration import YEAR
from licence_server.domain.plan import MOST_PLANS, Offer
from licence_server.domain.policy import Policy
from tests.licence_server.device import Device
from tests.licence_server.domain.test_plan import OFFER
from tests.licence_server.vendor import ME, Vendor


def test_a_plan_comes_back_as_it_was_stored(vendor: Vendor) -> None:
    plans = [vendor.planning.add(OFFER, ME), vendor.planning.add(Offer("Plain", 1), ME)]
    assert [plan.offer for plan in plans] == [OFFER, Offer("Plain", 1)]
    assert {plan.id: plan for plan in vendor.planning.plans()} == {plan.id: plan for plan in plans}
    assert vendor.planning.one(plans[0].id) == plans[0]


def test_a_plan_is_changed_and_retired_with_an_entry_for_each(vendor: Vendor) -> None:
    plan = vendor.planning.add(OFFER, ME)
    assert vendor.planning.change(plan.id, {"users": 40}, ME) == vendor.planning.one(plan.id)
    assert vendor.planning.change(plan.id, {"users": 40}, ME).offer.users == 40, "nothing changed, nothing recorded"
    vendor.clock.advance(60)
    retired = vendor.planning.retire(plan.id, ME)
    assert (vendor.planning.plans(), vendor.planning.every_plan()) == ([], [retired])
    events = [entry.event for entry in vendor.auditing.entries(Sought(of=plan.id))]
    assert events == ["plan_added", "plan_changed", "plan_retired"]
    for attempt in (
        lambda: vendor.planning.retire(plan.id, ME),
        lambda: vendor.planning.change(plan.id, {"users": 1}, ME),
        lambda: vendor.issuing.issue_from(plan.id, vendor.customer().id, {}, ME),
    ):
        with pytest.raises(StateConflictError, match="is retired"):
            attempt()
    assert vendor.auditing.verify().valid


def test_two_plans_in_use_have_two_names(vendor: Vendor) -> None:
    first = vendor.planning.add(OFFER, ME)
    second = vendor.planning.add(replace(OFFER, name="Other"), ME)
    for attempt in (
        lambda: vendor.planning.add(OFFER, ME),
        lambda: vendor.planning.change(second.id, {"name": OFFER.name}, ME),
    ):
        with pytest.raises(StateConflictError, match="There is a plan استاندارد already"):
            attempt()
    vendor.planning.retire(first.id, ME)
    assert vendor.planning.change(second.id, {"name": OFFER.name}, ME).offer.name == OFFER.name


def test_there_are_only_so_many(vendor: Vendor) -> None:
    plans = [vendor.planning.add(Offer(f"Plan {number}", 1), ME) for number in range(MOST_PLANS)]
    with pytest.raises(StateConflictError, match="There are 200 plans already"):
        vendor.planning.add(OFFER, ME)
    vendor.planning.retire(plans[0].id, ME)
    assert vendor.planning.add(OFFER, ME).offer == OFFER


def test_what_several_change_at_once_is_all_kept(vendor: Vendor) -> None:
    plan = vendor.planning.add(OFFER, ME)
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda each: vendor.planning.change(plan.id, each, ME), (
            {"users": 41}, {"clients": 42}, {"service": 43}, {"features": ("reports",)},
        )))  # fmt: skip
    offer = vendor.planning.one(plan.id).offer
    assert (offer.users, offer.clients, offer.service, offer.features) == (41, 42, 43, ("reports",))
    assert vendor.auditing.verify().valid


def test_a_licence_keeps_what_it_was_issued_with(vendor: Vendor) -> None:
    plan = vendor.planning.add(OFFER, ME)
    licence, code = vendor.issuing.issue_from(plan.id, vendor.customer().id, {"users": 30, "site": "مشهد"}, ME)
    assert (licence.plan, licence.seats.users, licence.seats.clients, licence.site) == (plan.id, 30, 30, "مشهد")
    assert licence.terms.ends_at == YEAR.after(vendor.clock.now())
    vendor.planning.change(plan.id, {"users": 99, "edition": "other"}, ME)
    vendor.planning.retire(plan.id, ME)
    assert vendor.licence(licence.id) == licence
    assert Device(vendor).activate(code).seats == licence.seats
    (issued,) = [entry for entry in vendor.auditing.entries(Sought(of=licence.id)) if entry.event == "licence_issued"]
    assert f'"plan":"{plan.id}"' in issued.details
    assert vendor.auditing.verify().valid


def test_of_no_plan_there_is_nothing(vendor: Vendor) -> None:
    for attempt in (
        lambda: vendor.planning.one("pln_none"),
        lambda: vendor.planning.retire("pln_none", ME),
        lambda: vendor.planning.change("pln_none", {}, ME),
        lambda: vendor.issuing.issue_from("pln_none", vendor.customer().id, {}, ME),
        lambda: vendor.sell(plan="pln_none"),
    ):
        with pytest.raises(NotFoundError, match="no plan pln_none"):
            attempt()


def test_a_second_person_allows_what_the_plan_says_on_any_day(vendor: Vendor) -> None:
    """The approval is for a year, not for a day on which it ends."""
    strict = vendor.with_policy(Policy(four_eyes=FourEyes(users=5)))
    plan, customer = strict.planning.add(OFFER, ME), strict.customer().id
    with pytest.raises(ApprovalNeededError):
        strict.issuing.issue_from(plan.id, customer, {}, "operator:sara")
    (waiting,) = strict.approving.approvals().found
    strict.clock.advance(2 * 86_400)
    strict.approving.grant(waiting.id, ME)
    licence, _ = strict.issuing.issue_from(plan.id, customer, {}, "operator:sara")
    assert licence.terms.ends_at == YEAR.after(strict.clock.now())
    with pytest.raises(ApprovalNeededError):
        strict.issuing.issue_from(plan.id, customer, {}, "operator:sara")


def test_nobody_is_asked_about_a_plan_that_is_retired(vendor: Vendor) -> None:
    strict = vendor.with_policy(Policy(four_eyes=FourEyes(users=5)))
    plan = strict.planning.add(OFFER, ME)
    order = plan.order(strict.customer().id, {})
    strict.planning.retire(plan.id, ME)
    with pytest.raises(LicensingError, match="is retired"):
        strict.issuing.issue(order, ME)
    assert not strict.approving.approvals().found
