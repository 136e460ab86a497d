"""The table of threats in docs/security.md, made from the list, the tests' marks and what the tests last measured."""

import ast
import json
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
LIST = ROOT / "tests/threats/list.toml"
FIGURES = ROOT / "docs/figures.json"
PAGE = ROOT / "docs/security.md"
BEGIN, END = "<!-- made by: python -m tests.threats -->", "<!-- end of what is made -->"


@dataclass(frozen=True, slots=True)
class Shown:
    """One test that names a threat."""

    threat: int
    node: str
    """The test's name without parameters, as pytest takes it."""
    is_control: bool
    is_long: bool


def shown_in(folder: Path) -> list[Shown]:
    """Read the marks in the source of all tests, so that no test has to be loaded for it."""
    return [shown for file in sorted(folder.rglob("test_*.py")) for shown in _of_file(file, folder.parent)]


def _of_file(file: Path, root: Path) -> Iterator[Shown]:
    module = ast.parse(file.read_text(), str(file))
    everywhere = [mark for line in module.body for mark in _module_marks(line)]
    for node in ast.walk(module):
        if isinstance(node, ast.FunctionDef) and node.name.startswith("test_"):
            marks = [*everywhere, *node.decorator_list]
            name = f"{file.relative_to(root).as_posix()}::{node.name}"
            is_long = any(ast.unparse(mark) == "pytest.mark.long" for mark in marks)
            for threat, is_control in _threats(marks):
                yield Shown(threat, name, is_control, is_long)


def _module_marks(line: ast.stmt) -> list[ast.expr]:
    if isinstance(line, ast.Assign) and ast.unparse(line.targets[0]) == "pytestmark":
        return line.value.elts if isinstance(line.value, ast.List) else [line.value]
    return []


def _threats(marks: list[ast.expr]) -> Iterator[tuple[int, bool]]:
    for mark in marks:
        if isinstance(mark, ast.Call) and ast.unparse(mark.func) == "pytest.mark.threat":
            number = ast.literal_eval(mark.args[0])
            yield number, any(more.arg == "control" and ast.literal_eval(more.value) for more in mark.keywords)


def threats() -> dict[str, dict[int, tuple[str, str]]]:
    """The list by its chapters: number to what is feared and the answer."""
    read = tomllib.loads(LIST.read_text())
    return {
        chapter: {int(number): (what, answer) for number, (what, answer) in rows.items()}
        for chapter, rows in read.items()
    }


def rendered(tests: list[Shown]) -> str:
    """Make the table; a long test's name is followed by ``(long)``, a control's by ``(control)``."""
    figures: dict[str, str] = json.loads(FIGURES.read_text()) if FIGURES.exists() else {}
    lines = list[str]()
    for chapter, rows in threats().items():
        lines += [
            f"### {chapter}",
            "",
            "| | threat | answer | shown by | last measured |",
            "| --- | --- | --- | --- | --- |",
        ]
        for number, (what, answer) in rows.items():
            mine = [test for test in tests if test.threat == number]
            measured = [text for test in mine for node, text in figures.items() if node.partition("[")[0] == test.node]
            lines.append(f"| {number} | {what} | {answer} | {_names(mine)} | {'; '.join(dict.fromkeys(measured))} |")
        lines.append("")
    return "\n".join(lines)


def _names(tests: list[Shown]) -> str:
    """Name the tests by file, so that a row stays readable."""
    by_file = dict[str, list[str]]()
    for test in tests:
        file, _, name = test.node.partition("::")
        said = name + " (control)" * test.is_control + " (long)" * test.is_long
        by_file.setdefault(file.removeprefix("tests/"), []).append(said)
    return "<br>".join(f"`{file}`: {', '.join(dict.fromkeys(names))}" for file, names in by_file.items())


def page_with(table: str) -> str:
    """Return docs/security.md with this table in its place."""
    before, _, rest = PAGE.read_text().partition(BEGIN)
    return f"{before}{BEGIN}\n\n{table}\n{END}{rest.partition(END)[2]}"
