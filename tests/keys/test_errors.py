"""The words of all refusals: wire format, so they are listed here a second time."""

import re

from keys.errors import AgentNotBelievedError, LicensingError, RateLimitedError, SeatsExhaustedError, all_refusals

WORDS = {
    "malformed", "signature-invalid", "too-large", "media-type", "code-unknown", "code-used", "code-expired",
    "licence-not-activatable", "fingerprint-insufficient", "terms-not-accepted", "evidence-required",
    "request-replayed", "rate-limited", "unavailable", "seats-exhausted", "outside-network",
    "licence-restricted", "licence-blocked", "token-invalid", "origin-refused", "not-found",
    "method-not-allowed", "invalid-input", "state-conflict", "not-allowed", "audit-broken", "key-unsafe",
    "approval-needed", "changed-meanwhile", "trust-refused", "not-activated", "state-damaged", "busy", "unreachable",
}  # fmt: skip


def test_no_word_is_ever_renamed() -> None:
    assert set(all_refusals()) >= WORDS


def test_every_refusal_has_a_word_a_title_and_a_meaning() -> None:
    for word, refusal in all_refusals().items():
        assert re.fullmatch(r"[a-z]+(-[a-z]+)*", word)
        assert refusal.word == word
        assert refusal.title
        assert refusal.__doc__
        assert issubclass(refusal, LicensingError)


def test_a_refusal_carries_what_its_answer_needs() -> None:
    later = RateLimitedError("Too many.", 30)
    assert (later.retry_after, str(later)) == (30, "Too many.")
    full = SeatsExhaustedError("All 3 users are in.", "users", 3, 3)
    doubted = AgentNotBelievedError("It says more than the licence allows.", "restricted")
    assert (doubted.mode, str(doubted)) == ("restricted", "It says more than the licence allows.")
    assert AgentNotBelievedError("It is none.").mode == "blocked"
    assert (full.dimension, full.used, full.limit, str(full)) == ("users", 3, 3, "All 3 users are in.")
