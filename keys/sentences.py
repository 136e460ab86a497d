"""Sentences for people: made where something is known, put into a reader's language where they are shown.

A sentence is its English text, so that whoever wants text takes it as it is: a log, a document, another program. It
remembers what it was made from, so that a voice (keys/command.py) can say it in another language. ``phrase`` marks it
for the catalogue; values are named, since another language orders them otherwise.
"""

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from string import Formatter
from typing import Self

_LATEST = 253_402_300_799
"""The last second of the year 9999."""


class Sentence(str):
    """English text that knows its template and values. Joined to text it is only text: see ``together``."""

    __slots__ = ("template", "values")

    template: str
    values: Mapping[str, object]

    def __new__(cls, text: str, template: str | None = None, values: Mapping[str, object] | None = None) -> Self:
        """Take a text, and what it was made from; without that it is itself what can be translated."""
        self = super().__new__(cls, text)
        self.template = text.replace("{", "{{").replace("}", "}}") if template is None else template
        self.values = values or {}
        return self


class Moment(int):
    """A NumericDate that a sentence names; English has it as 2027-01-15 08:00 UTC."""

    def __str__(self) -> str:
        """Write it in English."""
        return datetime.fromtimestamp(min(self, _LATEST), UTC).strftime("%Y-%m-%d %H:%M UTC")

    def __format__(self, spec: str) -> str:
        """See object."""
        return format(str(self), spec)


class Row(Sentence):
    """A line of a table: what is in its cells is translated, each by itself, and they stay in their columns."""

    __slots__ = ()


class Translated(Sentence):
    """A sentence that comes with its translations, such as a notice of the licence."""

    __slots__ = ("others",)

    others: Mapping[str, str]

    def __new__(cls, text: str, others: Mapping[str, str] | None = None) -> Self:
        """Take a text in English, and in others by the language's tag."""
        self = super().__new__(cls, text)
        self.others = others or {}
        return self


def phrase(template: str, /, **values: object) -> Sentence:
    """Make a sentence.

    Args:
        template: English, with ``{name}`` where a value belongs (str.format).
        values: numbers that count something as int, moments as Moment, sentences and refusals as they are; all else
            is shown letter by letter in every language.
    """
    known = {name: of(value) if isinstance(value, Exception) else value for name, value in values.items()}
    return Sentence(template.format(**known), template, known)


def of(error: Exception) -> str:
    """Return what an exception says; of a refusal the sentence, which can be translated."""
    first = error.args[0] if error.args else ""
    return first if isinstance(first, Sentence) else str(error)


def row(template: str, /, **cells: object) -> Row:
    """Make a line of a table; the widths of its columns are in the template (``{name:<17}``)."""
    made = phrase(template, **cells)
    return Row(" ".join(made.split("\n")).rstrip(), made.template, made.values)


def together(*parts: str, by: str = " ") -> Sentence:
    """Return sentences one after the other, each still to be translated; empty ones are left out."""
    kept = {f"part{number}": part for number, part in enumerate(parts) if part}
    return Sentence(by.join(kept.values()), by.join(f"{{{name}}}" for name in kept), kept)


def marked(template: str) -> str:
    """Mark a template for the catalogue where it stands, to be made a sentence elsewhere."""
    return template


def recalled(text: str, template: str) -> Sentence | None:
    """Return a text that was stored as the sentence of a template that it was made from; None: it was not."""
    pattern, known = "", set[str]()
    for literal, name, _, _ in Formatter().parse(template):
        again = f"(?P={name})" if name in known else f"(?P<{name}>.+?)"
        pattern += re.escape(literal) + (again if name else "")
        known.add(name or "")
    found = re.fullmatch(pattern, text, re.DOTALL)
    return None if found is None else Sentence(text, template, found.groupdict())
