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
_PROSE = re.compile(r"[A-Za-z']{2,},? [a-z']+,? [a-z']{2,}")
_SQL = re.compile(r"^\s*(SELECT|INSERT|REPLACE|DELETE|CREATE|ALTER|BEGIN|PRAGMA) ")
_PERSIAN = re.compile("[\u0600-\u06ff]")
_TELLING = re.compile(r"\b(\w*Error|Finding|Damage|tell|fail|confirm|prompt|secho|echo|spoken|row)$")
_MARKING = re.compile(r"\b(phrase|marked|row|_?log\.(say|error))$")


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
    """English without a mark for the catalogue.

    That is what is handed to whoever tells people something, and all that reads like a sentence wherever it stands,
    unless the log has it, the catalogue gets it on another way, or Persian stands beside it.
    """
    known, told = _known(tree), _told(tree)
    for node in ast.walk(tree):
        if isinstance(node, ast.JoinedStr | ast.Constant) and node not in known:
            text = _text(node)
            if (_WORDS if node in told else _PROSE).search(text) and not _SQL.search(text):
                yield text


def _text(node: ast.JoinedStr | ast.Constant) -> str:
    if isinstance(node, ast.Constant):
        return node.value if isinstance(node.value, str) else ""
    return "".join(_text(part) if isinstance(part, ast.Constant) else "{}" for part in node.values)


def _known(tree: ast.Module) -> set[ast.AST]:
    known: set[ast.AST] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.JoinedStr):
            known |= {*ast.walk(node)} - {node}
        elif _is_known(node):
            known |= {*ast.walk(node)}
    return known


def _is_known(node: ast.AST) -> bool:
    match node:
        case ast.Expr(value=ast.Constant()):
            return True  # a docstring
        case ast.keyword(arg="help"):
            return True
        case ast.Assign(targets=[target]) if "title" in ast.unparse(target):
            return True  # of a refusal, which the catalogue has
        case ast.Call(func=func) if _MARKING.search(ast.unparse(func)):
            return True
        case ast.Call() | ast.Tuple() | ast.Constant():
            return bool(_PERSIAN.search(ast.unparse(node)))
    return False


def _told(tree: ast.Module) -> set[ast.AST]:
    told: set[ast.AST] = set()
    for call in (node for node in ast.walk(tree) if isinstance(node, ast.Call)):
        if _TELLING.search(ast.unparse(call.func)):
            told |= {argument.body if isinstance(argument, ast.Lambda) else argument for argument in call.args}
    return told


def loaded() -> list[Path]:
    """Our modules that the agent loads: its own, and those of keys that they ask for, directly or not."""
    waiting, seen = sorted((ROOT / "agent").rglob("*.py")), set[Path]()
    while waiting:
        path = waiting.pop()
        seen.add(path)
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.ImportFrom) and node.module and node.module.startswith("keys."):
                found = ROOT / f"{node.module.replace('.', '/')}.py"
                waiting += [found] if found.is_file() and found not in seen else []
    return sorted(seen)


_TO_OTHERS = ("agent/crm", "agent/web", "agent/entry.py", "agent/cli/languages.py")
"""What they say goes to the CRM and its people, or into the log; or nothing but English can be shown, or loaded."""
_ENGLISH = {
    "agent/domain/occupancy.py": ("of this licence are in use",),  # to the CRM
    "agent/store/seats.py": ("The seats' journal was damaged", "it could not be written", "a folder is in"),  # the log
    "agent/hardware/machine.py": ("null in the file",),  # in tests alone
    "keys/command.py": ("pip install",),  # to be typed
    "keys/fingerprint.py": ("to be filled by", "serial number", "no asset tag"),  # makers' words
    "keys/tpm.py": ("integrity check failed",),  # tpm2-tools' words
}


@pytest.mark.parametrize("path", loaded(), ids=lambda path: str(path.relative_to(ROOT)))
def test_nothing_is_told_that_is_not_marked(path: Path) -> None:
    name = str(path.relative_to(ROOT))
    if not name.startswith(_TO_OTHERS):
        parts = _ENGLISH.get(name, ())
        assert [each for each in unmarked(ast.parse(path.read_text())) if not any(part in each for part in parts)] == []


@pytest.mark.parametrize(
    ("code", "found"),
    [
        ("raise BusyError('Somebody is here.')", 1),
        ("raise BusyError(phrase('Somebody is here.'))", 0),
        ("Finding('a', 'ok', f'All is {x} well now.', phrase('Do it.'))", 1),
        ("tell('This is English.')", 1),
        ("tell(marked('This is English.'))", 0),
        ("_NOT_MINE = 'This answer is of another one.'", 1),
        ("def said(self): yield f'All of {self.these} are gone now.'", 1),
        ("BOTH = ('This is English.', 'این فارسی است.')", 0),
        ("log.say('warning', 'damage', said='The journal was begun anew.')", 0),
        ("@click.option('--all', help='Show all of them, too.')\ndef f():\n    'What all of this is for.'", 0),
        ("execute('INSERT INTO hour (told, used by them) VALUES (?)')", 0),
    ],
)
def test_such_code_is_seen(code: str, found: int) -> None:
    assert len(list(unmarked(ast.parse(code)))) == found
