"""Passwords: how they are read, how long they are, and those that we make."""

import unicodedata

from keys.errors import InvalidInputError
from keys.identity import ALPHABET, Randomness

SHORTEST = 12
LONGEST = 256
"""Characters."""
_LENGTH = 24
_GROUP = 6


def typed_password(password: str) -> str:
    """Return a password as every keyboard and system writes it (NFKC), cut where none can be longer."""
    whole = password[: LONGEST + 1].encode(errors="replace").decode()
    return unicodedata.normalize("NFKC", whole)


def check_length(password: str) -> None:
    """Check how long a password is. Raises InvalidInputError."""
    if not SHORTEST <= len(password) <= LONGEST:
        raise InvalidInputError(f"A password has {SHORTEST} to {LONGEST} characters; a few words make a good one.")


def new_password(randomness: Randomness) -> str:
    """Return a password of 24 letters and digits (120 random bits) in groups that can be read out loud."""
    letters = "".join(ALPHABET[byte & 31] for byte in randomness(_LENGTH)).lower()
    return "-".join(letters[start : start + _GROUP] for start in range(0, _LENGTH, _GROUP))
