"""The table of docs/troubleshooting.md: every situation that a test makes, and what is said of it.

``@pytest.mark.situation("DNS is dead", says="name-dead")`` on a test, or on a case of one, says what is wrong there
and by which word it has to be named; the sentences are the program's own.
"""

import ast
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from agent.doctor import answering, certificates, devicekey, machine, place, proxies, reaching, running, service
from agent.doctor.situations import SHARED, Situations
from keys.errors import all_refusals

ROOT = Path(__file__).resolve().parents[2]
PAGE = ROOT / "docs/troubleshooting.md"
BEGIN, END = "<!-- made by: python -m tests.situations -->", "<!-- end of what is made -->"
CHAPTERS: Mapping[str, tuple[Situations, ...]] = {
    "The clock": (answering.CLOCKS,),
    "Names and lines": (reaching.NAMES, reaching.CONNECTIONS),
    "Proxies": (proxies.SITUATIONS,),
    "TLS": (certificates.SITUATIONS,),
    "What answers": (answering.SERVERS, answering.ROOTS),
    "Home and disk": (place.HOMES, place.ROOMS),
    "The machine": (machine.FINGERPRINTS, machine.MACHINES, machine.OTHERS),
    "What the system lets run": (running.PROGRAMS, running.LABELS),
    "The device key": (devicekey.KEYS,),
    "Port and service": (service.PORTS, service.SERVICES),
}
SOMETIMES = ("hosts", "product", "holder", "through", "how", "new")
"""Facts that are there only now and then, and add a clause."""
CODES, STATE = "The activation code", "Damaged files"
_FACT = re.compile(r"\{([a-z_]+)\}")


@dataclass(frozen=True, slots=True)
class Shown:
    """One situation that a test makes."""

    what: str
    says: str
    file: str
    """The test's, below ``tests``."""


@dataclass(frozen=True, slots=True)
class Said:
    """What people read of it."""

    said: str
    means: str
    do: str


def shown_in(folder: Path) -> list[Shown]:
    """Read the marks in the source of all tests, so that no test has to be loaded for it."""
    return [shown for file in sorted(folder.rglob("test_*.py")) for shown in _of_file(file, folder)]


def _of_file(file: Path, folder: Path) -> Iterator[Shown]:
    source = file.read_text()
    if "mark.situation(" not in source:
        return
    calls = (node for node in ast.walk(ast.parse(source, str(file))) if isinstance(node, ast.Call))
    for call in sorted(calls, key=lambda call: call.lineno):
        if ast.unparse(call.func) == "pytest.mark.situation":
            says = next(word.value for word in call.keywords if word.arg == "says")
            name = file.relative_to(folder).as_posix()
            yield Shown(ast.literal_eval(call.args[0]), ast.literal_eval(says), name)


def sentences() -> dict[str, tuple[str, Said]]:
    """Every word that a situation can be named by: its chapter and what is said."""
    found = {
        word: (chapter, Said(*(_readable(text) for text in (each.said, each.means, each.do))))
        for chapter, tables in CHAPTERS.items()
        for table in tables
        for word, each in table.items()
    }
    readme = (ROOT / "README.md").read_text().partition("\n## When it refuses\n")[2].partition("\n## ")[0]
    for word, refusal in all_refusals().items():
        row = next((line for line in readme.splitlines() if f"`{word}`" in line.split(" | ")[0]), "")
        remedy = row.removesuffix(" |").partition(" | ")[2]
        chapter = STATE if word == "state-damaged" else CODES
        found[word] = chapter, Said(f"`{word}`: {refusal.title}.", "", remedy)
    return found


def _readable(text: str) -> str:
    """Write facts as people write what has to be filled in."""
    for name, shared in {**SHARED, **dict.fromkeys(SOMETIMES, "")}.items():
        text = text.replace(f"{{{name}}}", shared)
    text = text.replace("|", "\\|")
    return _FACT.sub(lambda fact: f"*{fact[1].upper().replace('_', ' ')}*", text).strip()


def rendered(shown: list[Shown]) -> str:
    """Make the table, by chapters."""
    said = sentences()
    lines = list[str]()
    for chapter in (*CHAPTERS, STATE, CODES):
        rows = [each for each in shown if said[each.says][0] == chapter]
        heads = ("situation", "what is said", "what it means", "what to do", "word")
        lines += [f"### {chapter}", "", f"| {' | '.join(heads)} |", "|" + " --- |" * len(heads)]
        for each in dict.fromkeys((row.what, row.says) for row in rows):
            what, word = each
            told = said[word][1]
            files = dict.fromkeys(row.file for row in rows if (row.what, row.says) == each)
            tests = ", ".join(f"`{file}`" for file in files)
            lines.append(f"| {what} | {told.said} | {told.means} | {told.do} | `{word}`: {tests} |")
        lines.append("")
    return "\n".join(lines)


def page_with(table: str, page: Path = PAGE) -> str:
    """Return a page with this table in its place."""
    before, _, rest = page.read_text().partition(BEGIN)
    return f"{before}{BEGIN}\n\n{table}\n{END}{rest.partition(END)[2]}"
