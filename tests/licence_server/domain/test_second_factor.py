"""Codes of the second factor: which count, how often, and however they are typed."""

import os

import pytest
from hypothesis import given
from hypothesis import strategies as st

from keys.identity import ALPHABET
from licence_server.domain.second_factor import (
    STEP,
    new_recovery_codes,
    open_steps,
    read_digits,
    recovery_digest,
    recovery_digests,
    same_digits,
)

pytestmark = pytest.mark.threat(29)
NOW = 1_800_000_000
PRESENT = NOW // STEP


@pytest.mark.parametrize(
    ("last", "found"),
    [
        (0, [PRESENT - 1, PRESENT, PRESENT + 1]),
        (PRESENT - 2, [PRESENT - 1, PRESENT, PRESENT + 1]),
        (PRESENT - 1, [PRESENT, PRESENT + 1]),
        (PRESENT, [PRESENT + 1]),
        (PRESENT + 1, []),
        (PRESENT + 100, []),
    ],
)
@pytest.mark.parametrize("second", [0, 29])
def test_the_window_is_one_step_to_each_side_and_opens_once(last: int, found: list[int], second: int) -> None:
    assert list(open_steps(NOW + second, last)) == found


@given(st.lists(st.tuples(st.integers(0, 120), st.integers(-3, 3)), max_size=60))
def test_whatever_is_typed_when_no_step_counts_twice_and_none_outside_the_window(tries: list[tuple[int, int]]) -> None:
    now, last, used = NOW, 0, list[int]()
    for passed, drift in tries:
        now += passed
        typed = now // STEP + drift
        if typed in open_steps(now, last):
            last = typed
            used.append(typed)
            assert abs(drift) <= 1
    assert used == sorted(set(used))


@pytest.mark.parametrize("typed", ["012345", " 012345 ", "012 345", "۰۱۲۳۴۵", "٠١٢٣٤٥"])
def test_six_digits(typed: str) -> None:
    assert read_digits(typed) == "012345"


@pytest.mark.parametrize("typed", ["", "12345", "1234567", "12345a", "²²²²²²", "1" * 65, "-12345", "\ud80012345"])
def test_no_six_digits(typed: str) -> None:
    assert read_digits(typed) is None


def test_comparing() -> None:
    assert same_digits("012345", "012345")
    assert not same_digits("012345", "012346")


@given(st.randoms(use_true_random=False), st.booleans(), st.sampled_from(["-", " ", "", " - "]))
def test_a_recovery_code_counts_however_it_is_typed(random, lower: bool, between: str) -> None:
    codes = new_recovery_codes(random.randbytes)
    for code, digest in zip(codes, recovery_digests(codes), strict=True):
        typed = code.replace("-", between).replace("0", "O").replace("1", "l")
        assert recovery_digest(typed.lower() if lower else typed) == digest


def test_ten_recovery_codes_of_eighty_bits() -> None:
    codes = new_recovery_codes(os.urandom)
    assert len(set(recovery_digests(codes))) == 10
    assert {len(code.replace("-", "")) for code in codes} == {16}
    assert set("".join(codes)) <= set(ALPHABET + "-")


@pytest.mark.parametrize("typed", ["", "0000-0000-0000-000", "0000-0000-0000-000U", "0" * 17, "0" * 65, "\ud800" * 16])
def test_no_recovery_code(typed: str) -> None:
    assert recovery_digest(typed) is None
    assert recovery_digests([typed]) == ()
