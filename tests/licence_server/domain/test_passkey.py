"""Rules of passkeys: counters, names, how many, and which has to stay."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from keys.errors import InvalidInputError, StateConflictError
from licence_server.domain.operator import Operator
from licence_server.domain.passkey import (
    CEREMONY,
    MOST_PASSKEYS,
    Challenge,
    Passkey,
    check_another_factor_stays,
    check_passkey_name,
    check_there_is_room,
    holder_of,
    new_challenge,
)
from tests.licence_server.samples import NOW

PASSKEY = Passkey("pky_1", "opr_1", "telephone", "credential", "key", 7, NOW)


@pytest.mark.parametrize(
    ("before", "said", "is_copied"),
    [(0, 0, False), (0, 1, False), (7, 8, False), (7, 100, False), (7, 7, True), (7, 6, True), (7, 0, True)],
)
def test_a_counter_goes_on_or_stays_nought(before: int, said: int, is_copied: bool) -> None:
    passkey = Passkey("pky_1", "opr_1", "telephone", "credential", "key", before, NOW)
    assert passkey.is_copied(said) == is_copied


@given(st.lists(st.integers(1, 50), min_size=1))
def test_whoever_signs_with_a_copy_is_found_by_the_next_of_either(steps: list[int]) -> None:
    passkey = PASSKEY
    for step in steps:
        assert not passkey.is_copied(passkey.counter + step)
        passkey = passkey.used(passkey.counter + step, NOW)
    assert all(passkey.is_copied(counter) for counter in range(passkey.counter + 1))


def test_the_record_knows_all_but_the_last_use() -> None:
    assert PASSKEY.recorded == {"pky_1": "e9662d44d1e908d8c8569097d83021867b759c209b8eb7c383782e8c23f778ad"}
    used = PASSKEY.used(7, NOW + 1)
    assert (used.last_used_at, used.recorded) == (NOW + 1, PASSKEY.recorded)
    assert PASSKEY.used(8, NOW).recorded != PASSKEY.recorded


def test_a_challenge_is_for_one_purpose_and_one_holder_and_for_minutes() -> None:
    challenge = new_challenge("add", "token", lambda size: bytes(range(size)), NOW)
    assert challenge == Challenge(holder_of("add", "token"), "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8", NOW)
    assert len({holder_of("add", "token"), holder_of("alone", "token"), holder_of("add", "other")}) == 3
    assert holder_of("add", "\ud800") == holder_of("add", "?"), "whatever a cookie says is somebody's"
    assert [challenge.is_over(NOW + seconds) for seconds in (0, CEREMONY - 1, CEREMONY)] == [False, False, True]


def test_a_name_says_which_device() -> None:
    assert check_passkey_name("  تلفن همراه ") == "تلفن همراه"
    for right in ("x", "x" * 100):
        assert check_passkey_name(right) == right
    for wrong in ("", "  ", "x" * 101, "two\nlines", "\x00"):
        with pytest.raises(InvalidInputError):
            check_passkey_name(wrong)


def test_nobody_has_any_number_of_them() -> None:
    check_there_is_room([PASSKEY] * (MOST_PASSKEYS - 1))
    with pytest.raises(StateConflictError):
        check_there_is_room([PASSKEY] * MOST_PASSKEYS)


@pytest.mark.parametrize(
    ("secret", "passkeys", "may_go"), [("sealed", 1, True), (None, 2, True), (None, 1, False), ("sealed", 2, True)]
)
def test_the_last_second_factor_stays(secret: str | None, passkeys: int, may_go: bool) -> None:
    operator = Operator("opr_1", "sara", "sales", "hash", NOW, secret=secret)
    try:
        check_another_factor_stays(operator, [PASSKEY] * passkeys)
        went = True
    except StateConflictError:
        went = False
    assert went == may_go
