"""What becomes of a wish that needs two people."""

from dataclasses import replace
from typing import Any

import pytest

from keys.errors import InvalidInputError, NotAllowedError, StateConflictError
from licence_server.domain.approval import LIFETIME, Approval, FourEyes, person
from tests.licence_server.samples import NOW

ASKED = Approval("apr_1", "seats", "lic_1", {"users": 300, "clients": None}, "operator:sara", NOW)
LATER = NOW + 60


def granted() -> Approval:
    return ASKED.decided("operator:ali", LATER, granted=True)


@pytest.mark.parametrize(
    ("approval", "at", "state"),
    [
        (ASKED, NOW, "waiting"),
        (ASKED, NOW + LIFETIME - 1, "waiting"),
        (ASKED, NOW + LIFETIME, "lapsed"),
        (granted(), LATER, "granted"),
        (granted(), NOW + LIFETIME - 1, "granted"),
        (granted(), NOW + LIFETIME, "lapsed"),
        (granted().used(LATER), NOW + 2 * LIFETIME, "used"),
        (ASKED.decided("cli:ali", LATER, granted=False, reason="no order"), NOW + 2 * LIFETIME, "refused"),
    ],
)
def test_states(approval: Approval, at: int, state: str) -> None:
    assert approval.state_at(at) == state


@pytest.mark.parametrize(
    ("setting", "is_on"),
    [({}, False), ({"users": 100}, True), ({"rehosts": 0}, True), ({"revocations": True}, True)],
)
def test_a_second_person_is_needed_where_a_setting_says_so(setting: dict[str, Any], is_on: bool) -> None:
    assert FourEyes(**setting).is_on is is_on


def test_it_stands_in_lists_where_it_was_asked_for() -> None:
    assert granted().used(LATER).created_at == NOW


@pytest.mark.parametrize("by", ["operator:sara", "cli:sara", "sara", "operator:sara/tok_1"])
def test_who_asked_does_not_decide_by_whatever_door(by: str) -> None:
    with pytest.raises(NotAllowedError, match="another person"):
        ASKED.decided(by, LATER, granted=True)
    with pytest.raises(NotAllowedError, match="another person"):
        ASKED.decided(by, LATER, granted=False, reason="no")


@pytest.mark.parametrize(
    ("by", "who"), [("cli:root", "root"), ("operator:a:b", "a:b"), ("sara", "sara"), ("operator:sara/tok_1", "sara")]
)
def test_a_person_is_one_by_whatever_door(by: str, who: str) -> None:
    assert person(by) == who


def test_an_answer_is_final() -> None:
    refused = ASKED.decided("operator:ali", LATER, granted=False, reason=" not ordered ")
    assert (refused.decided_by, refused.decided_at, refused.reason) == ("operator:ali", LATER, "not ordered")
    for decided in (refused, granted(), granted().used(LATER)):
        with pytest.raises(StateConflictError, match="only a waiting one"):
            decided.decided("operator:reza", LATER, granted=True)
    with pytest.raises(StateConflictError, match="lapsed"):
        ASKED.decided("operator:ali", NOW + LIFETIME, granted=True)


def test_a_yes_allows_one_thing_once() -> None:
    used = granted().used(LATER + 1)
    assert used.used_at == LATER + 1
    for spent in (used, ASKED, replace(granted(), granted=False)):
        with pytest.raises(StateConflictError, match="allows nothing"):
            spent.used(LATER)


@pytest.mark.parametrize("reason", ["", "  ", "x" * 501])
def test_a_no_has_a_reason(reason: str) -> None:
    with pytest.raises(InvalidInputError, match="why not"):
        ASKED.decided("operator:ali", LATER, granted=False, reason=reason)


def test_what_is_said_beside_an_answer() -> None:
    assert granted().reason == ""
    longest = ASKED.decided("operator:ali", LATER, granted=False, reason="x" * 500)
    assert longest.reason == "x" * 500


def test_it_is_for_this_and_nothing_else() -> None:
    assert ASKED.is_for("seats", "lic_1", {"clients": None, "users": 300})
    assert not ASKED.is_for("issue", "lic_1", ASKED.terms)
    assert not ASKED.is_for("seats", "lic_2", ASKED.terms)
    assert not ASKED.is_for("seats", "lic_1", {"users": 301, "clients": None})


def test_the_digest_shows_every_change() -> None:
    changes: list[dict[str, Any]] = [
        {"deed": "issue"}, {"subject": "lic_2"}, {"terms": {}}, {"asked_by": "x"}, {"asked_at": 1}, {"decided_by": "x"},
        {"decided_at": 1}, {"granted": True}, {"granted": False}, {"reason": "x"}, {"used_at": 1},
    ]  # fmt: skip
    digests = {replace(ASKED, **each).recorded["apr_1"] for each in changes} | {ASKED.recorded["apr_1"]}
    assert len(digests) == len(changes) + 1
    assert {name for each in changes for name in each} | {"id"} == set(Approval.__dataclass_fields__)
