"""For how many a licence may be, and what a change leaves as it was: tables."""

from dataclasses import replace

import pytest

from keys.documents.parts import Seats
from keys.errors import InvalidInputError
from licence_server.domain.sizes import MOST_OVERDRAFT_DAYS, MOST_SEATS, Sizes, check_seats
from tests.licence_server.samples import NOW, licence

BOUGHT = Seats("named", 3, 4, 2, 5, 10)
GOOD = [
    {"users": 1, "clients": 1},
    {"users": MOST_SEATS, "clients": MOST_SEATS, "service": MOST_SEATS},
    {"clients": None, "service": 0},
    {"overdraft_users": 0, "overdraft_days": 0},
    {"overdraft_users": MOST_SEATS, "overdraft_days": MOST_OVERDRAFT_DAYS},
    {"overdraft_users": 1, "overdraft_days": 1},
]
WRONG = [
    ({"users": 0}, "Users"),
    ({"users": -1}, "Users"),
    ({"users": MOST_SEATS + 1}, "Users"),
    ({"clients": 0}, "Clients"),
    ({"clients": MOST_SEATS + 1}, "Clients"),
    ({"service": -1}, "Integration"),
    ({"service": MOST_SEATS + 1}, "Integration"),
    ({"overdraft_users": -1}, "Overdraft users"),
    ({"overdraft_users": MOST_SEATS + 1}, "Overdraft users"),
    ({"overdraft_days": -1}, "Overdraft days"),
    ({"overdraft_days": MOST_OVERDRAFT_DAYS + 1}, "Overdraft days"),
    ({"overdraft_users": 0}, "both"),
    ({"overdraft_days": 0}, "both"),
]
CHANGES = [
    (Sizes(9, None), Seats("named", 9, None, 2, 5, 10)),
    (Sizes(9, 8, service=0), Seats("named", 9, 8, 0, 5, 10)),
    (Sizes(9, 8, overdraft_users=7), Seats("named", 9, 8, 2, 7, 10)),
    (Sizes(9, 8, overdraft_days=7), Seats("named", 9, 8, 2, 5, 7)),
    (Sizes(9, 8, overdraft_users=0), Seats("named", 9, 8, 2, 0, 0)),
    (Sizes(9, 8, 1, 1, 1), Seats("named", 9, 8, 1, 1, 1)),
]


@pytest.mark.parametrize("changes", GOOD, ids=str)
def test_seats_that_can_be_bought(changes) -> None:
    check_seats(replace(BOUGHT, **changes))


@pytest.mark.parametrize(("changes", "about"), WRONG, ids=str)
def test_seats_that_can_not_be_bought(changes, about: str) -> None:
    with pytest.raises(InvalidInputError, match=about):
        check_seats(replace(BOUGHT, **changes))


@pytest.mark.parametrize(("sizes", "after"), CHANGES, ids=str)
def test_what_is_not_told_stays_as_it_was(sizes: Sizes, after: Seats) -> None:
    assert sizes.of(BOUGHT) == after


def test_a_change_to_nonsense_is_refused() -> None:
    for sizes in (Sizes(0, None), Sizes(5, None, overdraft_users=2), Sizes(5, None, overdraft_days=2)):
        with pytest.raises(InvalidInputError):
            licence().resized(sizes, NOW)
