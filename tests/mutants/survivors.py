"""What mutation testing left alive, read from mutmut's folder: which change, in which function, and why it may live."""

import ast
import difflib
import json
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
FOLDER = ROOT / "mutants"
REASONS = ROOT / "tests/mutants/reasons.toml"
HOUSES = ("keys", "licence_server/domain", "agent/domain")
SURVIVED, UNTESTED = 0, 33
_MARK = "__mutmut_"


@dataclass(frozen=True, slots=True)
class Survivor:
    """One change of the code that no test noticed."""

    function: str
    """With its module, e.g. ``keys.trust.Trust.find``."""
    before: str
    after: str

    @property
    def is_wording(self) -> bool:
        """Whether only the letters of a sentence for people changed: its meaning is tested, its letters are not."""
        return _without_sentences(self.before) == _without_sentences(self.after)

    def reason(self, known: Mapping[tuple[str, str], str]) -> str:
        """Say why it may live: as it is known for its line or its function, or because it is wording; else nothing."""
        why = known.get((self.function, self.after)) or known.get((self.function, "*"))
        return why or ("wording: sentences are not compared letter by letter" if self.is_wording else "")


@dataclass(frozen=True, slots=True)
class Tally:
    """How many changes were made in a file, and which of them lived."""

    file: str
    made: int
    survivors: tuple[Survivor, ...]


def tallies(folder: Path = FOLDER) -> list[Tally]:
    """Read what the last run found out, file by file.

    Raises:
        FileNotFoundError: there was no run.
    """
    found = [_tally(folder, meta) for meta in sorted(folder.rglob("*.py.meta"))]
    return [tally for tally in found if tally.made]


def _tally(folder: Path, meta: Path) -> Tally:
    codes: dict[str, int | None] = json.loads(meta.read_text())["exit_code_by_key"]
    source = meta.with_suffix("")
    alive = [key for key, code in codes.items() if code in (SURVIVED, UNTESTED)]
    file = source.relative_to(folder).as_posix()
    return Tally(file, sum(code is not None for code in codes.values()), tuple(_survivors(source, file, alive)))


def _survivors(source: Path, file: str, alive: list[str]) -> Iterator[Survivor]:
    functions = {
        node.name: node for node in ast.walk(ast.parse(source.read_text())) if isinstance(node, ast.FunctionDef)
    }
    module = file.removesuffix(".py").replace("/", ".")
    for key in alive:
        mutant = key.removeprefix(f"{module}.")
        name = mutant.partition(_MARK)[0]
        before, after = (_lines(functions[f"{name}{_MARK}orig"]), _lines(functions[mutant]))
        changed = [line for line in difflib.ndiff(before, after) if line[0] in "+-"]
        yield Survivor(
            f"{module}.{name.removeprefix('x_').removeprefix('xǁ').replace('ǁ', '.')}",
            " ".join(line[2:].strip() for line in changed if line[0] == "-"),
            " ".join(line[2:].strip() for line in changed if line[0] == "+"),
        )


def _lines(function: ast.FunctionDef) -> list[str]:
    """The code with its signature, which changes too, but without what mutmut itself puts around it."""
    function.name, function.decorator_list = "it", []
    return ast.unparse(function).splitlines()


def _without_sentences(code: str) -> str:
    """The code with every text that has a space in it blanked, and with what a refusal says."""
    try:
        tree = ast.parse(code.removesuffix(":") if code.endswith(":") else code)
    except SyntaxError:
        return code
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and " " in node.value:
            node.value = " "
        elif isinstance(node, ast.Raise) and isinstance(node.exc, ast.Call) and node.exc.args:
            node.exc.args[0] = ast.Constant(" ")
    return ast.unparse(tree)


def reasons() -> dict[tuple[str, str], str]:
    """Why a survivor may live: (function, line after the change, or ``*`` for all of the function) to a sentence."""
    read = tomllib.loads(REASONS.read_text()) if REASONS.exists() else {}
    return {(function, line): why for function, lines in read.items() for line, why in lines.items()}
