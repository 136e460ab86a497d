"""The page for whoever stands before a server that does not work says what the tests show, and nothing else."""

from pathlib import Path

from tests.situations import persian
from tests.situations.table import CHAPTERS, PAGE, ROOT, Shown, page_with, rendered, sentences, shown_in

WELL = {"untried", "unasked", "good", "none", "new", "aside", "unset", "free", "ours", "hand", "physical", "virtual"}
"""Ends of words for what is well, or for what was not tried since something else is wrong."""
ELSEWHERE = {
    "name-dead-here", "connection-broken", "tls-flawed", "fingerprint-stand-in", "machine-stand-in",
    "machine-container", "clock-unknown", "tls-clock",
}  # fmt: skip
"""Words that need no row: they go with another row's, or are for tests."""


def test_the_page_is_what_the_tests_say() -> None:
    assert PAGE.read_text() == page_with(rendered(shown_in(ROOT / "tests"))), (
        "run: .venv/bin/python -m tests.situations"
    )


def test_the_persian_page_is_what_the_tests_say() -> None:
    shown = shown_in(ROOT / "tests")
    assert persian.PAGE.read_text() == page_with(persian.rendered(shown), persian.PAGE), (
        "run: .venv/bin/python -m tests.situations"
    )
    assert set(persian.WHAT) == {each.what for each in shown}


def test_every_situation_that_is_wrong_has_a_test_and_every_mark_a_word() -> None:
    words = {word for tables in CHAPTERS.values() for table in tables for word in table}
    shown = {each.says for each in shown_in(ROOT / "tests")}
    assert shown <= set(sentences())
    assert {word for word in words - shown if word.rpartition("-")[2] not in WELL} == ELSEWHERE


def test_there_are_many() -> None:
    assert len({(each.what, each.says) for each in shown_in(ROOT / "tests")}) >= 25


def test_marks_are_read_from_the_source(tmp_path: Path) -> None:
    (tmp_path / "test_some.py").write_text(
        '@pytest.mark.situation("One", says="a")\ndef test_one(): ...\n'
        'CASES = [pytest.param(1, marks=pytest.mark.situation("Two", says="b"))]\n'
    )
    assert shown_in(tmp_path) == [Shown("One", "a", "test_some.py"), Shown("Two", "b", "test_some.py")]
