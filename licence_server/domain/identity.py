"""How persons are told apart and reached: names, identity numbers of Iran, addresses, numbers (T8)."""

import re
from typing import Literal

from keys.errors import InvalidInputError
from licence_server.domain.finding import latin_digits

Kind = Literal["legal", "natural"]
LONGEST_NAME = 200
LONGEST_TEXT = 2000
_LEGAL_WEIGHTS = (29, 27, 23, 19, 17, 29, 27, 23, 19, 17)
_EMAIL = re.compile(r"[^@\s]{1,64}@[^@\s]{1,189}\.[^@\s.]{2,63}")
_MOBILE = re.compile(r"\+?[0-9]{8,15}")
_PHONE = re.compile(r"\+?[0-9][0-9 ()/,-]{2,59}")
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")
"""Also halves of surrogate pairs, which a terminal's broken UTF-8 becomes and no document can carry."""


def is_one_line(text: str) -> bool:
    """Tell whether a text has no control characters in it."""
    return not _CONTROL.search(text)


def checked_line(what: str, text: str, *, least: int = 0, most: int = LONGEST_NAME) -> str:
    """Return one line of text, trimmed. Raises InvalidInputError."""
    text = text.strip()
    if not least <= len(text) <= most or _CONTROL.search(text):
        size = f"{least} to {most}" if least else f"at most {most}"
        raise InvalidInputError(f"A {what} has {size} characters in one line.")
    return text


def checked_text(what: str, text: str) -> str:
    """Return some lines of text, trimmed. Raises InvalidInputError."""
    text = text.replace("\r\n", "\n").strip()
    if len(text) > LONGEST_TEXT or _CONTROL.search(text.replace("\n", "")):
        raise InvalidInputError(f"The {what} has at most {LONGEST_TEXT} characters, without control characters.")
    return text


def checked_email(text: str) -> str:
    """Return an e-mail address, trimmed; empty: none. Raises InvalidInputError."""
    email = text.strip()
    if email and (_CONTROL.search(email) or not _EMAIL.fullmatch(email)):
        raise InvalidInputError(f"{email!r} is not an e-mail address.")
    return email


def checked_mobile(text: str) -> str:
    """Return a mobile number in Latin digits; empty: none. Raises InvalidInputError."""
    mobile = latin_digits(text.strip())
    if mobile and not _MOBILE.fullmatch(mobile):
        raise InvalidInputError("A mobile number has 8 to 15 digits, with + and the country's code before them or not.")
    return mobile


def checked_phone(text: str) -> str:
    """Return a fixed line's number in Latin digits; empty: none. Raises InvalidInputError."""
    phone = latin_digits(text.strip())
    if phone and not _PHONE.fullmatch(phone):
        raise InvalidInputError("A phone number has 3 to 60 digits, spaces, brackets, dashes and commas.")
    return phone


def checked_national_id(text: str) -> str:
    """Return a national id in Latin digits; empty: none. Raises InvalidInputError."""
    national_id = latin_digits(text.strip())
    if national_id:
        check_national_id(national_id)
    return national_id


def check_national_id(number: str) -> None:
    """Check a natural person's number (10 digits) or a legal person's (11 digits) by its check digit (T8).

    Raises:
        InvalidInputError: another length, or the check digit does not fit.
    """
    if not re.fullmatch(r"[0-9]{10,11}", number):
        raise InvalidInputError("A national id has 10 digits (a person) or 11 (a company).")
    digits = [int(digit) for digit in number]
    fits = _natural(digits) if len(digits) == 10 else _legal(digits)
    if len(set(digits)) == 1 or not fits:
        raise InvalidInputError(f"The national id {number} is mistyped: its check digit does not fit.")


def kind_of(national_id: str) -> Kind | None:
    """Return whose number it is; None: there is no number."""
    if not national_id:
        return None
    return "natural" if len(national_id) == 10 else "legal"


def _natural(digits: list[int]) -> bool:
    rest = sum(digit * (10 - place) for place, digit in enumerate(digits[:9])) % 11
    return digits[9] == (rest if rest < 2 else 11 - rest)


def _legal(digits: list[int]) -> bool:
    shift = digits[9] + 2
    rest = sum((digit + shift) * weight for digit, weight in zip(digits, _LEGAL_WEIGHTS, strict=False)) % 11
    return digits[10] == rest % 10
