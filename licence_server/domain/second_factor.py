"""The second factor: codes that change every 30 seconds (RFC 6238), and recovery codes for who lost the telephone."""

import hashlib
import hmac
from collections.abc import Iterable

from keys.identity import ALPHABET, Randomness
from licence_server.domain.finding import latin_digits

STEP = 30
"""Seconds that a code is shown."""
DIGITS = 6
WINDOW = 1
"""Steps that a telephone's clock may be ahead or behind."""
RECOVERY_CODES = 10
_LETTERS = 16
_GROUP = 4
LONGEST_TYPED = 64
_MISREAD = str.maketrans({"O": "0", "I": "1", "L": "1", "-": None, " ": None})


def open_steps(now: int, last_step: int) -> range:
    """Return the time steps whose codes are good: of the present and its neighbours, those after the last used one."""
    present = now // STEP
    return range(max(present - WINDOW, last_step + 1), present + WINDOW + 1)


def read_digits(typed: str) -> str | None:
    """Return a code of the second factor in Latin digits; None: what was typed can't be one."""
    if len(typed) > LONGEST_TYPED:
        return None
    digits = latin_digits(typed.strip()).replace(" ", "")
    return digits if len(digits) == DIGITS and digits.isascii() and digits.isdecimal() else None


def same_digits(typed: str, expected: str) -> bool:
    """Compare two codes in constant time."""
    return hmac.compare_digest(typed.encode(), expected.encode())


def new_recovery_codes(randomness: Randomness) -> tuple[str, ...]:
    """Return ten codes of 80 random bits, in groups that can be written down."""
    return tuple(_recovery_code(randomness) for _ in range(RECOVERY_CODES))


def recovery_digest(typed: str) -> str | None:
    """Return what is stored of a recovery code, however it was typed; None: it can't be one.

    A plain hash is enough: nobody can try 80 random bits.
    """
    if len(typed) > LONGEST_TYPED:
        return None
    text = latin_digits(typed.strip()).upper().translate(_MISREAD)
    if len(text) != _LETTERS or not set(text) <= set(ALPHABET):
        return None
    return hashlib.sha256(b"licence server recovery code\0" + text.encode()).hexdigest()


def recovery_digests(codes: Iterable[str]) -> tuple[str, ...]:
    """Return what is stored of codes that we made."""
    return tuple(digest for digest in map(recovery_digest, codes) if digest is not None)


def _recovery_code(randomness: Randomness) -> str:
    text = "".join(ALPHABET[byte & 31] for byte in randomness(_LETTERS))
    return "-".join(text[start : start + _GROUP] for start in range(0, _LETTERS, _GROUP))
