"""Plans: what the vendor sells again and again, so that a licence is issued without typing what is always the same."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields, replace
from typing import Any, Literal, TypedDict, cast

from keys.documents.parts import NetworkPolicy
from keys.errors import InvalidInputError, StateConflictError
from licence_server.domain.duration import Duration
from licence_server.domain.identity import checked_line
from licence_server.domain.licence import OnClone, Order

MOST_PLANS = 200
"""That may be chosen from; retired ones don't count."""


class Values(TypedDict, total=False):
    """What a plan and an order both say of a licence: see Order."""

    users: int
    clients: int | None
    model: Literal["concurrent", "named"]
    edition: str | None
    features: tuple[str, ...]
    service: int
    overdraft_users: int
    overdraft_days: int
    lasting: Duration | None
    interval: int | None
    grace: int | None
    on_clone: OnClone
    network_policy: NetworkPolicy


class Changes(Values, total=False):
    """What a person changes of a plan; what is not named stays."""

    name: str


class Given(Values, total=False):
    """What a person says of one licence when issuing it from a plan; what is not named is as the plan has it."""

    site: str
    starts_at: int | None
    ends_at: int | None
    """None: never, whatever the plan says."""
    networks: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Offer:
    """What a plan offers. The fields are those of Order, but for the name."""

    name: str
    """As sales and customers call it."""
    users: int
    clients: int | None = None
    model: Literal["concurrent", "named"] = "concurrent"
    edition: str | None = None
    features: tuple[str, ...] = ()
    service: int = 0
    overdraft_users: int = 0
    overdraft_days: int = 0
    lasting: Duration | None = None
    """None: for ever."""
    interval: int | None = None
    grace: int | None = None
    on_clone: OnClone = "suspend"
    network_policy: NetworkPolicy = "enforce"

    @property
    def values(self) -> Values:
        """All but the name."""
        return cast("Values", {name: getattr(self, name) for name in Values.__annotations__})

    def checked(self) -> "Offer":
        """Return the offer with its name trimmed. Raises InvalidInputError that names what is wrong."""
        order = Order("", **self.values).checked(0)
        return replace(self, name=checked_line("plan's name", self.name, least=1), features=order.features)


@dataclass(frozen=True, slots=True)
class Plan:
    """An offer that licences are issued from. A licence keeps what it was issued with, whatever becomes of its plan."""

    id: str
    offer: Offer
    created_at: int
    retired_at: int | None = None
    """Since then nothing is issued from it; it stays, since licences name it."""

    @property
    def recorded(self) -> dict[str, str]:
        """What the audit record carries, so that a hidden change shows: a digest of everything, by id."""
        said = _said(self.offer)
        # Left out where it is as it was before there was a choice, so that older records go on being true.
        offer = {name: value for name, value in said.items() if value != _USUAL.get(name)}
        everything = (self.id, offer, self.created_at, self.retired_at)
        text = json.dumps(everything, sort_keys=True, separators=(",", ":"), ensure_ascii=True)
        return {self.id: hashlib.sha256(text.encode()).hexdigest()}

    def changed(self, changes: Changes) -> "Plan":
        """Return the plan with another offer. Raises InvalidInputError; StateConflictError when it is retired."""
        self.check_open()
        if unknown := changes.keys() - _NAMES:
            raise InvalidInputError(f"A plan has no {min(unknown)} that could be changed.")
        return replace(self, offer=replace(self.offer, **changes).checked())

    def differences(self, before: "Plan") -> list[Mapping[str, object]]:
        """Return what the record says of a change: field, before, after."""
        old, new = _said(before.offer), _said(self.offer)
        return [{"field": name, "before": old[name], "after": new[name]} for name in new if new[name] != old[name]]

    def retired(self, now: int) -> "Plan":
        """Return the plan as one that nothing is issued from any more. Raises StateConflictError: it is already."""
        self.check_open()
        return replace(self, retired_at=now)

    def check_open(self) -> None:
        """Refuse what only a plan in use allows. Raises StateConflictError."""
        if self.retired_at is not None:
            raise StateConflictError(f"The plan {self.offer.name} is retired: take another one, or add one like it.")

    def order(self, customer_id: str, given: Given) -> Order:
        """Return an order of what the plan offers; what is given goes before it. Raises StateConflictError: retired."""
        self.check_open()
        asked: dict[str, Any] = {**self.offer.values, **given}
        if "ends_at" in given and "lasting" not in given:
            asked["lasting"] = None
        if given.get("overdraft_users") == 0 and "overdraft_days" not in given:
            asked["overdraft_days"] = 0
        return Order(customer_id, plan=self.id, **asked)


_NAMES = frozenset(field.name for field in fields(Offer))
_USUAL: Mapping[str, object] = {field.name: field.default for field in fields(Offer)} | {"features": []}


def _said(offer: Offer) -> dict[str, object]:
    """Return an offer as JSON carries it."""
    return {name: list(value) if isinstance(value, tuple) else value for name, value in asdict(offer).items()}
