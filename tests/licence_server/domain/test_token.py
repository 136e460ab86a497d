"""API tokens: their text, their scopes, their end."""

import os
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from keys.errors import InvalidInputError
from licence_server.domain.operator import ROLES, Role
from licence_server.domain.rights import RIGHTS, RIGHTS_OF, Right
from licence_server.domain.token import (
    LONGEST_LIFE,
    Token,
    check_life,
    check_scopes,
    check_token_name,
    is_token_id,
    new_secret,
    read_token,
    secret_digest,
    written,
)

pytestmark = pytest.mark.threat(30)
NOW = 1_800_000_000
SECRET = new_secret(os.urandom)
TOKEN = Token("tok_1", "shop", "opr_1", ("licences.read",), secret_digest(SECRET), NOW, NOW + 100)


@given(st.sampled_from(ROLES), st.frozensets(st.sampled_from(RIGHTS), min_size=1))
def test_scopes_are_a_part_of_the_role_s_rights_or_refused(role: Role, scopes: frozenset[Right]) -> None:
    if scopes <= RIGHTS_OF[role]:
        assert set(check_scopes(scopes, role)) == scopes
        return
    with pytest.raises(InvalidInputError) as refused:
        check_scopes(scopes, role)
    assert all(right in str(refused.value) for right in scopes - RIGHTS_OF[role])


def test_scopes_stand_in_the_order_of_the_table_once() -> None:
    assert check_scopes(["usage.read", "licences.read", "usage.read"], "viewer") == ("licences.read", "usage.read")


@pytest.mark.parametrize(
    ("scopes", "said"),
    [
        ([], "A token needs at least one scope"),
        (["everything"], "'everything' is no right"),
        (["licences.read", "x" * 100_000], f"'{'x' * 80}' is no right"),
    ],
)
def test_what_is_no_scope(scopes: list[str], said: str) -> None:
    with pytest.raises(InvalidInputError, match=r"there are customers\.read") as refused:
        check_scopes(scopes, "administrator")
    assert str(refused.value).startswith(said)
    assert len(str(refused.value)) < 1_000


def test_when_a_token_counts() -> None:
    assert TOKEN.is_good(SECRET, NOW + 99)
    assert not TOKEN.is_good(SECRET, NOW + 100)
    assert not TOKEN.is_good(new_secret(os.urandom), NOW)
    assert not replace(TOKEN, revoked_at=NOW).is_good(SECRET, NOW)


def test_when_its_use_is_written_down() -> None:
    assert TOKEN.is_stale(NOW)
    used = replace(TOKEN, last_used_at=NOW)
    assert [used.is_stale(NOW + after) for after in (0, 59, 60)] == [False, False, True]


@pytest.mark.parametrize(("after", "is_right"), [(0, False), (-1, False), (1, True), (LONGEST_LIFE, True)])
def test_when_a_token_may_end(after: int, is_right: bool) -> None:
    if is_right:
        check_life(NOW, NOW + after)
        return
    with pytest.raises(InvalidInputError, match="within 366 days"):
        check_life(NOW, NOW + after)


def test_no_token_lives_longer() -> None:
    with pytest.raises(InvalidInputError):
        check_life(NOW, NOW + LONGEST_LIFE + 1)


def test_the_text_of_a_token() -> None:
    assert read_token(written("tok_4rjw2n3k5m6p7q8r9s0t", SECRET)) == ("tok_4rjw2n3k5m6p7q8r9s0t", SECRET)
    for text in (
        "",
        SECRET,
        "tok_1",
        f"tok_1_{SECRET[:-1]}",
        f"tok_1_{SECRET.lower()}",
        f"tok_1_{SECRET}\n",
        "x" * 10_000,
    ):
        assert read_token(text) is None
    assert is_token_id("tok_1")
    for text in ("", "tok_", "lic_1", "tok_1\n", "tok_" + "1" * 59):
        assert not is_token_id(text)


@pytest.mark.parametrize(
    "changes",
    [
        {"id": "tok_2"},
        {"name": "other"},
        {"operator_id": "opr_2"},
        {"scopes": ("licences.revoke",)},
        {"digest": "known"},
        {"created_at": 0},
        {"expires_at": 2**40},
        {"revoked_at": 1},
    ],
)
def test_every_change_but_the_last_use_shows_in_the_record(changes: dict) -> None:
    assert replace(TOKEN, **changes).recorded != TOKEN.recorded
    assert replace(TOKEN, last_used_at=1).recorded == TOKEN.recorded


def test_names() -> None:
    assert check_token_name(" فروشگاه ") == "فروشگاه"
    assert check_token_name("x" * 100) == "x" * 100
    for name in ("", " ", "x" * 101, "a\nb", "\u202ea"):
        with pytest.raises(InvalidInputError):
            check_token_name(name)
