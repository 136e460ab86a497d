"""Customers in a file: the columns, and a customer of a row's cells."""

import re
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import cast

from keys.errors import InvalidInputError
from licence_server.domain.customer import Customer, Language, NewCustomer
from licence_server.domain.finding import dialled, folded, latin_digits
from licence_server.domain.identity import (
    Kind,
    checked_email,
    checked_line,
    checked_mobile,
    checked_national_id,
    checked_phone,
    checked_text,
)
from licence_server.domain.sheets import CellError, unharmed

CUSTOMER_COLUMNS: Mapping[str, tuple[str, ...]] = MappingProxyType({
    "name": ("نام", "نام مشتری"),
    "kind": ("نوع",),
    "national_id": ("شناسه ملی", "کد ملی"),
    "email": ("e-mail", "ایمیل", "رایانامه"),
    "mobile": ("موبایل", "همراه", "تلفن همراه"),
    "phone": ("تلفن", "تلفن ثابت"),
    "address": ("نشانی", "آدرس"),
    "representative": ("نماینده",),
    "language": ("زبان",),
    "by_email": ("اطلاع با ایمیل",),
    "by_sms": ("اطلاع با پیامک",),
    "note": ("یادداشت", "توضیحات"),
    "id": ("شناسه",),
    "created_at": (),
    "line": (),
    "reason": (),
})  # fmt: skip
"""Column to its other names. The last four stand in files that we wrote, and say nothing here."""
REQUIRED = ("name",)

_KINDS: Mapping[str, Kind] = {
    "legal": "legal", "company": "legal", "حقوقی": "legal", "شرکت": "legal",
    "natural": "natural", "person": "natural", "حقیقی": "natural", "شخص": "natural",
}  # fmt: skip
_LANGUAGES: Mapping[str, Language] = {
    "fa": "fa", "persian": "fa", "فارسی": "fa", "en": "en", "english": "en", "انگلیسی": "en",
}  # fmt: skip
_ANSWERS: Mapping[str, bool] = {
    "yes": True, "true": True, "1": True, "بله": True, "بلی": True,
    "no": False, "false": False, "0": False, "خیر": False, "نه": False,
}  # fmt: skip


def customer_of(cells: Mapping[str, str]) -> NewCustomer:
    """Return the customer that a row describes. Raises CellError."""
    found: dict[str, object] = {}
    for column, read in _READ.items():
        cell = unharmed(cells.get(column, ""))
        if column in REQUIRED or cell:
            try:
                found[column] = read(cell)
            except InvalidInputError as error:
                raise CellError(column, str(error)) from None
    try:
        return NewCustomer(**found).checked()  # type: ignore[arg-type]  # each by its reader
    except InvalidInputError as error:
        raise CellError("kind", str(error)) from None


def twin_key(customer: Customer | NewCustomer) -> str:
    """Return what two entries of one customer share: the national id; without one, name, e-mail and mobile number."""
    if customer.national_id:
        return customer.national_id
    return "\n".join((folded(customer.name), folded(customer.email), dialled(customer.mobile)))


def _national_id(cell: str) -> str:
    """Read one whose leading zeros a spreadsheet took for nothing: the check digit says whether they were there."""
    return checked_national_id(re.sub(r"\A[0-9]{8,9}\Z", lambda found: found[0].zfill(10), latin_digits(cell)))


def _mobile(cell: str) -> str:
    """Read one of Iran whose leading zero a spreadsheet took for nothing."""
    return checked_mobile(re.sub(r"\A9[0-9]{9}\Z", lambda found: f"0{found[0]}", latin_digits(cell)))


def _one_of(words: Mapping[str, object]) -> Callable[[str], object]:
    by_word = {folded(word): value for word, value in words.items()}

    def read(cell: str) -> object:
        try:
            return by_word[folded(cell)]
        except KeyError:
            raise InvalidInputError(f"{cell[:64]!r} is none of: {', '.join(words)}.") from None

    return read


_READ: Mapping[str, Callable[[str], object]] = MappingProxyType({
    "name": lambda cell: checked_line("customer's name", cell, least=1),
    "kind": _one_of(cast("Mapping[str, object]", _KINDS)),
    "national_id": _national_id,
    "email": checked_email,
    "mobile": _mobile,
    "phone": checked_phone,
    "address": lambda cell: checked_text("address", cell),
    "representative": lambda cell: checked_line("representative's name", cell),
    "language": _one_of(cast("Mapping[str, object]", _LANGUAGES)),
    "by_email": _one_of(_ANSWERS),
    "by_sms": _one_of(_ANSWERS),
    "note": lambda cell: checked_text("note", cell),
})  # fmt: skip
