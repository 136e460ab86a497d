"""What the wizard asks, and an installation says at its end, of the users as whom the CRM runs."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from click.testing import CliRunner

from agent.cli.admitting import ask_for_crm_user, ways_in
from agent.cli.languages import persian_for
from agent.daemon.admission import Admission
from agent.store.home import Home
from keys.command import speaking, spoken
from tests.agent.cli.persian import left_in_english
from tests.agent.test_admission import home, of

__all__ = ["home"]
COMMAND = "sudo licence-agent install --crm-user NAME"
LANGUAGES = pytest.mark.parametrize("language", ["en", "fa"])


@contextmanager
def spoken_to(language: str) -> Iterator[None]:
    persian = persian_for({"LICENCE_AGENT_LANGUAGE": language})
    if persian is None:
        yield
    else:
        with speaking(persian):
            yield


def answered(typed: str, language: str) -> tuple[str | None, str]:
    """Let the question be answered; return whom it was answered with, and what was asked."""
    with spoken_to(language), CliRunner().isolation(input=typed) as (_, errors, _):
        return ask_for_crm_user(), errors.getvalue().decode()


def said(admission: Admission, language: str) -> str:
    with spoken_to(language):
        return "\n".join(map(spoken, ways_in(admission)))


@LANGUAGES
def test_it_is_asked_as_whom_the_crm_runs_until_that_is_a_user(language: str) -> None:
    user, asked = answered("nobody-here\nroot\nwww-data\n", language)
    assert (user, asked.count("Enter"), "nobody-here" in asked) == ("www-data", 3, True)
    assert (left_in_english(asked) == []) == (language == "fa")


@LANGUAGES
def test_enter_means_not_now(language: str) -> None:
    assert answered("\n", language)[0] is None


@LANGUAGES
def test_the_end_says_how_the_crm_comes_in(home: Home, language: str) -> None:
    assert COMMAND in said(of(home), language)
    for users in (("www-data",), ("games", "sync")):
        of(home, *users).grant()
    told = said(of(home, "www-data", "games"), language)
    assert told.count(str(home.folder / "agent.sock")) == told.count(str(home.application_token)) == 2
    assert (told.count("licence-agent token add NAME"), COMMAND in told) == (1, False)
    assert (left_in_english(told) == []) == (language == "fa")
    assert said(of(home), language) == "", "somebody is let in"
