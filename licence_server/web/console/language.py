"""The console's languages: which one a reader gets, and its sentences. English ones stand in the code (gettext)."""

from functools import cache
from gettext import GNUTranslations, NullTranslations
from io import BytesIO
from pathlib import Path
from typing import Literal, cast, get_args

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from flask import g
from werkzeug.datastructures import LanguageAccept

Language = Literal["fa", "en"]
LANGUAGES: tuple[Language, ...] = get_args(Language)
DEFAULT: Language = "fa"
NAMES: dict[Language, str] = {"fa": "فارسی", "en": "English"}
"""Each in its own words, for whoever reads no other."""
FOLDER = Path(__file__).parent / "translations"


def choose(chosen: str | None, accepted: LanguageAccept) -> Language:
    """Return the language of a reader: the one chosen at the console, else the browser's, else Persian."""
    if chosen in LANGUAGES:
        return chosen
    return cast("Language", accepted.best_match(LANGUAGES, DEFAULT))


def is_rtl(language: Language) -> bool:
    """Tell whether a language is written from right to left."""
    return language == "fa"


@cache
def translations(language: Language) -> NullTranslations:
    """Compile a language's catalogue, once in a process; English needs none."""
    if language == "en":
        return NullTranslations()
    compiled = BytesIO()
    with (FOLDER / language / "LC_MESSAGES" / "messages.po").open("rb") as file:
        write_mo(compiled, read_po(file, locale=language))
    compiled.seek(0)
    return GNUTranslations(compiled)


def gettext(message: str) -> str:
    """Return a sentence in the reader's language; in English where it was not translated."""
    return translations(g.language).gettext(message)


def ngettext(singular: str, plural: str, number: int) -> str:
    """Return the form of a sentence that goes with a number, in the reader's language."""
    return translations(g.language).ngettext(singular, plural, number)


def marked(message: str) -> str:
    """Mark a sentence for translation where it stands; ``gettext`` translates it where it is shown."""
    return message
