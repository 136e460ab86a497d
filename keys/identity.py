"""Opaque ids and activation codes, both in Crockford's base32: no I, L, O or U to be misread."""

import hashlib
from collections.abc import Callable
from functools import reduce

from keys.errors import InvalidInputError
from keys.sentences import phrase

Randomness = Callable[[int], bytes]
"""Returns that many unpredictable bytes; ``os.urandom`` outside tests."""

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
CODE_DIGITS = 24
_MISREAD = str.maketrans(
    {"O": "0", "I": "1", "L": "1", "-": None, " ": None, "\u2010": None, "\u2011": None, "\u2013": None}
    | dict(zip("۰۱۲۳۴۵۶۷۸۹", "0123456789", strict=True))
    | dict(zip("٠١٢٣٤٥٦٧٨٩", "0123456789", strict=True))
)
LONGEST_TYPED = 64
_PAIRS = tuple(first + second for first in ALPHABET.lower() for second in ALPHABET.lower())


def new_id(prefix: str, randomness: Randomness) -> str:
    """Return an opaque id with a type prefix, e.g. ``lic_``, and 100 random bits."""
    number = int.from_bytes(randomness(13)) >> 4
    return f"{prefix}_{''.join([_PAIRS[number >> shift & 1023] for shift in range(90, -1, -10)])}"


def new_code(randomness: Randomness) -> str:
    """Return an activation code: 120 random bits and a check character in five groups of five."""
    number = int.from_bytes(randomness(15))
    digits = [number >> shift & 31 for shift in range(115, -1, -5)]
    text = "".join(ALPHABET[digit] for digit in [*digits, _check(digits)])
    return "-".join(text[start : start + 5] for start in range(0, len(text), 5))


def read_code(typed: str) -> str:
    """Return a code as it was issued, whatever case, spaces or dashes it was typed with; O is 0, I and L are 1.

    Persian and Arabic digits are digits.

    Raises:
        InvalidInputError: not 25 characters of the alphabet, or the check character shows a typing error.
    """
    if len(typed) > LONGEST_TYPED:
        raise InvalidInputError(
            phrase("An activation code has 25 letters and digits; {count} characters were typed.", count=len(typed))
        )
    text = typed.upper().translate(_MISREAD)
    if len(text) != CODE_DIGITS + 1:
        raise InvalidInputError(
            phrase("An activation code has 25 letters and digits; {count} were typed.", count=len(text))
        )
    strange = sorted(set(text) - set(ALPHABET))
    if strange:
        raise InvalidInputError(
            phrase(
                "An activation code has no {strange}: compare it with the one you were given.",
                strange=" or ".join(strange),
            )
        )
    digits = [ALPHABET.index(letter) for letter in text]
    if _check(digits[:-1]) != digits[-1]:
        raise InvalidInputError(
            phrase("A character of the activation code is mistyped: compare it with the one you were given.")
        )
    return "-".join(text[start : start + 5] for start in range(0, len(text), 5))


def code_digest(code: str) -> str:
    """Return what is stored of a code. A plain hash is enough: nobody can try 120 random bits."""
    return hashlib.sha256(b"licence activation code\0" + code.encode()).hexdigest()


def _check(digits: list[int]) -> int:
    """Return the check digit: a weighted sum over GF(32) with the powers of a generator as weights.

    All weights differ and none is zero, so every single mistyped character and every exchange of two is found.
    """
    return reduce(lambda total, digit: _times_generator(total ^ digit), digits, 0)


def _times_generator(element: int) -> int:
    """Multiply by x in GF(2)[x] / (x^5 + x^2 + 1), where x generates all 31 units."""
    doubled = element << 1
    return doubled ^ 0b100101 if doubled & 32 else doubled
