"""Customers, and the identity numbers of Iranian persons (T2, T8)."""

import hashlib
import json
import re
from dataclasses import astuple, dataclass

from keys.errors import InvalidInputError

_LEGAL_WEIGHTS = (29, 27, 23, 19, 17, 29, 27, 23, 19, 17)
_EMAIL = re.compile(r"[^@\s]{1,64}@[^@\s]{1,189}\.[^@\s.]{2,63}")
_MOBILE = re.compile(r"\+?[0-9]{8,15}")
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")
"""Also halves of surrogate pairs, which a terminal's broken UTF-8 becomes and no document can carry."""
LONGEST_NAME = 200


@dataclass(frozen=True, slots=True)
class NewCustomer:
    """What is known of a customer before it has an id. Empty text: not given."""

    name: str
    national_id: str = ""
    email: str = ""
    mobile: str = ""
    representative: str = ""
    """The one person with full authority (T11)."""

    def checked(self) -> "NewCustomer":
        """Return the data trimmed and in Latin digits. Raises InvalidInputError that names the field."""
        name, representative = self.name.strip(), self.representative.strip()
        if not name or len(name) > LONGEST_NAME or _CONTROL.search(name):
            raise InvalidInputError(f"A customer's name has 1 to {LONGEST_NAME} characters in one line.")
        if len(representative) > LONGEST_NAME or _CONTROL.search(representative):
            raise InvalidInputError(f"A representative's name has at most {LONGEST_NAME} characters in one line.")
        email, mobile = self.email.strip(), latin_digits(self.mobile.strip())
        if email and (_CONTROL.search(email) or not _EMAIL.fullmatch(email)):
            raise InvalidInputError(f"{email!r} is not an e-mail address.")
        if mobile and not _MOBILE.fullmatch(mobile):
            raise InvalidInputError(
                "A mobile number has 8 to 15 digits, with + and the country's code before them or not."
            )
        national_id = latin_digits(self.national_id.strip())
        if national_id:
            check_national_id(national_id)
        return NewCustomer(name, national_id, email, mobile, representative)


@dataclass(frozen=True, slots=True)
class Customer:
    """Who bought a licence."""

    id: str
    name: str
    national_id: str
    email: str
    mobile: str
    representative: str
    created_at: int

    @property
    def recorded(self) -> dict[str, str]:
        """What the audit record carries, so that a hidden change shows: a digest of everything, by id."""
        text = json.dumps(astuple(self), separators=(",", ":"), ensure_ascii=True)
        return {self.id: hashlib.sha256(text.encode()).hexdigest()}


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


def latin_digits(text: str) -> str:
    """Return the text with Persian and Arabic digits as Latin ones."""
    return "".join(str(int(letter)) if letter.isdecimal() else letter for letter in text)


def _natural(digits: list[int]) -> bool:
    rest = sum(digit * (10 - place) for place, digit in enumerate(digits[:9])) % 11
    return digits[9] == (rest if rest < 2 else 11 - rest)


def _legal(digits: list[int]) -> bool:
    shift = digits[9] + 2
    rest = sum((digit + shift) * weight for digit, weight in zip(digits, _LEGAL_WEIGHTS, strict=False)) % 11
    return digits[10] == rest % 10
