"""Use cases: look at licences and customers."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import groupby
from typing import Any, cast

from keys.clock import Clock
from keys.documents.requests import Usage
from keys.errors import InvalidInputError
from licence_server.domain.activation import Activation
from licence_server.domain.audit import Entry
from licence_server.domain.customer import Customer
from licence_server.domain.days import DAY, Shown, strip
from licence_server.domain.licence import STATES, Licence, Picked, State
from licence_server.domain.paging import MOST, Page, Place, check_most, page_of
from licence_server.services.ports import Unit, Units

EVERY = Picked()
_LATELY = 30 * 86_400
_MOST_EVENTS = 500
_MOST_VALIDATIONS = 1_000
_SINCE: Mapping[State, tuple[str, ...]] = {
    "issued": ("licence_issued", "licence_deactivated", "licence_resumed"),
    "active": ("licence_activated", "licence_resumed", "licence_confirmed"),
    "suspended": ("licence_suspended", "clone_detected"),
    "revoked": ("licence_revoked",),
    "recovered": ("licence_recovered",),
}
"""What brings a licence into its state; none that ended has an entry of that."""


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
    """Oldest first, at most the newest 500; empty in lists."""
    reported: tuple[Reported, ...] = ()
    """What its agents told of in the last 30 days, by word; empty in lists."""
    days: tuple[Shown, ...] = ()
    """What became of each of the last 90 days; empty in lists."""

    @property
    def since(self) -> Event | None:
        """What brought the licence into its state, as far as ``events`` go back."""
        return next((event for event in reversed(self.events) if event.code in _SINCE.get(self.state, ())), None)

    @property
    def due_at(self) -> int | None:
        """When its server has to validate next; None: it is on none."""
        return None if self.activation is None else self.activation.seen_at + self.licence.interval


@dataclass(frozen=True, slots=True)
class Reading:
    """Shows licences and customers."""

    reading: Units
    clock: Clock

    def licences(self, picked: Picked = EVERY, after: Place | None = None, most: int = MOST) -> Page[LicenceView]:
        """Return the licences that somebody wants to see, newest first. Raises InvalidInputError."""
        check_most(most)
        if picked.state is not None and picked.state not in STATES:
            raise InvalidInputError(f"{picked.state!r} is no state of a licence: {', '.join(STATES)}.")
        now = self.clock.now()
        with self.reading() as unit:
            found = unit.licences.page(picked, now, after, most + 1)
            return page_of(views_of(unit, found, now), most, lambda view: view.licence)

    def usage(self, licence_id: str) -> tuple[Licence, Sequence[Usage]]:
        """Return a licence and the hours that its servers told, oldest first. Raises NotFoundError."""
        with self.reading() as unit:
            return unit.licences.get(licence_id), unit.usages.of(licence_id)

    def licence(self, licence_id: str) -> LicenceView:
        """Return a licence with its events, without the routine ones. Raises NotFoundError."""
        now = self.clock.now()
        with self.reading() as unit:
            view = views_of(unit, [unit.licences.get(licence_id)], now)[0]
            events = _events(unit.audit.telling(licence_id, _MOST_EVENTS))
            reported = _reported(_events(unit.audit.routine(licence_id, now - _LATELY, _MOST_VALIDATIONS)))
            begun, days = unit.activations.days_of(licence_id)
        fates = strip(days, begun, view.licence.interval, now, bound=view.activation is not None)
        return replace(view, events=events, reported=reported, days=fates)

    def customers(self, after: Place | None = None, most: int = MOST) -> Page[Customer]:
        """Return all customers, newest first. Raises InvalidInputError."""
        check_most(most)
        with self.reading() as unit:
            return page_of(unit.customers.page("", after, most + 1), most, lambda customer: customer)

    def customer(self, customer_id: str) -> tuple[Customer, tuple[Event, ...]]:
        """Return a customer and what happened to what is known of them, oldest first. Raises NotFoundError."""
        with self.reading() as unit:
            return unit.customers.get(customer_id), _events(unit.audit.telling(customer_id, _MOST_EVENTS))


def views_of(unit: Unit, licences: Sequence[Licence], now: int) -> Sequence[LicenceView]:
    """Return licences with what belongs to them, without their events, by two queries however many there are."""
    customers = unit.customers.some({licence.customer.id for licence in licences})
    live = unit.activations.live_of([licence.id for licence in licences])
    return [
        LicenceView(each, each.state_at(now), customers[each.customer.id], live.get(each.id), ()) for each in licences
    ]


def _events(entries: Iterable[Entry]) -> tuple[Event, ...]:
    return tuple(Event(entry.event, entry.at, entry.actor, json.loads(entry.details)) for entry in entries)


def _reported(validations: Iterable[Event]) -> tuple[Reported, ...]:
    """Add up what validations told of."""
    found: dict[str, Reported] = {}
    for validation in validations:
        for told in cast("Iterable[Mapping[str, Any]]", validation.details["reported"]):
            before = found.get(told["code"])
            count = told["count"] + (0 if before is None else before.count)
            found[told["code"]] = Reported(told["code"], count, validation.at)
    return tuple(found[code] for code in sorted(found))


def by_day(hours: Sequence[Usage]) -> Sequence[Usage]:
    """Return the peaks and sums of each day in UTC, at its first hour, the newest first. ``hours``: oldest first."""
    days = [(day, list(group)) for day, group in groupby(hours, lambda hour: hour.hour_at // DAY * DAY)]
    return [
        Usage(
            day,
            max(hour.users for hour in group),
            max(hour.clients for hour in group),
            sum(hour.refused for hour in group),
            sum(hour.waited for hour in group),
        )
        for day, group in reversed(days)
    ]
