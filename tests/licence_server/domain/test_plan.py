"""Plans: what they offer, and what an order from one is."""

from dataclasses import fields, replace
from typing import Any

import pytest

from keys.errors import InvalidInputError, StateConflictError
from licence_server.domain.duration import YEAR, Duration
from licence_server.domain.licence import Order
from licence_server.domain.plan import Changes, Given, Offer, Plan, Values
from tests.licence_server.samples import DAY, NOW

OFFER = Offer(
    name="استاندارد",
    users=25,
    clients=30,
    model="named",
    edition="standard",
    features=("sms",),
    service=2,
    overdraft_users=3,
    overdraft_days=5,
    lasting=YEAR,
    interval=DAY,
    grace=14 * DAY,
    on_clone="report",
    network_policy="report",
)
PLAN = Plan("pln_1", OFFER, NOW)


def test_a_plan_and_an_order_say_the_same_of_a_licence() -> None:
    orders = {field.name for field in fields(Order)}
    assert set(Values.__annotations__) == {field.name for field in fields(Offer)} - {"name"}
    assert set(Changes.__annotations__) == {*Values.__annotations__, "name"}
    assert set(Given.__annotations__) == orders - {"customer_id", "plan"}


def test_an_offer_is_checked_as_an_order_is() -> None:
    assert OFFER.checked() == OFFER
    assert replace(OFFER, name="  Standard ", features=("sms", "sms")).checked() == replace(OFFER, name="Standard")


@pytest.mark.parametrize(
    ("changes", "about"),
    [
        ({"name": " "}, "^A plan's name has 1 to"),
        ({"name": "x" * 201}, "^A plan's name has 1 to"),
        ({"name": "a\nb"}, "^A plan's name has 1 to"),
        ({"users": 0}, "Users"),
        ({"clients": 0}, "Clients"),
        ({"overdraft_users": 0}, "both"),
        ({"features": ("Sms",)}, "feature"),
        ({"edition": ""}, "edition"),
        ({"lasting": Duration(0, "months")}, "lasts"),
        ({"interval": 0}, "interval"),
        ({"grace": -1}, "grace"),
    ],
)
def test_a_mistake_is_named(changes: Any, about: str) -> None:
    for check in (replace(OFFER, **changes).checked, lambda: PLAN.changed(changes)):
        with pytest.raises(InvalidInputError, match=about):
            check()


def test_an_order_is_what_the_plan_offers() -> None:
    order = PLAN.order("cus_1", {})
    assert order == Order("cus_1", plan="pln_1", **OFFER.values)
    assert order.end(NOW) == YEAR.after(NOW)


@pytest.mark.parametrize(
    ("given", "then"),
    [
        ({"users": 30, "clients": None}, {"users": 30, "clients": None}),
        ({"site": "مشهد", "networks": ("10.0.0.0/8",)}, {"site": "مشهد", "networks": ("10.0.0.0/8",)}),
        ({"ends_at": None}, {"ends_at": None, "lasting": None}),
        ({"ends_at": NOW + DAY}, {"ends_at": NOW + DAY, "lasting": None}),
        ({"lasting": Duration(1, "days")}, {"lasting": Duration(1, "days")}),
        ({"overdraft_users": 0}, {"overdraft_users": 0, "overdraft_days": 0}),
        ({"overdraft_users": 0, "overdraft_days": 3}, {"overdraft_users": 0, "overdraft_days": 3}),
        ({"overdraft_users": 9}, {"overdraft_users": 9, "overdraft_days": 5}),
    ],
)
def test_what_is_given_goes_before_the_plan(given: Given, then: Any) -> None:
    assert PLAN.order("cus_1", given) == replace(PLAN.order("cus_1", {}), **then)


def test_both_an_end_and_a_duration_are_left_to_the_order_to_refuse() -> None:
    with pytest.raises(InvalidInputError, match="not both"):
        PLAN.order("cus_1", {"ends_at": NOW + DAY, "lasting": YEAR}).checked(NOW)


def test_what_is_not_named_stays() -> None:
    changed = PLAN.changed({"users": 40, "lasting": None})
    assert changed == replace(PLAN, offer=replace(OFFER, users=40, lasting=None))
    assert changed.differences(PLAN) == [
        {"field": "users", "before": 25, "after": 40},
        {"field": "lasting", "before": {"count": 12, "unit": "months"}, "after": None},
    ]
    assert PLAN.changed({"features": ()}).differences(PLAN) == [{"field": "features", "before": ["sms"], "after": []}]
    with pytest.raises(InvalidInputError, match=r"^A plan has no created_at that"):
        PLAN.changed({"retired_at": 1, "created_at": 1})  # type: ignore[typeddict-unknown-key]


def test_a_retired_plan_offers_nothing_and_stays_as_it_is() -> None:
    retired = PLAN.retired(NOW + 1)
    assert retired == replace(PLAN, retired_at=NOW + 1)
    for attempt in (lambda: retired.retired(NOW + 2), lambda: retired.changed({}), lambda: retired.order("cus_1", {})):
        with pytest.raises(StateConflictError, match=r"^The plan استاندارد is retired: "):
            attempt()


def test_the_record_shows_every_change() -> None:
    usual = Plan("pln_1", Offer("Standard", 3), NOW)
    values: dict[str, Any] = dict(OFFER.values)
    each = [replace(usual, offer=replace(usual.offer, **{name: value})) for name, value in values.items()]
    all_of_them = [usual, PLAN, replace(usual, id="pln_2"), replace(usual, created_at=1), usual.retired(1), *each]
    all_of_them.append(replace(usual, offer=replace(usual.offer, name="Other")))
    assert len({digest for plan in all_of_them for digest in plan.recorded.values()}) == len(all_of_them)
    assert PLAN.recorded == {"pln_1": "71fb4321ab050e91abc93e7e9a10114a4c7641787f5b3f11f2a92dd4fb396479"}
