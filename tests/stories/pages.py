"""Pages that say what to type, typed as they stand: each command on the machine that its prompt names.

What a page shows of an answer has to be in the answer, in that order; ``…`` stands for anything. A command fails only
where the page shows its refusal.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from keys.errors import all_refusals

_BLOCK = re.compile(r"^```console\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_STEP = re.compile(r"([a-z]+)\$ (.+)")
_CODE = re.compile(r"\b[0-9A-Z]{5}(?:-[0-9A-Z]{5}){4}\b")
_LICENCE = re.compile(r"\blic_[0-9a-z]+\b")


@dataclass(frozen=True, slots=True)
class Step:
    """One command of a page, and what the page shows of its answer."""

    place: str
    """The machine, as its prompt names it."""
    command: str
    shown: tuple[str, ...] = ()

    @property
    def is_refused(self) -> bool:
        words = {*all_refusals(), "refused"}
        return any(line.partition(":")[0] in words for line in self.shown)


@dataclass(frozen=True, slots=True)
class Said:
    """What a command printed, and how it ended."""

    output: str = ""
    status: int = 0


Typing = Callable[[str, str], Said]
"""Types a command at a place."""


def steps(page: Path) -> list[Step]:
    """Every command of a page, in its order."""
    found: list[Step] = []
    for line in "".join(_BLOCK.findall(page.read_text())).splitlines():
        typed = _STEP.fullmatch(line)
        if typed is not None:
            found.append(Step(typed[1], typed[2]))
        elif line.strip():
            found[-1] = replace(found[-1], shown=(*found[-1].shown, " ".join(line.split())))
    return found


def walk(page: Path, typing: Typing, licence: str, code: str = "CODE") -> None:
    """Type a page from its beginning to its end.

    ``LICENCE`` stands for the licence, ``CODE`` for the activation code that was printed last, at first the one that is
    given, and ``SECOND`` for the licence that was printed last, of all others.
    """
    words = {"LICENCE": licence, "CODE": code}
    for step in steps(page):
        said = typing(step.place, meant(step.command, words))
        assert (said.status != 0) == step.is_refused, f"{step.place}$ {step.command}\n{said.output}"
        assert_shown(step, said.output)
        for found in _CODE.findall(said.output):
            words["CODE"] = found
        for found in _LICENCE.findall(said.output):
            words["SECOND" if found != licence else "LICENCE"] = found


def meant(command: str, words: Mapping[str, str]) -> str:
    """Put what is meant in the place of words that stand for something; the longest first."""
    each = "|".join(re.escape(word) for word in sorted(words, key=len, reverse=True))
    return re.sub(rf"(?<![\w-])(?:{each})(?![\w-])", lambda found: words[found[0]], command)


def assert_shown(step: Step, output: str) -> None:
    """Each line that a page shows is a line of the answer."""
    lines = iter([" ".join(line.split()) for line in output.splitlines()])
    for line in step.shown:
        wanted = ".*".join(re.escape(part) for part in line.split("…"))
        said = any(re.fullmatch(wanted, each) for each in lines)
        assert said, f"{step.place}$ {step.command}\ndoes not say {line!r}, but\n{output}"
