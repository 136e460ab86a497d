"""The agent's catalogue: every sentence that an installer can read is in it, and translated."""

import ast
import re
from collections.abc import Iterator
from gettext import GNUTranslations
from io import BytesIO
from pathlib import Path

import pytest

from agent.cli.languages import CATALOGUES
from tests.translations import ROOT, catalogue, compiled, gathered, ids, pairs

_PLACE = re.compile(r"\{\w*(?:![rs])?(?::[^}]*)?\}|%\(\w+\)[sd]")
_WORDS = re.compile(r"[A-Za-z']{2,} [a-z']{2,}")
_TELLING = re.compile(r"(\w*Error|UsageError|Finding|Damage|tell|fail|confirm|prompt|secho|echo|spoken|row)$")


def test_the_catalogue_has_the_sentences_that_are_there_and_no_others() -> None:
    """Else: make translations."""
    assert ids(catalogue()) == gathered()


def test_every_sentence_is_translated() -> None:
    assert [english for english, persian in pairs(catalogue()) if not persian] == []


def test_translations_have_the_same_places() -> None:
    for english, persian in pairs(catalogue()):
        assert set(_PLACE.findall(english)) == set(_PLACE.findall(persian)), english


def test_a_command_to_type_is_on_a_line_of_its_own() -> None:
    """So that it can be copied: a line with Persian in it has invisible characters."""
    ends = re.compile(
        r": (sudo |licence-agent |chmod |chown |systemctl |export |docker |df |getent |timedatectl )[^.;]*$"
    )
    assert [
        english for english, persian in pairs(catalogue()) if ends.search(english) and "\n    " not in persian
    ] == []


@pytest.mark.parametrize("wrong", ["ي", "ك", "ه ی ", "پرونده", "\u200f", "\u200e", "\u2067"])
def test_persian_is_written_with_persian_letters(wrong: str) -> None:
    assert not [english for english, persian in pairs(catalogue()) if wrong in persian]


def test_what_is_compiled_is_what_was_translated() -> None:
    """Else: make translations."""
    stored = GNUTranslations(BytesIO((CATALOGUES / "fa" / "LC_MESSAGES" / "messages.mo").read_bytes()))
    fresh = GNUTranslations(BytesIO(compiled(catalogue())))
    for each in ids(catalogue()):
        one = each[0] if isinstance(each, tuple) else each
        assert stored.ngettext(one, one, 1) == fresh.ngettext(one, one, 1)
        assert stored.gettext(one) == fresh.gettext(one)


def unmarked(tree: ast.Module) -> Iterator[str]:
    """English that is handed to whoever tells people something, without a mark for the catalogue."""
    for call in (node for node in ast.walk(tree) if isinstance(node, ast.Call)):
        name = ast.unparse(call.func).rpartition(".")[2]
        if _TELLING.search(name):
            for argument in call.args:
                inner = argument.body if isinstance(argument, ast.Lambda) else argument
                if isinstance(inner, ast.JoinedStr | ast.Constant) and _WORDS.search(ast.unparse(inner)):
                    yield ast.unparse(inner)


_AGENT = sorted((ROOT / "agent").rglob("*.py"))
_TO_OTHERS = ("agent/crm", "agent/web", "agent/entry.py", "agent/cli/languages.py")
"""What they say goes to the CRM and its people, or into the log; or nothing but English can be shown, or loaded."""


@pytest.mark.parametrize("path", _AGENT, ids=lambda path: str(path.relative_to(ROOT)))
def test_nothing_is_told_that_is_not_marked(path: Path) -> None:
    if not str(path.relative_to(ROOT)).startswith(_TO_OTHERS):
        found = [each for each in unmarked(ast.parse(path.read_text())) if "Error(" not in each]
        assert not found


@pytest.mark.parametrize(
    ("code", "found"),
    [
        ("raise BusyError('Somebody is here.')", 1),
        ("raise BusyError(phrase('Somebody is here.'))", 0),
        ("Finding('a', 'ok', f'All is {x} well now.', phrase('Do it.'))", 1),
        ("tell('This is English.')", 1),
    ],
)
def test_such_code_is_seen(code: str, found: int) -> None:
    assert len(list(unmarked(ast.parse(code)))) == found
