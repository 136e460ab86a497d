"""Webhooks as rules: the table of events, secrets, signatures, and when one is switched off."""

import os
import re
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from standardwebhooks import Webhook as Receiver

from keys.errors import InvalidInputError, StateConflictError
from licence_server.domain.attempt import LONGEST_ANSWER, Outcome, readable_answer
from licence_server.domain.webhook import (
    EVENTS,
    OVERLAP,
    PATIENCE,
    PING,
    TYPES,
    Webhook,
    check_types,
    new_webhook_secret,
    signature,
)

NOW = 1_800_000_000
DOCS = Path(__file__).parents[3] / "docs"
HOOK = Webhook("whk_1", "https://crm.example.com/", ("licence.issued",), NOW, "1.sealed")
GOOD, BAD, GONE = (Outcome(status, None, 1) for status in (204, 500, 410))


def test_the_page_has_the_table() -> None:
    page = (DOCS / "webhooks.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| `([a-z_.]+)` \| `([a-z_]+)` \| .+ \|$", page, re.MULTILINE)
    assert [(event, name) for name, event in rows] == list(EVENTS.items())


def test_no_two_events_share_a_type() -> None:
    assert len(set(EVENTS.values())) == len(EVENTS)
    assert {*TYPES, PING} == set(EVENTS.values())


@given(body=st.text(), at=st.integers(0, 2**33), message_id=st.text("abcdef0123456789_", min_size=1))
def test_a_signature_is_what_the_convention_says(body: str, at: int, message_id: str) -> None:
    secret = new_webhook_secret(os.urandom)
    theirs = Receiver(secret).sign(message_id, datetime.fromtimestamp(at, UTC), body)
    assert signature(secret, message_id, at, body) == theirs


def test_a_secret_has_256_bits_and_shows_nowhere() -> None:
    assert new_webhook_secret(lambda count: b"\xff" * count) == f"whsec_{'/' * 42}8="
    shown = repr(replace(HOOK, sealed="1.first", previous="1.second"))
    assert "first" not in shown
    assert "second" not in shown


@pytest.mark.parametrize(
    ("hook", "name", "subject", "wanted"),
    [
        (HOOK, "licence.issued", "lic_1", True),
        (HOOK, "licence.revoked", "lic_1", False),
        (HOOK, PING, "whk_1", True),
        (HOOK, PING, "whk_2", False),
        (replace(HOOK, disabled_at=1, why="gone"), "licence.issued", "lic_1", False),
        (replace(HOOK, removed_at=1), PING, "whk_1", False),
    ],
)
def test_who_is_told(hook: Webhook, name: str, subject: str, wanted: bool) -> None:
    assert hook.wants(name, subject) == wanted


def test_after_a_rotation_both_secrets_sign_for_a_day() -> None:
    assert HOOK.sealed_at(NOW) == ("1.sealed",)
    rotated = HOOK.rotated("1.other", NOW)
    assert rotated.sealed_at(NOW + OVERLAP - 1) == ("1.other", "1.sealed")
    assert rotated.sealed_at(NOW + OVERLAP) == ("1.other",)
    removed = rotated.removed(NOW + 1)
    assert (removed.sealed, removed.previous, removed.previous_until, removed.is_on) == ("", None, None, False)
    assert replace(rotated, previous=None).sealed_at(NOW) == ("1.other",), "half of one before is none"


def test_days_of_failures_switch_it_off_and_a_success_forgives() -> None:
    failing = HOOK.after(BAD, NOW)
    assert (failing.failing_since, failing.is_on) == (NOW, True)
    assert failing.after(GOOD, NOW + 5) == HOOK
    assert failing.after(BAD, NOW + PATIENCE - 1) == failing
    off = failing.after(BAD, NOW + PATIENCE)
    assert (off.why, off.disabled_at, off.failing_since) == ("failing", NOW + PATIENCE, NOW)
    assert off.after(GONE, NOW + PATIENCE + 1) == off, "what was under way changes nothing any more"
    assert off.enabled() == HOOK
    with pytest.raises(StateConflictError, match="on already"):
        HOOK.enabled()


def test_who_says_gone_is_not_asked_again() -> None:
    gone = HOOK.after(BAD, NOW - 5).after(GONE, NOW)
    assert (gone.why, gone.disabled_at, gone.failing_since) == ("gone", NOW, NOW - 5)
    assert HOOK.after(GONE, NOW).failing_since == NOW
    removed = HOOK.removed(NOW)
    assert removed.after(GONE, NOW).why is None


def test_a_digest_of_all_but_failures_is_recorded() -> None:
    assert replace(HOOK, failing_since=1).recorded == HOOK.recorded
    changes: dict[str, Any] = {
        "url": "x", "types": (), "sealed": "x", "previous": "x", "previous_until": 1, "disabled_at": 1, "why": "gone",
        "removed_at": 1, "created_at": 1,
    }  # fmt: skip
    digests = {replace(HOOK, **{name: value}).recorded["whk_1"] for name, value in changes.items()}
    assert len(digests | set(HOOK.recorded.values())) == len(changes) + 1


def test_events_are_taken_in_the_order_of_the_table() -> None:
    assert check_types(list(reversed(TYPES))) == TYPES
    with pytest.raises(InvalidInputError, match="is no event; there are licence"):
        check_types(["licence.sold"])
    with pytest.raises(InvalidInputError, match="'webhook"):
        check_types([PING])
    with pytest.raises(InvalidInputError, match="at least one"):
        check_types([])


@given(st.binary(max_size=9 * LONGEST_ANSWER))
def test_the_log_keeps_the_beginning_of_any_answer(body: bytes) -> None:
    kept = readable_answer(body)
    assert len(kept) <= LONGEST_ANSWER
    assert kept.isprintable()


def test_the_log_keeps_what_was_said() -> None:
    assert readable_answer("خطا\x00\n500".encode()) == "خطا  500"
