"""Opaque ids and activation codes, both in Crockford's base32: no I, L, O or U to be misread."""

import hashlib
from collections.abc import Callable, Iterable
from functools import reduce

from keys.errors import InvalidInputError
from keys.sentences import phrase, together

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
_BETWEEN = "-\u2010\u2011\u2013 "
_GROUP = 5
_GROUPS = (
    phrase("the first group"),
    phrase("the second group"),
    phrase("the third group"),
    phrase("the fourth group"),
    phrase("the fifth group"),
)
_ALIKE = ("0DQ", "1J7TY", "2Z", "3E8", "4A9", "5S", "6G", "8B3", "9G", "CG", "KX", "MN", "PR", "VWY", "FE", "HN")
"""Characters of the alphabet that look alike on paper."""
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
        count = phrase("An activation code has 25 letters and digits; {count} were typed.", count=len(text))
        raise InvalidInputError(together(count, _of_another_length(typed.upper())))
    strange = sorted(set(text) - set(ALPHABET))
    if strange:
        groups = _named({place // _GROUP for place, letter in enumerate(text) if letter in strange})
        raise InvalidInputError(
            phrase(
                "An activation code has no {strange}: compare it with the one you were given, in {groups}.",
                strange=" or ".join(strange),
                groups=groups,
            )
        )
    digits = [ALPHABET.index(letter) for letter in text]
    if _check(digits[:-1]) != digits[-1]:
        said = phrase("A character of the activation code is mistyped: compare it with the one you were given.")
        suspects = {place // _GROUP for place in _suspects(digits)}
        first = phrase("Look first at {groups}.", groups=_named(suspects)) if 0 < len(suspects) < 4 else ""
        raise InvalidInputError(together(said, first))
    return "-".join(text[start : start + _GROUP] for start in range(0, len(text), _GROUP))


def code_digest(code: str) -> str:
    """Return what is stored of a code. A plain hash is enough: nobody can try 120 random bits."""
    return hashlib.sha256(b"licence activation code\0" + code.encode()).hexdigest()


def _of_another_length(typed: str) -> str:
    """Say which groups are too short or too long, where the code was typed in five of them."""
    spaced = "".join(" " if letter in _BETWEEN else letter for letter in typed).split()
    wrong = {number for number, group in enumerate(spaced) if len(group) != _GROUP}
    return phrase("Each group has 5: look at {groups}.", groups=_named(wrong)) if len(spaced) == len(_GROUPS) else ""


def _suspects(digits: list[int]) -> set[int]:
    """Return the places where one mistake that people make would explain the check character.

    One check character shows that something is wrong, not where: at each place exactly one other character would do.
    Suspect is where that one looks like the one that was typed, or where two neighbours changed places.
    """
    found = set()
    missing = _check(digits[:-1]) ^ digits[-1]  # the difference at the last place; further left it weighs more
    for place in range(CODE_DIGITS, -1, -1):
        if _look_alike(ALPHABET[digits[place] ^ missing], ALPHABET[digits[place]]):
            found.add(place)
        between = digits[place] ^ digits[place - 1]
        if place and between ^ _times_generator(between) == missing:
            found |= {place, place - 1}
        missing = (missing ^ 0b100101 if missing & 1 else missing) >> 1
    return found


def _look_alike(one: str, other: str) -> bool:
    return any(one in group and other in group for group in _ALIKE)


def _named(groups: Iterable[int]) -> str:
    return together(*(_GROUPS[number] for number in sorted(groups)), by=", ")


def _check(digits: list[int]) -> int:
    """Return the check digit: a weighted sum over GF(32) with the powers of a generator as weights.

    All weights differ and none is zero, so every single mistyped character and every exchange of two is found.
    """
    return reduce(lambda total, digit: _times_generator(total ^ digit), digits, 0)


def _times_generator(element: int) -> int:
    """Multiply by x in GF(2)[x] / (x^5 + x^2 + 1), where x generates all 31 units."""
    doubled = element << 1
    return doubled ^ 0b100101 if doubled & 32 else doubled
