"""The vendor's people."""

import pytest

from keys.errors import InvalidInputError
from licence_server.domain.operator import check_operator_name


@pytest.mark.parametrize("name", ["sara", "s.karimi", "sara_k-1@vendor.example", "0", "a" * 64])
def test_a_name_to_sign_in_with(name: str) -> None:
    check_operator_name(name)


@pytest.mark.parametrize("name", ["", "Sara", "two words", ".sara", "سارا", "a\n", "a" * 65])
def test_no_name_to_sign_in_with(name: str) -> None:
    with pytest.raises(InvalidInputError, match="operator's name"):
        check_operator_name(name)
