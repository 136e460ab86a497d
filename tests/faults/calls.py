"""System calls as strace writes them down with ``-f -y -xx``, in the order of their ends."""

import re
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from functools import lru_cache

NEVER = 1 << 60
"""The end of a call that a kill cut short."""
_DESCRIPTOR = re.compile(r"(-?\w+)(?:<([^>]*)>)?(\(deleted\))?")
_CUT = " <unfinished ...>"
_TEXT = re.compile(r'"([^"]*)"')


@dataclass(frozen=True, slots=True)
class Call:
    """One call. It began and ended at lines of the trace."""

    name: str
    began: int
    ended: int
    words: list[str]
    result: str

    def path(self, first: int = 0) -> str:
        """The path that words name: one alone, or after the descriptor of a folder."""
        if "<" not in self.words[first]:
            return _unhexed(self.words[first].strip('"')).decode()
        name = _unhexed(self.words[first + 1].strip('"')).decode()
        return name if name.startswith("/") else f"{self.descriptor(first)[1]}/{name}"

    def descriptor(self, word: int = 0) -> tuple[str, str]:
        """A descriptor's number and what it is of; that of a removed file is of nothing."""
        number, path, deleted = _split(self.words[word])
        return number, "" if deleted else path

    @property
    def data(self) -> bytes:
        """The bytes that were written, said or heard."""
        whole = b"".join(_unhexed(text) for word in self.words[1:] for text in _TEXT.findall(word))
        return whole[: int(self.result)] if self.ended < NEVER else whole


def calls(lines: Iterable[str], first: int) -> Iterator[Call]:
    """Read strace's lines; calls come in the order of their ends, and those that never ended come last."""
    begun = dict[str, tuple[int, str]]()
    for number, line in enumerate(lines, first):
        process, _, text = line.rstrip("\n").partition(" ")
        text, began = text.lstrip(), number
        if text.startswith(("+++", "---")):
            continue
        if text.startswith("<... "):
            began, head = begun.pop(process)
            text = head + text.partition(" resumed>")[2]
        if text.endswith(_CUT):
            begun[process] = began, text.removesuffix(_CUT)
        else:
            yield _call(began, number, *text.rpartition(") = ")[::2])
    for began, text in begun.values():
        yield _call(began, NEVER, text, "")


def _call(began: int, ended: int, head: str, result: str) -> Call:
    name, _, words = head.partition("(")
    return Call(name, began, ended, words.split(", "), result.partition("<")[0].partition(" ")[0])


@lru_cache(4096)
def _split(word: str) -> tuple[str, str, bool]:
    found = _DESCRIPTOR.match(word)
    if found is None:
        return word, "", False
    return found[1], _unhexed(found[2] or "").decode(), bool(found[3])


def _unhexed(text: str) -> bytes:
    return bytes.fromhex(text.replace("\\x", ""))


def readable(word: str) -> str:
    with suppress(ValueError):
        return "".join(_unhexed(text).decode(errors="replace") for text in re.findall(r"(?:\\x[0-9a-f]{2})+", word))
    return word
