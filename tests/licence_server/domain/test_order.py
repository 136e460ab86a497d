"""What a person may ask for when issuing a licence (T24: an incomplete order becomes no licence)."""

from dataclasses import replace

import pytest

from keys.errors import InvalidInputError
from licence_server.domain.duration import MOST_DAYS, Duration
from licence_server.domain.licence import LONGEST_GRACE, LONGEST_INTERVAL, Order
from licence_server.domain.sizes import MOST_SEATS
from tests.licence_server.samples import DAY, NOW

ORDER = Order("cus_1", 3)


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"clients": 4, "service": 2, "model": "named"},
        {"overdraft_users": 1, "overdraft_days": 30, "network_policy": "report"},
        {"interval": 1, "grace": 0},
        {"interval": LONGEST_INTERVAL, "grace": LONGEST_GRACE},
        {"starts_at": NOW + DAY, "ends_at": NOW + DAY + 1},
        {"edition": "enterprise", "site": "شعبه\u200cی مشهد"},
        {"features": ("sms", "reports.v2")},
        {"starts_at": 0},
        {"plan": "pln_1", "lasting": Duration(12, "months")},
        {"starts_at": 0, "lasting": Duration(MOST_DAYS, "days")},
        {"site": "x" * 100, "features": tuple(f"f{n}" for n in range(64))},
    ],
)
def test_an_order_that_can_be_fulfilled(changes) -> None:
    order = replace(ORDER, **changes)
    assert order.checked(NOW) == order


@pytest.mark.parametrize(
    ("changes", "about"),
    [
        ({"users": 0}, "Users"),
        ({"clients": 0}, "Clients"),
        ({"service": -1}, "Integration"),
        ({"service": MOST_SEATS + 1}, "Integration"),
        ({"overdraft_users": 1}, "both"),
        ({"overdraft_users": 1, "overdraft_days": 31}, "of any 30"),
        ({"interval": 0}, "The interval is"),
        ({"interval": LONGEST_INTERVAL + 1}, "The interval is"),
        ({"grace": -1}, "The grace is"),
        ({"grace": LONGEST_GRACE + 1}, "The grace is"),
        ({"ends_at": NOW}, "end"),
        ({"starts_at": NOW + DAY, "ends_at": NOW + DAY}, "end"),
        ({"starts_at": NOW - DAY, "ends_at": NOW - 1}, "end"),
        ({"starts_at": -1}, "start"),
        ({"lasting": Duration(1, "days"), "ends_at": NOW + DAY}, "not both"),
        ({"lasting": Duration(0, "days")}, "lasts 1 to"),
        ({"lasting": Duration(1, "days"), "starts_at": NOW - DAY}, "end after today"),
        ({"lasting": Duration(1, "days"), "starts_at": 2**53}, "year 10000"),
        ({"edition": " "}, "The edition has"),
        ({"edition": "a\x1b[0m"}, "The edition has"),
        ({"site": ""}, "The site has"),
        ({"site": "x" * 101}, "The site has"),
        ({"site": "two\nlines"}, "The site has"),
        ({"site": "broken \udcff"}, "The site has"),
        ({"site": "\u200c"}, "The site has"),
        ({"features": ("Sms",)}, "feature"),
        ({"features": tuple(f"f{n}" for n in range(65))}, "at most 64"),
        ({"networks": ("10.0.0.0/8",) * 65}, "at most 64"),
        ({"networks": ("10.0.0.1/8",)}, "CIDR"),
        ({"networks": ("everywhere",)}, "CIDR"),
    ],
)
def test_a_mistake_is_named(changes, about: str) -> None:
    with pytest.raises(InvalidInputError, match=about):
        replace(ORDER, **changes).checked(NOW)


def test_networks_come_in_their_canonical_form_and_features_once() -> None:
    order = replace(ORDER, networks=("10.1.2.3", "FD00:0::/8"), features=("sms", "sms", "reports")).checked(NOW)
    assert order.networks == ("10.1.2.3/32", "fd00::/8")
    assert order.features == ("sms", "reports")


def test_what_an_approval_is_for_is_what_it_was_before_there_were_plans() -> None:
    assert not {"plan", "lasting"} & ORDER.terms.keys()
    terms = replace(ORDER, plan="pln_1", lasting=Duration(12, "months")).terms
    assert (terms["plan"], terms["lasting"]) == ("pln_1", {"count": 12, "unit": "months"})


@pytest.mark.parametrize(
    ("changes", "end"),
    [
        ({}, None),
        ({"ends_at": NOW + 5}, NOW + 5),
        ({"lasting": Duration(2, "days")}, NOW + 2 * DAY),
        ({"lasting": Duration(2, "days"), "starts_at": NOW + 9}, NOW + 9 + 2 * DAY),
    ],
)
def test_a_licence_ends_when_it_is_told_or_after_its_time(changes, end: int | None) -> None:
    assert replace(ORDER, **changes).end(NOW) == end
