"""What the rules say to people when they refuse: the sentence names what was wrong and what is right."""

from collections.abc import Callable

import pytest

from keys.documents.parts import Seats
from keys.errors import LicensingError
from licence_server.domain.identity import check_national_id
from licence_server.domain.sizes import Sizes, check_seats
from tests.licence_server.samples import DAY, NOW, licence

REFUSALS: dict[str, Callable[[], object]] = {
    "A revoked licence can't be suspended: issue another one.": lambda: licence(
        state="revoked", reason="fraud"
    ).suspended("late", NOW),
    "A revoked licence can't be revoked: issue another one.": lambda: licence(state="revoked", reason="fraud").revoked(
        "fraud", NOW
    ),
    "A revoked licence can't be renewed: issue another one.": lambda: licence(state="revoked", reason="fraud").renewed(
        NOW + DAY, NOW
    ),
    "A revoked licence can't be changed: issue another one.": lambda: licence(state="revoked", reason="fraud").resized(
        Sizes(5, None), NOW
    ),
    "Users are a number from 1 to 1000000.": lambda: check_seats(Seats("concurrent", 0, None)),
    "Overdraft days are a number from 0 to 30, of any 30 days.": lambda: Sizes(5, None, 0, 1, 31).of(licence().seats),
    "Overdraft needs both: how many users more, and on how many days of any 30.": lambda: Sizes(5, None, 0, 1).of(
        licence().seats
    ),
    "'10.0.0.1/8' is no network in CIDR notation, such as 10.1.0.0/16.": lambda: licence().relocated(
        ("10.0.0.1/8",), "report", NOW
    ),
    "Only a suspended licence can be resumed; this one is active.": lambda: licence(state="active").resumed(
        bound=True, now=NOW
    ),
    "Only a recovered licence needs to be confirmed; this one is issued.": lambda: licence(state="issued").confirmed(
        bound=False, now=NOW
    ),
    "A licence must end after it starts.": lambda: licence(state="active").renewed(1, NOW),
    "A national id has 10 digits (a person) or 11 (a company).": lambda: check_national_id("123"),
}


@pytest.mark.parametrize("said", REFUSALS)
def test_a_refusal_says(said: str) -> None:
    with pytest.raises(LicensingError) as refusal:
        REFUSALS[said]()
    assert str(refusal.value) == said
