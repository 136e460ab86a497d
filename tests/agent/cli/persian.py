"""What the agent's commands say to somebody who wants Persian, looked through for what nobody has translated."""

import functools
import re

from keys.sentences import recalled
from tests.agent.cli.program import Program
from tests.translations import catalogue

RIGHT, APART, END = "\u2067", "\u2068", "\u2069"
_INNER = re.compile(f"{APART}([^{APART}{END}]*){END}")
_ENGLISH = re.compile(r"[A-Za-z']{2,},? [a-z']{2,}")
_THREE = re.compile(r"[A-Za-z']{2,},? [a-z']+,? [a-z']{2,}")
_VALUES = ("Pars Steel", "No such file or directory")
"""Names, and what the system says by itself."""
_TYPED = ("licence-agent ", "licence-server ", "main ")


class Persians(Program):
    """The command line, spoken to by somebody who wants Persian."""

    @property
    def environment(self) -> dict[str, str]:
        return {**super().environment, "LICENCE_AGENT_LANGUAGE": "fa"}


def left_in_english(text: str) -> list[str]:
    """Lines of English, and English in pieces that are set apart: sentences of ours, and any three words in a row."""
    found = []
    for line in text.splitlines():
        is_command = not re.search("[\u0600-\u06ff]", line) and line.startswith(("    ", "  licence-agent ", "  main "))
        if not is_command and _ENGLISH.search(_own(_INNER.sub("", line))):
            found.append(line)
        found += [piece for piece in _INNER.findall(line) if _is_of_ours(piece) or _is_prose(piece)]
    return found


def _is_prose(piece: str) -> bool:
    return bool(_THREE.search(_own(piece))) and not piece.startswith(_TYPED)


def _own(text: str) -> str:
    """Return a text without what nobody can translate."""
    return functools.reduce(lambda left, value: left.replace(value, ""), _VALUES, text)


def _is_of_ours(piece: str) -> bool:
    ours = (message.id for message in catalogue() if isinstance(message.id, str) and _ENGLISH.search(message.id))
    return bool(_ENGLISH.search(piece)) and any(recalled(piece, each) for each in ours if not {"%", "!"} & {*each})
