"""The catalogue of sentences: every one translated, none forgotten, and none in a template outside of it."""

import re
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.frontend import parse_mapping_cfg
from babel.messages.pofile import read_po
from jinja2 import Environment

from licence_server.web.console.language import FOLDER, NAMES
from licence_server.web.console.problems import __file__ as problems

CONSOLE = Path(problems).parent
TEMPLATES = sorted((CONSOLE / "templates").rglob("*.html"))
_PLACE = re.compile(r"%\(\w+\)[sd]|%\d|\{\w*\}")
_TOLD = {"placeholder", "title", "alt", "aria-label", "value"}
_OWN_WORDS = {*NAMES.values(), "csrf", "UTC"}


Id = str | tuple[str, ...]


def catalogue(language: str) -> Catalog:
    with (FOLDER / language / "LC_MESSAGES" / "messages.po").open("rb") as file:
        return read_po(file, locale=language)


def extracted() -> Iterator[Id]:
    """Every sentence in the code and the templates."""
    with (FOLDER / "babel.cfg").open() as file:
        methods, options = parse_mapping_cfg(file)
    keywords = {"_": None, "gettext": None, "ngettext": (1, 2), "marked": None}
    for _, _, message, _, _ in extract_from_dir(CONSOLE, methods, options, keywords):
        yield message


def ids(found: Catalog) -> set[Id]:
    return {tuple(each.id) if isinstance(each.id, list | tuple) else each.id for each in found if each.id}


def test_the_catalogue_has_the_sentences_that_are_there_and_no_others() -> None:
    """Else: make translations."""
    assert ids(catalogue("fa")) == set(extracted())


def test_every_sentence_is_translated() -> None:
    for message in (each for each in catalogue("fa") if each.id):
        strings = [message.string] if isinstance(message.string, str) else list(message.string or [""])
        assert all(strings), message.id
        assert not message.fuzzy, message.id


def test_translations_have_the_same_places() -> None:
    for message in catalogue("fa"):
        if isinstance(message.id, str):
            assert sorted(_PLACE.findall(message.id)) == sorted(_PLACE.findall(str(message.string))), message.id


@pytest.mark.parametrize("wrong", ["ي", "ك", "ه ی ", "  "])
def test_persian_is_written_with_persian_letters(wrong: str) -> None:
    assert not [message.id for message in catalogue("fa") if message.id and wrong in str(message.string)]


class _Outside(HTMLParser):
    """Collects what a template says without asking the catalogue."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_data(self, data: str) -> None:
        self._look(data)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        for name, value in attrs:
            if (name in _TOLD and tag not in {"input", "button", "option"}) or name in _TOLD - {"value"}:
                self._look(value or "")

    def _look(self, text: str) -> None:
        self.found += [word for word in re.findall(r"[^\W\d_]{2,}", text) if word not in _OWN_WORDS]


def outside(template: str) -> list[str]:
    """The words of a template that are in no call of the catalogue."""
    parser, is_translated = _Outside(), False
    kept = []
    for _, kind, token in Environment(autoescape=True, extensions=["jinja2.ext.i18n"]).lex(template):
        if kind == "name" and token in {"trans", "endtrans"}:
            is_translated = token == "trans"
        kept.append(token if kind == "data" and not is_translated else "")
    parser.feed("".join(kept))
    return parser.found


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: path.name)
def test_no_template_speaks_outside_of_the_catalogue(path: Path) -> None:
    assert outside(path.read_text()) == []


@pytest.mark.parametrize(
    ("template", "found"),
    [
        ("<p>{{ _('Hello') }}</p>", []),
        ("<p>Hello {{ name }}</p>", ["Hello"]),
        ("<p>{% trans %}Hello{% endtrans %}</p>", []),
        ("{% trans %}x{% endtrans %}<p title='Away'>سلام</p>", ["Away", "سلام"]),
        ("<input placeholder='Name' value='on'>", ["Name"]),
    ],
)
def test_such_a_template_is_seen(template: str, found: list[str]) -> None:
    assert outside(template) == found
