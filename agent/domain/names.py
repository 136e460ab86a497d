"""Names of users and clients: how two are compared, and what can't be one (protocol, section 7)."""

import unicodedata

from keys.errors import MalformedError
from keys.sentences import phrase

LONGEST_NAME = 256
_CONTROL = frozenset({"Cc", "Cs", "Zl", "Zp"})


def user_key(name: str) -> str:
    """Return the form in which user names are compared: NFKC and case folding, so that no disguise counts as another.

    Folding can undo the normal form and the other way round, so both go on until nothing changes.

    Raises:
        MalformedError: empty, longer than 256 characters, or with control characters.
    """
    check_name(name, phrase("user"))
    if name.isascii():
        return name.lower()
    while (folded := unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", name).casefold())) != name:
        name = folded
    return name


def check_name(name: str, what: str) -> None:
    """Refuse what can't be shown as a name. Raises MalformedError, which says ``what`` it was to name."""
    if not 0 < len(name) <= LONGEST_NAME or name.isspace():
        raise MalformedError(phrase("The {what} must have 1 to {most} characters.", what=what, most=LONGEST_NAME))
    if not name.isprintable() and any(unicodedata.category(letter) in _CONTROL for letter in name):
        raise MalformedError(phrase("The {what} must not have control characters.", what=what))
