"""How commands take what people bring: from a file, a pipe, or a terminal where a QR reader types."""

import sys
from collections.abc import Iterable
from pathlib import Path

from keys.carried import LARGEST, progress_of
from keys.command import read_given, tell
from keys.sentences import phrase

_ASK = phrase("Let a QR reader type the codes, or paste their texts, each in a line; then press Ctrl-D.")


def read_brought(path: Path) -> bytes:
    """Return what is in a file, or what a person or a reader types (``-``: standard input).

    At most one byte more is returned than may be carried.
    """
    typed = str(path) == "-" and sys.stdin.isatty()
    return read_typed(sys.stdin.buffer) if typed else read_given(path, LARGEST)


def read_typed(lines: Iterable[bytes]) -> bytes:
    """Return what is typed, and say after each line what is missing: who reads codes does not see what they say."""
    tell(_ASK)
    content = b""
    for line in lines:
        content += line[: LARGEST + 1 - len(content)]
        if line.strip():
            tell(progress_of(content))
    return content
