"""Ids and activation codes."""

import re
from functools import partial
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
        ("", r"0 were typed\.$"),
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


def scattered(seed: int, count: int) -> bytes:
    """Bytes that differ from seed to seed."""
    return bytes((seed * 37 + place * 101) % 256 for place in range(count))


def test_a_character_that_was_misread_is_looked_for_in_its_group() -> None:
    """5 for S, say: the sum tells that it may have been there, and in which other groups something like it may."""
    named = 0
    for seed in range(64):
        code = new_code(partial(scattered, seed))
        for wrong, right in (("5", "S"), ("B", "8"), ("2", "Z")):
            if right in code:
                place = code.index(right)
                with pytest.raises(InvalidInputError, match="mistyped") as raised:
                    read_code(code[:place] + wrong + code[place + 1 :])
                said = str(raised.value)
                named += "Look first" in said
                group = ("first", "second", "third", "fourth", "fifth")[place // 6]
                assert group in said or "Look first" not in said
    assert named > 50


def test_neighbours_that_changed_places_are_looked_for_in_their_group() -> None:
    code = new_code(lambda count: bytes(range(count)))
    with pytest.raises(InvalidInputError, match=r"Look first at .*fourth"):
        read_code(code.replace("9185G", "9158G"))


def test_what_no_usual_mistake_explains_names_no_group() -> None:
    code = new_code(lambda count: bytes(range(count)))
    with pytest.raises(InvalidInputError) as raised:
        read_code("2" + code[1:])
    assert str(raised.value).endswith("given.")


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("00000-0000-00000-00000-00000", "Each group has 5: look at the second group."),
        ("000000 00000 00000 00000 000", "Each group has 5: look at the first group, the fifth group."),
        ("0000000000000000000000", "22 were typed."),
        ("00000-00000-0000U-00000-00000", "you were given, in the third group"),
    ],
)
def test_a_group_that_can_not_be_right_is_named(typed: str, said: str) -> None:
    with pytest.raises(InvalidInputError, match=re.escape(said)):
        read_code(typed)
