"""Use cases: look at licences."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, cast

from keys.clock import Clock
from keys.documents.requests import Usage
from keys.errors import InvalidInputError
from licence_server.domain.activation import Activation
from licence_server.domain.customer import Customer
from licence_server.domain.licence import STATES, Licence, State
from licence_server.services.ports import Units

ROUTINE = "licence_validated"
"""The one event that is told apart from the others: there is one of it every day."""
_LATELY = 30 * 86_400


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happened to a licence."""

    code: str
    at: int
    actor: str
    details: Mapping[str, object]


@dataclass(frozen=True, slots=True)
class Reported:
    """Something that agents told of, such as ``outside_network``: how often, and when it was told of last."""

    code: str
    count: int
    last_at: int


@dataclass(frozen=True, slots=True)
class LicenceView:
    """A licence with what belongs to it."""

    licence: Licence
    state: State
    """With expiry counted in."""
    customer: Customer
    activation: Activation | None
    events: tuple[Event, ...]
    """Oldest first; empty in lists."""
    reported: tuple[Reported, ...] = ()
    """What its agents told of in the last 30 days, by word; empty in lists."""


@dataclass(frozen=True, slots=True)
class Reading:
    """Shows licences."""

    reading: Units
    clock: Clock

    def licences(self, state: str | None = None) -> Sequence[LicenceView]:
        """Return all licences, or those in a state, oldest first. Raises InvalidInputError for an unknown state."""
        if state is not None and state not in STATES:
            raise InvalidInputError(f"{state!r} is no state of a licence: {', '.join(STATES)}.")
        now = self.clock.now()
        with self.reading() as unit:
            customers = {customer.id: customer for customer in unit.customers.all()}
            live = {activation.licence_id: activation for activation in unit.activations.all_live()}
            views = [
                LicenceView(each, each.state_at(now), customers[each.customer.id], live.get(each.id), ())
                for each in unit.licences.all()
            ]
        return [view for view in views if state is None or view.state == state]

    def usage(self, licence_id: str) -> tuple[Licence, Sequence[Usage]]:
        """Return a licence and the hours that its servers told, oldest first. Raises NotFoundError."""
        with self.reading() as unit:
            return unit.licences.get(licence_id), unit.usages.of(licence_id)

    def licence(self, licence_id: str) -> LicenceView:
        """Return a licence with its events, without the routine ones. Raises NotFoundError."""
        now = self.clock.now()
        with self.reading() as unit:
            licence = unit.licences.get(licence_id)
            customer = unit.customers.get(licence.customer.id)
            entries = [
                Event(entry.event, entry.at, entry.actor, json.loads(entry.details))
                for entry in unit.audit.entries(subject=licence_id)
            ]
            events = tuple(event for event in entries if event.code != ROUTINE)
            reported = _reported([event for event in entries if event.code == ROUTINE and event.at > now - _LATELY])
            live = unit.activations.live(licence_id)
            return LicenceView(licence, licence.state_at(now), customer, live, events, reported)


def _reported(validations: Iterable[Event]) -> tuple[Reported, ...]:
    """Add up what validations told of."""
    found: dict[str, Reported] = {}
    for validation in validations:
        for told in cast("Iterable[Mapping[str, Any]]", validation.details["reported"]):
            before = found.get(told["code"])
            count = told["count"] + (0 if before is None else before.count)
            found[told["code"]] = Reported(told["code"], count, validation.at)
    return tuple(found[code] for code in sorted(found))
