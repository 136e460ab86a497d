"""Customers: who bought, how they are reached, and who speaks for them (T2, T8, T9, T11)."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import astuple, dataclass, fields, replace
from typing import Any, Literal, TypedDict, get_args

from keys.errors import InvalidInputError
from licence_server.domain.finding import dialled, searchable
from licence_server.domain.identity import (
    Kind,
    checked_email,
    checked_line,
    checked_mobile,
    checked_national_id,
    checked_phone,
    checked_text,
    kind_of,
)
from licence_server.domain.representative import NewRepresentative, Representative

Language = Literal["fa", "en"]
Channel = Literal["email", "sms"]
KINDS: tuple[Kind, ...] = get_args(Kind)
LANGUAGES: tuple[Language, ...] = get_args(Language)


class Changes(TypedDict, total=False):
    """What a person changes of a customer; what is not named stays. A representative is appointed, not changed."""

    name: str
    national_id: str
    email: str
    mobile: str
    kind: Kind
    phone: str
    address: str
    language: Language
    by_email: bool
    by_sms: bool
    note: str


@dataclass(frozen=True, slots=True)
class NewCustomer:
    """What is known of a customer before it has an id. Empty text: not given."""

    name: str
    national_id: str = ""
    email: str = ""
    mobile: str = ""
    representative: str = ""
    """The name of the one person with full authority (T11)."""
    kind: Kind | None = None
    """None: as the national id says; without one, a legal person."""
    phone: str = ""
    address: str = ""
    language: Language = "fa"
    """Of notices."""
    by_email: bool = True
    """Whether notices go out by e-mail, as far as the customer may choose (T9); below, by SMS."""
    by_sms: bool = True
    note: str = ""

    def checked(self) -> "NewCustomer":
        """Return the data trimmed and in Latin digits, with the kind. Raises InvalidInputError that names the field."""
        national_id = checked_national_id(self.national_id)
        implied = kind_of(national_id)
        kind = self.kind or implied or "legal"
        if kind not in KINDS:
            raise InvalidInputError(f"{kind!r} is no kind of customer: {' or '.join(KINDS)}.")
        if kind != (implied or kind):
            raise InvalidInputError("A national id of 10 digits is a natural person's, one of 11 a legal person's.")
        if self.language not in LANGUAGES:
            raise InvalidInputError(f"{self.language!r} is no language of notices: {' or '.join(LANGUAGES)}.")
        return NewCustomer(
            name=checked_line("customer's name", self.name, least=1),
            national_id=national_id,
            email=checked_email(self.email),
            mobile=checked_mobile(self.mobile),
            representative=checked_line("representative's name", self.representative),
            kind=kind,
            phone=checked_phone(self.phone),
            address=checked_text("address", self.address),
            language=self.language,
            by_email=self.by_email,
            by_sms=self.by_sms,
            note=checked_text("note", self.note),
        )


@dataclass(frozen=True, slots=True)
class Customer:
    """Who bought a licence. The fields are those of NewCustomer, where nothing else is said."""

    id: str
    name: str
    national_id: str
    email: str
    mobile: str
    representative: str
    created_at: int
    kind: Kind = "legal"
    phone: str = ""
    address: str = ""
    language: Language = "fa"
    by_email: bool = True
    by_sms: bool = True
    note: str = ""
    representatives: tuple[Representative, ...] = ()
    """All that were appointed, oldest first. Of the first one there may be nothing but ``representative``."""

    @classmethod
    def of(cls, new: NewCustomer, customer_id: str, now: int, by: str) -> "Customer":
        """Return the customer that somebody becomes by registration. Raises InvalidInputError."""
        data = new.checked()
        customer = cls(id=customer_id, representative="", created_at=now, **_editable(data))
        return customer.appointed(NewRepresentative(data.representative), now, by) if data.representative else customer

    @property
    def recorded(self) -> dict[str, str]:
        """What the audit record carries, so that a hidden change shows: a digest of everything, by id."""
        values = astuple(self)
        first, rest = values[:_FIRST], zip(_NAMES[_FIRST:], values[_FIRST:], strict=True)
        # Left out where it is as it was before there was a choice, so that older records go on being true.
        usual = {**_USUAL, "kind": kind_of(self.national_id) or "legal"}
        more = {name: value for name, value in rest if value != usual[name]}
        text = json.dumps([*first, *([more] if more else [])], separators=(",", ":"), ensure_ascii=True)
        return {self.id: hashlib.sha256(text.encode()).hexdigest()}

    @property
    def version(self) -> str:
        """Another one after every change."""
        return self.recorded[self.id][:32]

    @property
    def search(self) -> str:
        """Where to look for the customer: see finding.searchable."""
        now = self.in_force
        spokesman = () if now is None else (now.name, now.national_id, now.mobile, now.email)
        return searchable(self.id, self.name, self.national_id, self.email, self.mobile, self.phone, *spokesman)

    @property
    def in_force(self) -> Representative | None:
        """The representative of today; None: nobody is named (T11)."""
        if self.representatives:
            return self.representatives[-1]
        if self.representative:
            return Representative(self.representative, "", "", "", self.created_at, None, "")
        return None

    def appointed(self, new: NewRepresentative, now: int, by: str) -> "Customer":
        """Return the customer with another representative; the former one's time ends. Raises InvalidInputError."""
        data = new.checked()
        former = () if self.in_force is None else (*self.representatives[:-1], replace(self.in_force, until=now))
        person = Representative(data.name, data.national_id, data.mobile, data.email, now, None, by)
        return replace(self, representative=data.name, representatives=(*former, person))

    def changed(self, changes: Changes) -> "Customer":
        """Return the customer with other data (T8). The kind follows the national id. Raises InvalidInputError."""
        if unknown := changes.keys() - Changes.__annotations__.keys():
            raise InvalidInputError(f"A customer has no {min(unknown)} that could be changed.")
        kind = None if changes.get("national_id") else self.kind
        asked: dict[str, Any] = {**_editable(self), "kind": kind, **changes}
        return replace(self, **_editable(NewCustomer(**asked).checked()))

    def differences(self, before: "Customer") -> list[Mapping[str, object]]:
        """Return what the record says of a change: field, before, after."""
        old, new = _editable(before), _editable(self)
        return [{"field": name, "before": old[name], "after": new[name]} for name in new if new[name] != old[name]]

    def channels(self, *, legal: bool) -> tuple[Channel, ...]:
        """Return by what a notice goes out: a legal one by all there is, another as the customer chose (T9)."""
        wanted: dict[Channel, bool] = {
            "email": bool(self.email) and (legal or self.by_email),
            "sms": bool(self.mobile) and (legal or self.by_sms),
        }
        return tuple(channel for channel in wanted if wanted[channel])

    def alike(self, new: "NewCustomer | Customer") -> tuple[str, ...]:
        """Return the fields in which somebody else is the same for people: name, email, mobile."""
        pairs = {name: (dialled(getattr(self, name)), dialled(getattr(new, name))) for name in ALIKE}
        return tuple(name for name, (ours, theirs) in pairs.items() if theirs and ours == theirs)


ALIKE = ("name", "email", "mobile")
"""Fields that two customers rarely share unless they are one."""
_NAMES = tuple(field.name for field in fields(Customer))
_FIRST = _NAMES.index("created_at") + 1
"""As many fields there were in the first release."""
_USUAL = {field.name: field.default for field in fields(Customer)}


def _editable(customer: Customer | NewCustomer) -> dict[str, Any]:
    return {name: getattr(customer, name) for name in Changes.__annotations__}
