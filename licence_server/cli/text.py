"""Results for people: plain text that no stored word can turn into a colour or a lie."""

from collections.abc import Sequence
from datetime import UTC, datetime

_JOINERS = "\u200c\u200d"
"""Persian words have them inside; they are not printable by Unicode's word, but harm nothing."""


def plain(text: str) -> str:
    """Return text without what a terminal would obey."""
    return "".join(letter if letter.isprintable() or letter in _JOINERS else "\ufffd" for letter in text)


def moment(at: int | None, otherwise: str = "-") -> str:
    """Return a NumericDate as a time in UTC."""
    return otherwise if at is None else datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%d %H:%M UTC")


def day(at: int | None, otherwise: str = "-") -> str:
    """Return a NumericDate as a day in UTC."""
    return otherwise if at is None else datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%d")


def table(headings: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Return columns as wide as they need to be."""
    lines = [headings, *([plain(cell) for cell in row] for row in rows)]
    widths = [max(len(line[column]) for line in lines) for column in range(len(headings))]
    return "\n".join(
        "  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip() for line in lines
    )


def facts(pairs: Sequence[tuple[str, str]]) -> str:
    """Return names and values, one pair a line."""
    width = max(len(name) for name, _ in pairs)
    return "\n".join(f"{name.ljust(width)}  {plain(value)}" for name, value in pairs)
