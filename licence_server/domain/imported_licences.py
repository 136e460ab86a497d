"""Licences in a file: the columns, and what a row orders."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from keys.errors import InvalidInputError
from licence_server.domain.calendars import day_ends
from licence_server.domain.finding import folded, latin_digits
from licence_server.domain.plan import Given
from licence_server.domain.sheets import CellError, unharmed

LICENCE_COLUMNS: Mapping[str, tuple[str, ...]] = MappingProxyType({
    "customer": ("مشتری",),
    "plan": ("طرح",),
    "users": ("کاربران", "تعداد کاربر"),
    "clients": ("رایانه‌ها", "تعداد رایانه"),
    "model": ("شمارش کاربران",),
    "edition": ("ویرایش",),
    "features": ("قابلیت‌ها",),
    "site": ("محل", "شعبه"),
    "networks": ("شبکه‌ها",),
    "ends": ("پایان",),
    **dict.fromkeys(("id", "customer_name", "state", "starts", "created_at", "line", "reason"), ()),
})  # fmt: skip
"""Column to its other names. Those without stand in files that we wrote, and say nothing here."""
LICENCE_REQUIRED = ("customer",)
_NEVER = frozenset(map(folded, ("never", "هرگز", "بدون پایان")))
_ANY = frozenset(map(folded, ("any", "نامحدود")))
_MODELS = {folded(word): model for model, words in (
    ("concurrent", ("concurrent", "هم‌زمان")), ("named", ("named", "با نام")),
) for word in words}  # fmt: skip
_BETWEEN = re.compile(r"[\s,;،؛]+")


@dataclass(frozen=True, slots=True)
class LicenceRow:
    """What a row orders, before anybody looked who and what is meant."""

    customer: str
    """Id, national id or exact name."""
    plan: str
    """Id or exact name; empty: none."""
    given: Given
    """What is said beside the plan, or without one."""

    @property
    def site(self) -> str:
        """The branch that it is for."""
        return self.given.get("site", "main")


def licence_row(cells: Mapping[str, str]) -> LicenceRow:
    """Return what a row's cells order. Raises CellError."""
    said = {column: unharmed(cell) for column, cell in cells.items() if cell}
    if "customer" not in said:
        raise CellError("customer", "Say whose it is: a customer's id, national id or name.")
    if "plan" not in said and "users" not in said:
        raise CellError("users", "Say for how many users it is, or from which plan.")
    given: dict[str, object] = {}
    for column, (name, read) in _READ.items():
        if column in said:
            try:
                given[name] = read(said[column])
            except InvalidInputError as error:
                raise CellError(column, str(error)) from None
    return LicenceRow(said["customer"], said.get("plan", ""), Given(**given))  # type: ignore[typeddict-item]


def _number(cell: str) -> int:
    typed = latin_digits(cell)
    if not re.fullmatch(r"[0-9]{1,9}", typed):
        raise InvalidInputError(f"{cell[:64]!r} is no number.")
    return int(typed)


def _clients(cell: str) -> int | None:
    return None if folded(cell) in _ANY else _number(cell)


def _ends(cell: str) -> int | None:
    if folded(cell) in _NEVER:
        return None
    try:
        return day_ends(cell)
    except (ValueError, OverflowError):
        raise InvalidInputError(f"{cell[:64]!r} is no day such as 2027-03-21 or 1406-01-01, nor never.") from None


def _model(cell: str) -> str:
    if folded(cell) not in _MODELS:
        raise InvalidInputError(f"{cell[:64]!r} is none of: concurrent, named.")
    return _MODELS[folded(cell)]


def _list(cell: str) -> tuple[str, ...]:
    return tuple(filter(None, _BETWEEN.split(cell)))


_READ: Mapping[str, tuple[str, Callable[[str], object]]] = MappingProxyType({
    "users": ("users", _number),
    "clients": ("clients", _clients),
    "model": ("model", _model),
    "edition": ("edition", str),
    "features": ("features", _list),
    "site": ("site", str),
    "networks": ("networks", lambda cell: _list(latin_digits(cell))),
    "ends": ("ends_at", _ends),
})  # fmt: skip
