"""Ids and activation codes."""

import re
from itertools import combinations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from keys.errors import InvalidInputError
from keys.identity import ALPHABET, LONGEST_TYPED, code_digest, new_code, new_id, read_code

CODES = st.binary(min_size=15, max_size=15).map(lambda raw: new_code(lambda _: raw))
ZERO = "00000-00000-00000-00000-00000"


def grouped(text: str) -> str:
    return "-".join(text[start : start + 5] for start in range(0, len(text), 5))


@given(CODES)
def test_a_code_is_five_groups_of_five_and_reads_back(code: str) -> None:
    assert re.fullmatch(r"([0-9A-HJKMNP-TV-Z]{5}-){4}[0-9A-HJKMNP-TV-Z]{5}", code)
    assert read_code(code) == code


@settings(max_examples=20, deadline=None)
@given(CODES)
def test_every_single_mistyped_character_is_found(code: str) -> None:
    letters = code.replace("-", "")
    for place, right in enumerate(letters):
        for wrong in set(ALPHABET) - {right}:
            with pytest.raises(InvalidInputError, match="mistyped"):
                read_code(letters[:place] + wrong + letters[place + 1 :])


@settings(max_examples=20, deadline=None)
@given(CODES)
def test_every_exchange_of_two_characters_is_found(code: str) -> None:
    letters = list(code.replace("-", ""))
    for one, other in combinations(range(25), 2):
        if letters[one] != letters[other]:
            wrong = letters.copy()
            wrong[one], wrong[other] = wrong[other], wrong[one]
            with pytest.raises(InvalidInputError, match="mistyped"):
                read_code("".join(wrong))


def test_the_check_character_of_a_known_code_stays_what_it_is() -> None:
    """Codes live for years on paper: the sum may never change."""
    assert new_code(bytes) == ZERO
    assert new_code(lambda count: bytes(range(count))) == "000G4-0R40M-30E20-9185G-R38ED"


@pytest.mark.parametrize(
    "typed",
    [
        ZERO.lower(),
        ZERO.replace("-", ""),
        ZERO.replace("-", " "),
        ZERO.replace("-", "\u2011"),
        ZERO.replace("-", "\u2013"),
        ZERO.replace("0", "O"),
        ZERO.replace("0", "o"),
        ZERO.replace("0", "۰"),
        ZERO.replace("0", "٠"),
        f"  {ZERO} ",
        ZERO + " " * (LONGEST_TYPED - len(ZERO)),
    ],
)
def test_people_type_codes_in_their_own_way(typed: str) -> None:
    assert read_code(typed) == ZERO


def test_i_and_l_are_one() -> None:
    code = new_code(lambda count: bytes(range(1, count + 1)))
    assert "1" in code
    for letter in "IiLl۱١":
        assert read_code(code.replace("1", letter)) == code


@pytest.mark.parametrize(
    ("typed", "why"),
    [
        ("", "0 were typed"),
        (ZERO[:-1], "24 were typed"),
        (ZERO + "0", "26 were typed"),
        (ZERO + " " * LONGEST_TYPED, "characters were typed"),
        (ZERO + " " * (LONGEST_TYPED - len(ZERO)) + "0000", "characters were typed"),
        ("U" + ZERO[1:], "has no U"),
        ("*" + ZERO[1:], r"has no \*"),
        ("ß" + ZERO[1:], "26 were typed"),
    ],
)
def test_what_is_no_code_is_said_to_be_none(typed: str, why: str) -> None:
    with pytest.raises(InvalidInputError, match=why):
        read_code(typed)


@given(st.text())
def test_no_text_crashes_the_reader(typed: str) -> None:
    try:
        assert read_code(read_code(typed)) == read_code(typed)
    except InvalidInputError:
        return


def test_only_a_digest_of_a_code_is_stored() -> None:
    assert code_digest(ZERO) == code_digest(ZERO) != code_digest(new_code(lambda count: b"\1" * count))
    assert code_digest(ZERO) == "1afb479442c65c2d7fb3ee70966c557e5e9cda8a4bed49420c08e2373708bd9f", "for ever"


def test_an_id_has_its_type_in_front_and_100_random_bits() -> None:
    assert new_id("lic", bytes) == "lic_00000000000000000000"
    assert new_id("act", lambda count: b"\xff" * count) == "act_zzzzzzzzzzzzzzzzzzzz"
    assert new_id("act", lambda count: bytes(range(count))) == "act_000g40r40m30e209185g"
