"""When the agent validates, looks for trust, and how long it waits after a failure."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.domain.mode import Hand
from agent.domain.renewal import (
    DAY,
    LONGEST_BACK_OFF,
    LONGEST_RETRY_AFTER,
    Progress,
    after_answer,
    after_failure,
    after_trust,
    after_trust_failure,
    decide,
    draw_jitter,
)
from tests.agent.vendor import a_licence
from tests.fakes import START

NOTHING_MORE_TO_ASK = Progress(trust_at=START + DAY)
HAND = Hand(licence=a_licence(), trust_expires_at=START + 300 * DAY)
LEAST, MOST = (lambda count: b"\0" * count), (lambda count: b"\xff" * count)


def test_it_validates_when_the_licence_says_so() -> None:
    assert not decide(HAND, NOTHING_MORE_TO_ASK, 0.0, START + DAY - 1).validate
    assert decide(HAND, NOTHING_MORE_TO_ASK, 0.0, START + DAY).validate


@given(st.floats(-1, 1))
def test_jitter_is_a_tenth_of_the_interval(jitter: float) -> None:
    assert not decide(HAND, NOTHING_MORE_TO_ASK, jitter, START + DAY * 9 // 10 - 1).validate
    assert decide(HAND, NOTHING_MORE_TO_ASK, jitter, START + DAY * 11 // 10).validate


@given(st.integers(0, 2**40), st.one_of(st.none(), st.integers(0, 2**40)), st.one_of(st.none(), st.integers(0, 2**40)))
def test_there_is_always_a_next_time_and_never_one_that_is_far(now: int, retry_at, trust_at) -> None:
    decision = decide(HAND, Progress(3, retry_at, 1, trust_at), 0.5, now)
    assert decision.wake_at > now
    if now >= START + 2 * DAY and not decision.validate:
        assert decision.wake_at <= now + LONGEST_RETRY_AFTER + LONGEST_BACK_OFF


@pytest.mark.parametrize(
    "hand",
    [
        Hand(),
        replace(HAND, key_flaw="gone"),
        replace(HAND, licence=a_licence(status="superseded")),
        replace(HAND, licence=a_licence(status="deactivated")),
    ],
)
def test_where_there_is_nothing_to_ask_it_does_not_ask(hand: Hand) -> None:
    assert not decide(hand, NOTHING_MORE_TO_ASK, 0.0, START + 99 * DAY).validate


@pytest.mark.parametrize("status", ["suspended", "expired", "revoked"])
def test_a_stopped_licence_is_asked_for_again(status) -> None:
    hand = replace(HAND, licence=a_licence(status=status))
    assert decide(hand, NOTHING_MORE_TO_ASK, 0.0, START + DAY).validate


def test_a_revoked_signing_key_and_a_refusal_make_it_ask_at_once() -> None:
    refused = replace(HAND, refusal=a_licence(status="refused"))
    for hand in (replace(HAND, key_revoked=True), refused):
        assert decide(hand, NOTHING_MORE_TO_ASK, 0.0, START).validate
        assert not decide(hand, Progress(1, START + 30, 0, START + DAY), 0.0, START).validate


def test_after_a_failure_it_waits() -> None:
    waiting = Progress(1, START + DAY + 30, 0, START + 2 * DAY)
    decision = decide(HAND, waiting, 0.0, START + DAY)
    assert (decision.validate, decision.wake_at) == (False, START + DAY + 30)
    assert decide(HAND, waiting, 0.0, START + DAY + 30).validate


def test_the_longest_wait_that_binds_is_a_day_and_an_hour() -> None:
    longest = LONGEST_RETRY_AFTER + LONGEST_BACK_OFF
    now = START + 2 * DAY
    for wait, validates in ((1, False), (longest, False), (longest + 1, True)):
        assert decide(HAND, Progress(1, now + wait, 0, now + 2 * DAY), 0.0, now).validate is validates
    for wait, looks in ((1, False), (2 * DAY, False), (2 * DAY + 1, True)):
        assert decide(HAND, Progress(trust_at=now + wait), 0.0, now).look_for_trust is looks


@pytest.mark.parametrize(("jitter", "at"), [(-1.0, 9), (-0.5, 9.5), (0.5, 10.5), (1.0, 11)])
def test_jitter_moves_the_moment_its_own_way(jitter: float, at: float) -> None:
    moment = START + round(DAY * at / 10)
    assert not decide(HAND, NOTHING_MORE_TO_ASK, jitter, moment - 1).validate
    assert decide(HAND, NOTHING_MORE_TO_ASK, jitter, moment).validate


def test_a_wait_that_was_set_by_a_wrong_clock_does_not_bind() -> None:
    in_2038 = Progress(1, START + 4_000 * DAY, 0, START + 4_000 * DAY)
    decision = decide(HAND, in_2038, 0.0, START + DAY)
    assert decision.validate
    assert decision.look_for_trust


def test_trust_is_looked_for_daily_and_at_once_at_first() -> None:
    assert decide(HAND, Progress(), 0.0, START).look_for_trust
    assert not decide(HAND, NOTHING_MORE_TO_ASK, 0.0, START).look_for_trust
    assert decide(HAND, NOTHING_MORE_TO_ASK, 0.0, START + DAY).look_for_trust
    assert not decide(Hand(), Progress(), 0.0, START).look_for_trust


def test_the_back_off_doubles_from_a_minute_to_an_hour_with_full_jitter() -> None:
    progress, waits = Progress(), []
    for _ in range(9):
        progress = after_failure(progress, START, 0, MOST)
        waits.append((progress.retry_at or 0) - START)
    assert waits == [60, 120, 240, 480, 960, 1920, 3600, 3600, 3600]
    assert after_failure(progress, START, 0, LEAST).retry_at == START + 1


def test_a_failed_validation_changes_nothing_about_trust() -> None:
    assert after_failure(Progress(1, 2, 3, 4), START, 0, LEAST) == Progress(2, START + 1, 3, 4)


@pytest.mark.parametrize(("asked", "waited"), [(0, 0), (-5, 0), (120, 120), (10**9, LONGEST_RETRY_AFTER)])
def test_retry_after_is_honoured_up_to_a_day(asked: int, waited: int) -> None:
    assert after_failure(Progress(), START, asked, LEAST).retry_at == START + waited + 1


def test_an_answer_forgets_the_failures_and_nothing_else() -> None:
    assert after_answer(Progress(3, START, 2, START + 5)) == Progress(0, None, 2, START + 5)


def test_the_next_look_for_trust_is_a_day_later_give_or_take() -> None:
    assert after_trust(Progress(1, 2, 3, 4), START, LEAST) == Progress(1, 2, 0, START + DAY * 9 // 10)
    assert after_trust(Progress(), START, MOST).trust_at == START + DAY * 11 // 10
    failed = after_trust_failure(Progress(1, 2, 3, 4), START, MOST)
    assert failed == Progress(1, 2, 4, START + 480)


def test_jitter_reaches_from_minus_one_to_one() -> None:
    assert draw_jitter(LEAST) == -1
    assert 0.999 < draw_jitter(MOST) <= 1
