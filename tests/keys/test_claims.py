"""The door for claims: what each method takes, what it refuses, and with which sentence."""

from collections.abc import Callable
from typing import Literal

import pytest

from keys.claims import Reader
from keys.errors import MalformedError

Read = Callable[[Reader], object]
Colour = Literal["red", "green"]
DIGEST = "d" * 43


def read(method: str, *arguments: object) -> Read:
    return lambda reader: getattr(reader, method)("it", *arguments)


TAKEN: list[tuple[Read, object]] = [
    (read("text"), ""),
    (read("text"), "ü" * 1024),
    (read("text", 2), "ab"),
    (read("ident"), "aZ09_-"),
    (read("ident"), "x" * 128),
    (read("word"), "a"),
    (read("word"), "0_.-" + "x" * 60),
    (read("one_of", Colour), "red"),
    (read("one_of", Colour), "green"),
    (read("whole"), 0),
    (read("whole", 3), 3),
    (read("number"), 0),
    (read("number"), 0.25),
    (read("number"), 2**53),
    (read("maybe_whole"), 0),
    (read("maybe_whole", 3), 3),
    (read("maybe_whole"), None),
    (read("maybe_word"), "word"),
    (read("maybe_word"), None),
    (read("has"), True),
    (read("raw"), {"any": [1]}),
    (lambda reader: list(reader.words("it")), ["a"] * 256),
    (lambda reader: list(reader.networks("it")), ["10.0.0.0/8", "fd00::/8"]),
    (read("digests"), {f"c{number}": DIGEST for number in range(32)}),
    (lambda reader: reader.inner("it").everything(), {"a": 1}),
    (lambda reader: [each.everything() for each in reader.objects("it")], [{}, {"a": 1}] * 128),
    (lambda reader: [each.everything() for each in reader.objects("it", 2)], [{}, {"a": 1}]),
]


@pytest.mark.parametrize(("taken", "value"), TAKEN, ids=range(len(TAKEN)))
def test_what_is_right_is_taken_as_it_is(taken: Read, value: object) -> None:
    assert taken(Reader({"it": value})) == value


WORDS, NETWORKS = "must be a list of words in lower case", "must be a list of networks such as 10.0.0.0/8"
DIGESTS = "must have a digest of 43 base64url characters for each component"
REFUSED: list[tuple[Read, object, str]] = [
    (read("text"), "x" * 1025, "must be text of at most 1024 characters"),
    (read("text", 2), "abc", "must be text of at most 2 characters"),
    (read("text"), 5, "must be text of at most 1024 characters"),
    (read("text"), None, "must be text of at most 1024 characters"),
    (read("ident"), "x" * 129, "must be text of at most 128 characters"),
    (read("ident"), "", "must be an identifier"),
    (read("ident"), "a.b", "must be an identifier"),
    (read("word"), "x" * 65, "must be text of at most 64 characters"),
    (read("word"), "", "must be a word in lower case"),
    (read("word"), "A", "must be a word in lower case"),
    (read("one_of", Colour), "blue", "must be one of red, green"),
    (read("one_of", Colour), None, "must be one of red, green"),
    (read("one_of", Colour), ["red"], "must be one of red, green"),
    (read("whole"), -1, "must be a whole number from 0"),
    (read("whole", 3), 2, "must be a whole number from 3"),
    (read("whole"), True, "must be a whole number from 0"),
    (read("whole"), 1.0, "must be a whole number from 0"),
    (read("whole"), "1", "must be a whole number from 0"),
    (read("number"), -0.25, "must be a number from 0"),
    (read("number"), 2**53 + 1, "must be a number from 0"),
    (read("number"), True, "must be a number from 0"),
    (read("number"), "1", "must be a number from 0"),
    (read("maybe_whole"), -1, "must be a whole number from 0"),
    (read("maybe_whole", 3), 2, "must be a whole number from 3"),
    (read("maybe_word"), "A", "must be a word in lower case"),
    (read("inner"), [], "must be an object"),
    (read("words"), "a", "must be a list of at most 256"),
    (read("words"), ["a"] * 257, "must be a list of at most 256"),
    (read("words"), ["a", "B"], WORDS),
    (read("words"), ["a", 5], WORDS),
    (lambda reader: list(reader.objects("it")), {}, "must be a list of at most 256"),
    (lambda reader: list(reader.objects("it")), [{}] * 257, "must be a list of at most 256"),
    (lambda reader: list(reader.objects("it", 2)), [{}] * 3, "must be a list of at most 2"),
    (lambda reader: list(reader.objects("it")), [{}, 5], "must be a list of objects"),
    (read("networks"), ["10.0.0.1/8"], NETWORKS),
    (read("networks"), ["10.0.0.0/8", "everywhere"], NETWORKS),
    (read("networks"), ["10.0.0.0/8", 5], NETWORKS),
    (read("networks"), ["10.0.0.0/8", "10.0.0.0/33"], NETWORKS),
    (read("digests"), [], "must be an object of at most 32 components"),
    (read("digests"), {f"c{number}": DIGEST for number in range(33)}, "must be an object of at most 32 components"),
    (read("digests"), {"A": DIGEST}, DIGESTS),
    (read("digests"), {"a": DIGEST[1:]}, DIGESTS),
    (read("digests"), {"a": 5}, DIGESTS),
]


@pytest.mark.parametrize(("refused", "value", "why"), REFUSED, ids=range(len(REFUSED)))
def test_what_is_wrong_is_refused_with_what_it_must_be(refused: Read, value: object, why: str) -> None:
    with pytest.raises(MalformedError) as refusal:
        refused(Reader({"it": value}))
    assert str(refusal.value) == f"The claim it {why}."


@pytest.mark.parametrize(
    "missing",
    [read(name) for name in ("text", "ident", "word", "whole", "number", "inner", "words", "networks", "digests")]
    + [read("maybe_whole"), read("maybe_word"), read("one_of", Colour), read("raw")],
)
def test_what_is_missing_is_said_to_be_missing(missing: Read) -> None:
    with pytest.raises(MalformedError) as refusal:
        missing(Reader({"other": None}))
    assert str(refusal.value) == "The claim it is missing."
    assert not Reader({"other": None}).has("it")


def test_a_claim_is_named_with_its_place() -> None:
    reader = Reader({"a": {"b": {"c": 5}}, "list": [{"d": {}}, {"d": {"e": 5}}]})
    places: dict[str, Read] = {
        "a.b.c": lambda reader: reader.inner("a").inner("b").text("c"),
        "list[0].d.e": lambda reader: [each.inner("d").text("e") for each in reader.objects("list")],
    }
    for place, wrong in places.items():
        with pytest.raises(MalformedError) as refusal:
            wrong(reader)
        assert str(refusal.value).startswith(f"The claim {place} ")
