"""A message's way: tried for three days, each time later, and the same message at every attempt."""

import json
import re
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from keys.errors import StateConflictError
from licence_server.domain.attempt import Attempt, Outcome
from licence_server.domain.delivery import DELAYS, JITTER, Delivery, message

NOW, DAY = 1_800_000_000, 86_400
NEW = Delivery.of("whk_1", "ab" * 32, "licence.issued", "{}", NOW)
GOOD, BAD = Outcome(200, None, 1), Outcome(None, "silence", 1)


@given(st.lists(st.floats(0, 1), min_size=len(DELAYS) + 1, max_size=len(DELAYS) + 1))
def test_it_is_tried_ten_times_within_three_days_and_a_half(jitters: list[float]) -> None:
    delivery, waits = NEW, []
    for jitter in jitters:
        assert delivery.state == "waiting"
        at = delivery.due_at or 0
        delivery, _ = delivery.attempted(BAD, at, jitter)
        waits.append((delivery.due_at or at) - at)
    assert (delivery.state, delivery.due_at, delivery.attempts) == ("given_up", None, 10)
    for delay, wait in zip(DELAYS, waits, strict=False):
        assert delay <= wait <= round(delay * (1 + JITTER))
    assert 3 * DAY < sum(waits) < 4 * DAY


def test_a_message_that_is_made_is_due_at_once() -> None:
    assert Delivery(NEW.id, "whk_1", NEW.message_id, "licence.issued", "{}", NOW, "waiting", NOW, 0, 0) == NEW
    assert re.fullmatch("dlv_[0-9a-f]{32}", NEW.id)


def test_an_attempt_says_when_and_what_came_of_it() -> None:
    assert NEW.attempted(BAD, NOW + 7, 0)[1] == Attempt(NEW.id, 1, NOW + 7, BAD)


def test_what_arrived_is_not_tried_again() -> None:
    done, attempt = NEW.attempted(GOOD, NOW, 0)
    assert (done.state, done.due_at, attempt.number) == ("delivered", None, 1)
    late, second = done.attempted(BAD, NOW, 0)
    assert (late.state, late.due_at, second.number) == ("delivered", None, 2), "two that sent it at once: one was right"


def test_by_hand_it_begins_anew_under_the_same_id() -> None:
    done, _ = NEW.attempted(GOOD, NOW, 0)
    again = done.again(NOW + DAY)
    assert (again.due_at, again.tries) == (NOW + DAY, 0)
    assert replace(again, state="delivered", due_at=None, tries=1) == done
    assert again.attempted(BAD, NOW + DAY, 0)[1].number == 2
    with pytest.raises(StateConflictError, match="under way"):
        again.again(NOW + DAY)


def test_ids_say_which_event_and_to_whom() -> None:
    other = Delivery.of("whk_2", "ab" * 32, "licence.issued", "{}", NOW)
    assert (other.message_id, other.id != NEW.id) == (NEW.message_id, True)
    assert NEW.message_id == "msg_" + "ab" * 16
    assert Delivery.of("whk_1", "cd" * 32, "licence.issued", "{}", NOW).message_id != NEW.message_id


def test_a_message_has_a_type_a_moment_and_data() -> None:
    said = json.loads(message("licence.issued", NOW, {"licence_id": "lic_1"}))
    assert said == {"type": "licence.issued", "timestamp": "2027-01-15T08:00:00Z", "data": {"licence_id": "lic_1"}}
