"""The vendor's people."""

import hashlib
import json
from dataclasses import replace

import pytest

from keys.errors import InvalidInputError, StateConflictError
from licence_server.domain.operator import (
    ROLES,
    Operator,
    check_house_is_guarded,
    check_language,
    check_operator_name,
    check_role,
)

FIRST = Operator("opr_1", "sara", "sales", "argon2", 1_700_000_000)
WHOLE = FIRST.with_password("other", 1_800_000_000).with_second_factor("sealed", 60, ("one", "two"))


@pytest.mark.parametrize("name", ["sara", "s.karimi", "sara_k-1@vendor.example", "0", "a" * 64])
def test_a_name_to_sign_in_with(name: str) -> None:
    check_operator_name(name)


@pytest.mark.parametrize("name", ["", "Sara", "two words", ".sara", "سارا", "a\n", "a" * 65, "a" * 100_000])
def test_no_name_to_sign_in_with(name: str) -> None:
    with pytest.raises(InvalidInputError, match="operator's name") as refused:
        check_operator_name(name)
    assert len(str(refused.value)) < 200


def test_roles() -> None:
    for role in ROLES:
        assert check_role(role) == role
    for word in ("", "owner", "Sales", "x" * 100_000):
        with pytest.raises(InvalidInputError, match="there are viewer, sales"):
            check_role(word)


def test_languages_of_the_console() -> None:
    assert [check_language(word) for word in ("fa", "en")] == ["fa", "en"]
    for word in ("", "de", "FA", "x" * 100_000):
        with pytest.raises(InvalidInputError, match="there are fa, en"):
            check_language(word)


def test_the_record_of_the_first_release_still_fits() -> None:
    text = json.dumps(["opr_1", "sara", "sales", "argon2", 1_700_000_000], separators=(",", ":"))
    assert FIRST.recorded == {"opr_1": hashlib.sha256(text.encode()).hexdigest()}


@pytest.mark.parametrize(
    "changes",
    [
        {"id": "opr_2"},
        {"name": "reza"},
        {"role": "manager"},
        {"password_hash": "known"},
        {"created_at": 0},
        {"disabled_at": 1},
        {"password_at": 1},
        {"password_once": True},
        {"secret": "known"},
        {"last_step": 0},
        {"recovery": ("one", "two", "known")},
        {"recovery": ("one",)},
        {"language": "fa"},
        {"language": "en"},
        {"account": "4711"},
    ],
)
@pytest.mark.parametrize("operator", [FIRST, WHOLE])
def test_every_change_but_wrong_codes_shows_in_the_record(operator: Operator, changes: dict) -> None:
    changed = replace(operator, **changes)
    assert (changed.recorded == operator.recorded) == (changed == operator)
    assert replace(operator, wrong_codes=5).recorded == operator.recorded


def test_steps_of_a_second_factor() -> None:
    wrong = replace(WHOLE, wrong_codes=3)
    assert wrong.with_step(61) == replace(WHOLE, last_step=61)
    assert wrong.without_recovery_code("one") == replace(WHOLE, recovery=("two",))
    assert wrong.without_second_factor() == FIRST.with_password("other", 1_800_000_000)
    assert not WHOLE.password_once
    assert WHOLE.with_password("third", 5, once=True).password_once


def test_a_second_factor_begins_without_wrong_codes() -> None:
    found = replace(FIRST, wrong_codes=3).with_second_factor("sealed", 60, ("one", "two"))
    assert (found.secret, found.last_step, found.recovery, found.wrong_codes) == ("sealed", 60, ("one", "two"), 0)
    assert replace(found, secret=None, last_step=0, recovery=()) == FIRST


def test_no_secret_is_shown_by_accident() -> None:
    assert not [secret for secret in ("other", "sealed") if f"'{secret}'" in repr(WHOLE)]


ADMIN = replace(FIRST, id="opr_2", role="administrator")
OTHER = replace(ADMIN, id="opr_3")
GONE = replace(ADMIN, id="opr_4", disabled_at=1)


@pytest.mark.parametrize("after", [replace(ADMIN, role="manager"), replace(ADMIN, disabled_at=2)])
def test_somebody_guards_the_house(after: Operator) -> None:
    check_house_is_guarded(after, (FIRST, ADMIN, OTHER))
    with pytest.raises(StateConflictError, match="last administrator"):
        check_house_is_guarded(after, (FIRST, ADMIN, GONE))


def test_others_come_and_go_as_they_like() -> None:
    for everybody in ((FIRST, ADMIN), (FIRST, GONE), (FIRST,)):
        check_house_is_guarded(replace(FIRST, disabled_at=1), everybody)
    check_house_is_guarded(replace(GONE, role="viewer"), (ADMIN, GONE))
    check_house_is_guarded(replace(ADMIN, password_hash="other"), (ADMIN, GONE))
