"""How long sessions last, and what is kept of them."""

import os

import pytest
from hypothesis import given
from hypothesis import strategies as st

from licence_server.domain.session import (
    SEEN_EVERY,
    SIGNING_IN,
    Lifetimes,
    Place,
    Session,
    Step,
    csrf_of,
    is_csrf_of,
    new_token,
    token_digest,
)

pytestmark = pytest.mark.threat(29)
START = 1_800_000_000
LIFETIMES = Lifetimes(idle=100, absolute=1_000)


def session(step: Step, seen: int = 0) -> Session:
    return Session("ses_1", "digest", "opr_1", step, START, START + seen, Place.of("", ""))


@pytest.mark.parametrize(
    ("step", "seen", "after", "is_over"),
    [
        ("open", 0, 99, False),
        ("open", 0, 100, True),
        ("open", 950, 999, False),
        ("open", 950, 1_000, True),
        ("open", 900, 1_000, True),
        *((step, seen, after, over) for step in ("password", "enrolment", "code")
          for seen, after, over in ((0, SIGNING_IN - 1, False), (0, SIGNING_IN, True), (500, SIGNING_IN, True))),
    ],
)  # fmt: skip
def test_when_a_session_is_over(step: Step, seen: int, after: int, is_over: bool) -> None:
    assert session(step, seen).is_over(START + after, LIFETIMES) == is_over


@given(st.lists(st.integers(0, 200), max_size=40))
def test_a_session_in_use_lives_until_it_is_idle_or_old(waits: list[int]) -> None:
    now, seen = START, 0
    for wait in waits:
        now += wait
        is_over = session("open", seen).is_over(now, LIFETIMES)
        assert is_over == (now - START - seen >= 100 or now - START >= 1_000)
        if is_over:
            break
        if session("open", seen).is_stale(now):
            assert now - START - seen >= SEEN_EVERY
            seen = now - START


def test_a_place_is_short_plain_text() -> None:
    assert Place.of("203.0.113.7", "Firefox/140 فارسی") == Place("203.0.113.7", "Firefox/140 فارسی")
    found = Place.of("a\nb" * 100, "\x1b[31m\u202e\ud800\x00" * 100)
    assert (len(found.address), len(found.agent)) == (64, 200)
    assert (found.address + found.agent).isprintable()


def test_tokens_are_never_the_same_nor_stored() -> None:
    tokens = {new_token(os.urandom) for _ in range(100)}
    assert len(tokens) == 100
    assert {len(token) for token in tokens} == {43}
    assert len({token_digest(token) for token in tokens} | {csrf_of(token) for token in tokens}) == 200


def test_what_is_far_too_long_is_no_token_that_was_cut() -> None:
    assert token_digest("x" * 128) != token_digest("x" * 129) == token_digest("x" * 1_000_000)


def test_a_form_of_one_session_is_none_of_another() -> None:
    one, two = new_token(os.urandom), new_token(os.urandom)
    assert is_csrf_of(one, csrf_of(one))
    for sent in (csrf_of(two), one, "", csrf_of(one)[:-1], "\ud800", "x" * 1_000_000):
        assert not is_csrf_of(one, sent)
