"""Customers, and the identity numbers of Iranian persons (T8)."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from keys.errors import InvalidInputError
from licence_server.domain.customer import LONGEST_NAME, NewCustomer, check_national_id, latin_digits

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


def test_a_customer_s_data_comes_trimmed_and_in_latin_digits() -> None:
    new = NewCustomer("  فولاد پارس ", "۰۴۹۹۳۷۰۸۹۹", " info@foolad.example ", "+٩٨۹۱۵۱۲۳۴۵۶۷", " سارا ")
    assert new.checked() == NewCustomer("فولاد پارس", "0499370899", "info@foolad.example", "+989151234567", "سارا")


def test_only_the_name_is_needed() -> None:
    assert NewCustomer("x").checked() == NewCustomer("x")


@pytest.mark.parametrize(
    ("changes", "about"),
    [
        ({"name": " "}, "name"),
        ({"name": "x" * (LONGEST_NAME + 1)}, "name"),
        ({"name": "two\nlines"}, "name"),
        ({"name": "red\x1b[31m"}, "name"),
        ({"name": "broken \udcff"}, "name"),
        ({"representative": "y" * (LONGEST_NAME + 1)}, "representative"),
        ({"representative": "a\x00b"}, "representative"),
        ({"email": "nobody"}, "e-mail"),
        ({"email": "a b@example.com"}, "e-mail"),
        ({"email": "a\udcff@example.com"}, "e-mail"),
        ({"email": "a@b@example.com"}, "e-mail"),
        ({"mobile": "12"}, "mobile"),
        ({"mobile": "0915-123-4567"}, "mobile"),
        ({"national_id": "0499370890"}, "national id"),
    ],
)
def test_a_mistyped_field_is_named(changes: dict[str, str], about: str) -> None:
    with pytest.raises(InvalidInputError, match=about):
        NewCustomer(**({"name": "x"} | changes)).checked()


def test_only_digits_change() -> None:
    assert latin_digits("۱۲۳ abc ٤٥٦ ½ ²") == "123 abc 456 ½ ²"
