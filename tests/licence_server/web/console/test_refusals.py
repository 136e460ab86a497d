"""Refusals of the use cases are shown in the reader's language, as long as they are raised like that."""

import ast
import re
from pathlib import Path

import pytest
from flask import Flask, g

from licence_server.services.admitting import OVER
from licence_server.web.console.language import gettext
from licence_server.web.console.refusals import SENTENCES, translated

SERVER = Path(__file__).parents[4] / "licence_server"


def text_of(node: ast.expr) -> str | None:
    """A text in the code, with {} where something is filled in."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return re.sub(r"{\w+}", "{}", node.value)
    if isinstance(node, ast.JoinedStr):
        parts = (part.value if isinstance(part, ast.Constant) else "{}" for part in node.values)
        return "".join(map(str, parts))
    return None


def texts() -> set[str]:
    folders = [*(SERVER / name for name in ("services", "domain", "storage", "bundles")), SERVER.parent / "keys"]
    files = [SERVER / "workbooks.py"]
    files += [file for folder in folders for file in folder.glob("**/*.py")]
    nodes = (node for file in files for node in ast.walk(ast.parse(file.read_text())) if isinstance(node, ast.expr))
    return {text for text in map(text_of, nodes) if text is not None}


def test_every_sentence_here_is_said_there() -> None:
    here = {re.sub(r"%\(\w\)s", "{}", sentence) for sentence in SENTENCES}
    assert here - texts() == set()


@pytest.mark.parametrize(
    ("said", "shown"),
    [
        (OVER, "از نو"),
        ("'x@' is not an e-mail address.", "'x@'"),
        ("Only a suspended licence can be resumed; this one is active.", "active"),
        ("%(a)s is not an e-mail address.", "%(a)s"),
        ("a\nb is not an e-mail address.", "a\nb"),
    ],
)
def test_it_is_said_in_persian_with_what_was_filled_in(said: str, shown: str) -> None:
    with Flask(__name__).app_context():
        g.language = "fa"
        assert shown in translated(said)
        assert translated(said) != said
        g.language = "en"
        assert translated(said) == said


@pytest.mark.parametrize("sentence", SENTENCES)
def test_each_is_recognised_as_itself(sentence: str) -> None:
    filled = {name: name.upper() for name in "abcd"}
    with Flask(__name__).app_context():
        g.language = "fa"
        assert translated(sentence % filled) == gettext(sentence) % filled


def test_what_nobody_foresaw_is_said_in_english() -> None:
    with Flask(__name__).app_context():
        g.language = "fa"
        assert translated("The moon is full.") == "The moon is full."
