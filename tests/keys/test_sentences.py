"""Sentences are their English text, and remember what they were made of."""

import copy
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from keys.command import Voice, speaking, spoken
from keys.errors import MalformedError, NotFoundError
from keys.sentences import Moment, Sentence, Translated, marked, of, phrase, recalled, row, together

MORNING = 1_800_000_000


def test_a_sentence_is_its_english_text() -> None:
    made = phrase("{path} has {count} bytes.", path="/a", count=3)
    assert (made, made.template, dict(made.values)) == (
        "/a has 3 bytes.",
        "{path} has {count} bytes.",
        {"path": "/a", "count": 3},
    )
    assert json.dumps({"said": made}) == '{"said": "/a has 3 bytes."}'


def test_a_plain_text_is_its_own_template() -> None:
    text = Sentence("a {brace}")
    assert text.template.format(**text.values) == text


@pytest.mark.parametrize("made", [phrase("{a}.", a=1), Translated("en", {"fa": "fa"}), row("{a:<4}{b}", a="x", b="y")])
def test_a_copy_is_the_same_text(made: Sentence) -> None:
    again = copy.deepcopy(made)
    assert (again, type(again)) == (made, type(made))


def test_a_refusal_goes_in_as_its_sentence() -> None:
    inner = phrase("There is no {name}.", name="door")
    outer = phrase("Not now: {error}", error=NotFoundError(inner))
    assert (outer, outer.values["error"]) == ("Not now: There is no door.", inner)
    assert phrase("{error}", error=OSError("x")).values["error"] == "x"
    assert of(MalformedError()) == ""


def test_moments_are_written_in_utc() -> None:
    assert phrase("until {at}", at=Moment(MORNING)) == "until 2027-01-15 08:00 UTC"
    assert f"{Moment(10**15):>22}" == "  9999-12-31 23:59 UTC"


@pytest.mark.usefixtures("elsewhere")
def test_moments_are_written_in_utc_wherever_the_machine_is() -> None:
    assert str(Moment(MORNING)) == "2027-01-15 08:00 UTC"


def test_together_leaves_out_what_is_empty() -> None:
    made = together("One.", "", "Two.", by=" ")
    assert (made, list(made.values.values())) == ("One. Two.", ["One.", "Two."])


def test_a_row_is_one_line() -> None:
    assert row("{state:<4} {said}", state="ok", said="Two\nlines. ") == "ok   Two lines."


def test_translated_text_has_its_others() -> None:
    assert (Translated("One", {"fa": "یک"}).others, Translated("One").others) == ({"fa": "یک"}, {})


@given(place=st.text(min_size=1), fact=st.text(min_size=1))
def test_a_stored_text_is_recalled(place: str, fact: str) -> None:
    template = marked("Nothing at {place} ({fact}).")
    found = recalled(phrase(template, place=place, fact=fact), template)
    assert found is not None
    assert found.template.format(**found.values) == f"Nothing at {place} ({fact})."
    assert recalled("Something else.", template) is None
    twice = "{place} is closed: open {place}."
    assert recalled(phrase(twice, place=place), twice) is not None
    assert recalled("a is closed: open b.", twice) is None


def test_the_voice_of_a_program_speaks_meanwhile() -> None:
    class Loud(Voice):
        def say(self, text: str) -> str:
            return text.upper()

    with speaking(Loud()):
        assert spoken(phrase("Yes.")) == "YES."
    assert spoken("a\x1bb") == "a\\u001bb"
