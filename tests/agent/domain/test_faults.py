"""What people are told when a validation failed."""

import re
from typing import get_args

import pytest

from agent.domain.faults import EXPLAINED, Cause, FaultError, cause_of_status, plain, remembered, sentence
from agent.domain.mode import Standing
from agent.server import REFUSALS
from keys.errors import SignatureInvalidError
from keys.sentences import Sentence, phrase
from tests.agent.vendor import DAY, a_licence
from tests.fakes import START


def standing(left: int = 3 * DAY, mode="full", reason: str = "active") -> Standing:
    licence = a_licence(expires_at=START + left)
    return Standing(mode, reason, licence, START)


def test_every_cause_has_a_sentence() -> None:
    assert set(EXPLAINED) == set(get_args(Cause))


@pytest.mark.parametrize("cause", EXPLAINED)
def test_a_fault_says_what_happened_and_what_to_do(cause: Cause) -> None:
    error = FaultError(cause, "https://licence.example.com", "why.", 7)
    what, remedy = EXPLAINED[cause]
    assert (error.cause, error.retry_after, error.word) == (cause, 7, "unreachable")
    assert str(error).endswith(f"; {remedy}.")
    assert ("https://licence.example.com" in str(error), "(why)" in str(error)) == (
        "{place}" in what,
        "({fact})" in what,
    )
    assert not re.search(r"[{}\n]|\.\.|\. ", str(error))


def test_a_fault_that_asks_for_no_wait_has_none() -> None:
    assert FaultError("cut", "https://a").retry_after == 0


def test_a_fact_is_one_short_line() -> None:
    error = FaultError("connection", "https://a", "No\n route\x1b[31m to \u202e host" * 50)
    assert "(No route [31m to host" in str(error)
    assert len(str(error)) < 300


@pytest.mark.parametrize(
    ("status", "cause"),
    [
        *((200, "page"), (204, "page"), (302, "redirect"), (304, "status"), (400, "status"), (403, "forbidden")),
        *((404, "address"), (429, "server"), (500, "server"), (599, "server"), (101, "status"), (999, "status")),
    ],
)
def test_a_status_has_a_meaning(status: int, cause: str) -> None:
    assert cause_of_status(status) == cause


def test_plain_text_is_printable_and_not_longer() -> None:
    assert plain(" a\0b\u202ec  d\n", 99) == "a b c d"
    assert plain("12345", 5) == "12345"
    assert plain("123456", 5) == "1234…"


def test_a_sentence_ends_once_and_not_too_late() -> None:
    assert "(UNIX);" in str(FaultError("connection", "https://a", "UNIX."))
    assert sentence("unreachable", "x" * 1000, standing()).startswith("x" * 1000 + ";")
    assert sentence("unreachable", "x" * 1001, standing()).startswith("x" * 999 + "…;")


def test_what_it_means_depends_on_the_mode() -> None:
    fault = str(FaultError("cut", "https://a"))
    for left, days in ((3 * DAY, "3 more days"), (DAY + 1, "2 more days"), (DAY, "1 more day"), (-5, "0 more days")):
        text = sentence("unreachable", fault, standing(left, "grace", "validation_overdue"))
        assert text == f"{fault[:-1]}; the licence in hand goes on, for {days} at most."
    text = sentence("unreachable", fault, standing(-5, "restricted", "lease_ended"))
    assert text == f"{fault[:-1]}; the mode stays restricted."
    assert sentence("key-unsafe", "No key", Standing("blocked", "no_licence", None, START)) == (
        "No key; the mode stays blocked."
    )


@pytest.mark.parametrize("word", REFUSALS["validation"])
def test_an_unsigned_refusal_is_quoted_as_one(word: str) -> None:
    text = sentence(word, 'Revoked! "Pay"\n\x1b[31m now.', standing())
    assert text.startswith(
        'The licence server turned the request away without signing that ("Revoked! ' + "'Pay' [31m now"
    )
    assert text.endswith("; the licence in hand goes on, for 3 more days at most.")
    assert '("All is MAX");' in sentence(word, "All is MAX.", standing())
    assert len(sentence(word, "x" * 9999, standing())) < 450


def test_an_unsigned_refusal_comes_with_what_to_do() -> None:
    said = sentence("rate-limited", "Later.", standing())
    assert '("Later"); there is nothing to do here: the agent asks again later; the licence in hand' in said


@pytest.mark.parametrize("cause", EXPLAINED)
def test_a_stored_sentence_is_remembered_by_what_it_was_made_of(cause: Cause) -> None:
    stored = str(FaultError(cause, "https://licence.example.com", "why"))
    again = remembered(stored)
    assert again == stored
    assert isinstance(again, Sentence)
    happened = again.values["happened"]
    assert isinstance(happened, Sentence)
    assert happened.template == EXPLAINED[cause][0]


def test_other_outcomes_are_remembered_too() -> None:
    answered = remembered("The licence is active.")
    assert isinstance(answered, Sentence)
    assert answered.values == {"status": "active"}
    assert remembered("Whatever.") == "Whatever."
    assert remembered("The name of https://a can't be resolved") == "The name of https://a can't be resolved"


def test_a_stored_fault_can_still_be_translated_within_what_it_means() -> None:
    whole = sentence("unreachable", str(FaultError("cut", "https://a")), standing())
    assert isinstance(whole, Sentence)
    said = whole.values["said"]
    assert isinstance(said, Sentence)
    assert (said.template, said.values["remedy"]) == ("{happened}; {remedy}.", EXPLAINED["cut"][1])


def test_a_refusal_within_a_fault_can_still_be_translated() -> None:
    inner = phrase("The signing key {kid} is unknown or revoked.", kid="k")
    fault = FaultError("unsigned", "https://a", SignatureInvalidError(inner))
    happened = fault.args[0].values["happened"]
    fact = happened.values["fact"]
    assert (str(fact), fact.template, fact.values) == (str(inner).rstrip("."), inner.template, {"kid": "k"})
