"""Limits on guessing, as a rule: how many, how long to wait, what shares a bucket."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from licence_server.domain import limits
from licence_server.domain.limits import Bucket, Guesses, group, normalised


def taken(guesses: Guesses, address: str, tries: int, now: float) -> int:
    return sum(guesses.take(address, now) == 0 for _ in range(tries))


@pytest.mark.threat(24)
def test_an_address_has_so_many_guesses_a_minute() -> None:
    guesses = Guesses(10, 1000)
    assert taken(guesses, "a", 50, 0.0) == 10
    assert taken(guesses, "b", 50, 0.0) == 10
    assert taken(guesses, "a", 50, 30.0) == 5


def test_the_wait_is_how_long_it_takes() -> None:
    guesses = Guesses(10, 1000)
    taken(guesses, "a", 10, 0.0)
    assert guesses.take("a", 0.0) == pytest.approx(6.0)
    assert guesses.take("a", 6.0) == 0


@pytest.mark.parametrize(("tokens", "wait"), [(1.0, 0.0), (0.5, 3.0), (0.0, 6.0), (1.5, 0.0)])
def test_one_token_is_enough_and_half_a_one_takes_half_the_time(tokens: float, wait: float) -> None:
    assert Bucket(10, tokens, 0.0).wait(0.0) == pytest.approx(wait)


def test_what_is_given_back_can_be_taken_again_and_no_more() -> None:
    guesses = Guesses(2, 100)
    for _ in range(20):
        assert guesses.take("a", 0.0) == 0
        guesses.give_back("a")
    assert taken(guesses, "a", 5, 0.0) == 2
    assert taken(guesses, "a", 1, 0.0) == 0
    guesses.give_back("a")
    assert taken(guesses, "a", 5, 0.0) == 1, "one that is given back is one"
    full = Guesses(2, 3)
    for _ in range(5):
        full.give_back("a")
        full.give_back("b")
    assert taken(full, "a", 5, 0.0) == 2
    assert taken(full, "b", 5, 0.0) == 1


@pytest.mark.threat(24)
def test_everybody_together_has_a_limit_too() -> None:
    guesses = Guesses(10, 25)
    assert sum(taken(guesses, str(number), 10, 0.0) for number in range(100)) == 25


def test_memory_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "MOST_ADDRESSES", 100)
    guesses = Guesses(10, 1e9)
    for number in range(1000):
        guesses.take(str(number), 0.0)
    assert len(guesses) == 100
    assert taken(guesses, "999", 20, 0.0) == 9, "who came last is remembered"
    assert taken(guesses, "0", 20, 0.0) == 10, "and who came first is forgotten"


@settings(max_examples=100, deadline=None)
@given(steps=st.lists(st.tuples(st.sampled_from("abc"), st.floats(0, 100)), max_size=200))
def test_no_order_of_guesses_gets_more_than_the_bucket_and_what_flows_in(steps) -> None:
    guesses, now, granted = Guesses(5, 8), 0.0, dict.fromkeys("abc", 0)
    for address, passed in steps:
        now += passed
        granted[address] += guesses.take(address, now) == 0
    assert all(number <= 5 + 5 * now / 60 + 1e-6 for number in granted.values())
    assert sum(granted.values()) <= 8 + 8 * now / 60 + 1e-6


@pytest.mark.parametrize(
    ("text", "bucket"),
    [
        ("203.0.113.7", "203.0.113.7"),
        ("::ffff:203.0.113.7", "203.0.113.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:db8:1:2::1", "2001:db8:1:2::/64"),
        ("fe80::1%eth0", "fe80::/64"),
        ("nonsense", "unknown"),
    ],
)
def test_what_shares_a_bucket(text: str, bucket: str) -> None:
    assert group(normalised(text)) == bucket
