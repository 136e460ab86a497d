"""What may be declared as an outage, and what the record keeps of it."""

from dataclasses import replace
from typing import Any

import pytest

from keys.documents.outage import LONGEST, MOST_LICENCES
from keys.errors import InvalidInputError
from licence_server.domain.outage import Declaration, Declared

NOW, DAY = 1_800_000_000, 86_400
WANTED = Declaration(NOW - DAY, NOW + 9 * DAY, 14, ("lic_1", "lic_2"), "the cable at sea is cut")
MANY = tuple(f"lic_{number}" for number in range(MOST_LICENCES))


@pytest.mark.parametrize(
    "changes",
    [
        {}, {"licences": None}, {"licences": ("lic_1",)}, {"reason": "x"}, {"licences": MANY}, {"days": 1},
        {"days": 90}, {"from_at": NOW, "until_at": NOW + 1}, {"from_at": NOW, "until_at": NOW + LONGEST},
        {"reason": "x" * 500},
    ],
)  # fmt: skip
def test_what_may_be_declared(changes: Any) -> None:
    wanted = replace(WANTED, **changes)
    assert wanted.checked(NOW) == wanted


def test_it_is_put_in_order() -> None:
    wanted = replace(WANTED, reason="  the cable at sea is cut ", licences=("lic_1", "lic_2", "lic_1"))
    assert wanted.checked(NOW) == WANTED


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"reason": " "}, "reason of an outage"),
        ({"reason": "x" * 501}, "reason of an outage"),
        ({"until_at": WANTED.from_at}, "lasts 1 to 90 days"),
        ({"from_at": NOW, "until_at": NOW + LONGEST + 1}, "lasts 1 to 90 days"),
        ({"until_at": NOW}, "over already"),
        ({"days": 0}, "stretched by 1 to 90 days"),
        ({"days": 91}, "stretched by 1 to 90 days"),
        ({"licences": ()}, "Name 1 to 1000 licences"),
        ({"licences": (*MANY, "lic_more")}, "Name 1 to 1000 licences"),
    ],
)
def test_what_may_not(changes: Any, said: str) -> None:
    with pytest.raises(InvalidInputError, match=said):
        replace(WANTED, **changes).checked(NOW)


def test_a_second_person_agrees_to_all_of_it() -> None:
    assert WANTED.terms == {
        "from": WANTED.from_at, "until": WANTED.until_at, "days": 14, "licences": ["lic_1", "lic_2"],
        "reason": WANTED.reason,
    }  # fmt: skip
    assert replace(WANTED, licences=None).terms["licences"] == "all"


def test_every_change_shows_in_the_record() -> None:
    declared = Declared("out_1", WANTED, "cli:sara", NOW, None, "e30.e30.AA")
    others = [
        replace(declared, declaration=replace(WANTED, days=15)), replace(declared, declared_by="cli:ali"),
        replace(declared, declared_at=NOW + 1), replace(declared, approval="apr_1"), replace(declared, document="e30"),
    ]  # fmt: skip
    assert len({each.recorded["out_1"] for each in [declared, *others]}) == len(others) + 1
