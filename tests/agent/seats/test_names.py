"""Names: which are the same user's, and which are none."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.domain.names import LONGEST_NAME, check_name, user_key
from keys.errors import MalformedError


@pytest.mark.threat(45)
@pytest.mark.parametrize(
    ("typed", "same_as"),
    [
        ("Sara", "sara"),
        ("SARA", "sara"),
        ("ＳＡＲＡ", "sara"),  # full width
        ("ﬁona", "fiona"),  # a ligature
        ("Straße", "STRASSE"),
        ("e\u0301mile", "\u00e9mile"),  # composed or not
        ("ﷲ", "الله"),  # an Arabic presentation form
        ("Σίσυφος", "ΣΊΣΥΦΟΣ"),
        ("\u1e9e", "ss"),
    ],
)
def test_a_name_in_disguise_is_the_same_user(typed: str, same_as: str) -> None:
    assert user_key(typed) == user_key(same_as)


@pytest.mark.threat(45)
def test_other_letters_are_other_users() -> None:
    assert user_key("sara") != user_key("zara")
    assert user_key("کریم") != user_key("كريم")  # Persian and Arabic letters are not the same by NFKC


@pytest.mark.threat(45)
@given(st.text(min_size=1, max_size=20))
def test_a_key_is_the_key_of_itself(name: str) -> None:
    try:
        check_name(name, "user")
    except MalformedError:
        return
    key = user_key(name)
    assert unicodedata.is_normalized("NFKC", key)
    assert len(key) <= 18 * len(name)
    assert not key.isspace()
    assert key.casefold() == key or unicodedata.normalize("NFKC", key.casefold()) == key
    if len(key) <= LONGEST_NAME:
        assert user_key(key) == key


@pytest.mark.parametrize("name", ["", " ", "\u3000", "a\nb", "a\x00", "\x1b[31m", "\u2028", "a" * 257, "\ud800"])
def test_what_can_not_be_shown_is_no_name(name: str) -> None:
    with pytest.raises(MalformedError, match=r"^The user must "):
        user_key(name)
    with pytest.raises(MalformedError, match=r"^The client must "):
        check_name(name, "client")


@pytest.mark.parametrize("name", ["a", "a" * 256, "زهرا\u200cسادات", "two words", "\U0001f600"])
def test_people_s_names_are_names(name: str) -> None:
    assert user_key(name)
    check_name(name, "client")
