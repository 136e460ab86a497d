"""Passwords: read alike whatever typed them, and made so that they can be read out loud."""

import os

import pytest
from hypothesis import given
from hypothesis import strategies as st

from keys.errors import InvalidInputError
from licence_server.domain.password import LONGEST, check_length, new_password, typed_password


@pytest.mark.parametrize(("length", "is_right"), [(0, False), (11, False), (12, True), (256, True), (257, False)])
def test_length(length: int, is_right: bool) -> None:
    if is_right:
        check_length("x" * length)
        return
    with pytest.raises(InvalidInputError, match="12 to 256"):
        check_length("x" * length)


def test_other_ways_to_write_the_same_letters() -> None:
    assert typed_password("cafe\u0301") == typed_password("caf\u00e9")
    assert typed_password("ﭘﺎﺭﺱ") == typed_password("پارس")
    assert typed_password("a") != typed_password("A")


@given(st.text(st.characters(), max_size=600))
def test_whatever_is_typed_can_be_hashed(text: str) -> None:
    typed_password(text).encode()
    if len(text) > LONGEST and text.isascii():
        with pytest.raises(InvalidInputError):
            check_length(typed_password(text))


def test_made_passwords() -> None:
    made = {new_password(os.urandom) for _ in range(100)}
    assert len(made) == 100
    assert {len(password) for password in made} == {27}
