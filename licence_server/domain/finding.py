"""What counts as the same text when somebody looks for it, in Persian, Arabic and Latin letters."""

import re
import unicodedata

LONGEST_TEXT = 200
"""That somebody looks for, in characters."""
MOST_BYTES = 2400
"""Of a stored text to look in, in UTF-8: an index of PostgreSQL takes rows up to about 2,700."""
_DROPPED = frozenset({"Cc", "Cf", "Cs", "Me", "Mn", "Zl", "Zp", "Zs"})
"""Categories of Unicode: controls, joiners and marks of direction, diacritics, spaces."""
_LETTERS = str.maketrans({"ي": "ی", "ى": "ی", "ك": "ک", "ة": "ه", "ە": "ه", "ہ": "ه", "ھ": "ه", "ٱ": "ا", "ـ": None})
_ABROAD = re.compile(r"(?:\+|00)98(?=[0-9]*\Z)")


def folded(text: str) -> str:
    """Return a text so that what people take for the same is the same: letters, digits, case, spaces, joiners.

    Words stand together, because Persian is written with a space, a joiner or nothing between the same parts.
    Folding twice changes nothing more.
    """
    for _ in range(2):  # the case of what decomposing brings out, and the parts of what the case brings out
        text = unicodedata.normalize("NFKD", text).casefold()
    text = unicodedata.normalize("NFKD", text)
    kept = (letter for letter in text if unicodedata.category(letter) not in _DROPPED)
    return latin_digits("".join(kept).translate(_LETTERS))


def latin_digits(text: str) -> str:
    """Return the text with Persian and Arabic digits as Latin ones."""
    return "".join(str(int(letter)) if letter.isdecimal() else letter for letter in text)


def dialled(number: str) -> str:
    """Return a folded number as it is dialled within Iran; one of another country, and any other text, as it is."""
    return _ABROAD.sub("0", folded(number))


def whole(field: str) -> str:
    """Return what to look for where a whole field of a ``searchable`` text has to be the same, already folded."""
    return f"\n{field}\n"


def searchable(*fields: str) -> str:
    """Return what to look in: every field that has something, folded, on a line of its own.

    What is beyond MOST_BYTES is left out: only a name made of letters that each become many gets that far.
    """
    text = "\n".join(["", *filter(None, map(dialled, fields)), ""])
    return text.encode()[:MOST_BYTES].decode(errors="ignore")
