"""The identity numbers of Iranian persons (T8)."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from keys.errors import InvalidInputError
from licence_server.domain.identity import check_national_id

PERSONS = ("0499370899", "0790419904", "0084575948", "0963695398", "0684159414", "0067749828", "1583250689")
COMPANIES = ("10380284790", "14007650912", "10260289464")


@pytest.mark.parametrize("number", [*PERSONS, *COMPANIES])
def test_a_real_number_is_taken(number: str) -> None:
    check_national_id(number)


@pytest.mark.parametrize("number", [*PERSONS, *COMPANIES])
def test_another_check_digit_is_a_typing_error(number: str) -> None:
    for wrong in set("0123456789") - {number[-1]}:
        with pytest.raises(InvalidInputError, match="check digit"):
            check_national_id(number[:-1] + wrong)


@pytest.mark.parametrize(
    "number", ["", "1", "049937089", "049937089900", "049937089x", "1111111111", "11111111111", "0499370899\n", "٠"]
)
def test_what_is_no_number_is_refused(number: str) -> None:
    with pytest.raises(InvalidInputError):
        check_national_id(number)


@given(st.text("0123456789", min_size=9, max_size=9))
def test_exactly_one_check_digit_fits_a_person(nine: str) -> None:
    assert _fitting(nine) == 1 or len(set(nine)) == 1


@given(st.text("0123456789", min_size=10, max_size=10))
def test_exactly_one_check_digit_fits_a_company(ten: str) -> None:
    assert _fitting(ten) == 1 or len(set(ten)) == 1


@given(st.sampled_from(PERSONS), st.integers(0, 8), st.integers(1, 9))
def test_any_other_digit_that_is_mistyped_in_a_person_s_number_is_found(number: str, place: int, by: int) -> None:
    """The weights 10 to 2 are units modulo 11, and only the remainders 1 and 10 share a check digit."""
    wrong = number[:place] + str((int(number[place]) + by) % 10) + number[place + 1 :]
    if {_remainder(wrong), _remainder(number)} != {1, 10}:
        with pytest.raises(InvalidInputError):
            check_national_id(wrong)


def _remainder(number: str) -> int:
    return sum(int(digit) * (10 - place) for place, digit in enumerate(number[:9])) % 11


def _fitting(start: str) -> int:
    found = 0
    for last in "0123456789":
        try:
            check_national_id(start + last)
        except InvalidInputError:
            continue
        found += 1
    return found
