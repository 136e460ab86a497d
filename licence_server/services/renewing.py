"""Use cases: renewals. Which licences end soon, and several of them renewed, each for itself."""

from collections.abc import Sequence
from dataclasses import dataclass

from keys.clock import Clock
from keys.errors import InvalidInputError, LicensingError, UnavailableError
from licence_server.domain.licence import Licence
from licence_server.domain.paging import MOST, Page, Place, check_most, page_of
from licence_server.domain.renewal import MOST_AT_ONCE, Extension, Window
from licence_server.services.ports import Units
from licence_server.services.reading import LicenceView, views_of
from licence_server.services.recording import record

NOT_TRIED = "It was not tried, since the server could not store the one before it."


@dataclass(frozen=True, slots=True)
class Outlook:
    """What renewing would do to a licence."""

    place: Place
    view: LicenceView | None
    """None: there is no such licence."""
    ends_at: int | None
    refusal: str
    """Why it can't be renewed; empty: it can."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What renewing did to a licence."""

    place: Place
    view: LicenceView | None
    """As it was before; None: there was no such licence."""
    licence: Licence | None
    """As it is now; None: it was not renewed."""
    refusal: str
    """Why not; empty: it was."""


@dataclass(frozen=True, slots=True)
class Renewing:
    """Finds licences that are due, and renews them. A licence that was chosen is named by its end and its id."""

    units: Units
    reading: Units
    clock: Clock

    def due(self, within: int, after: Place | None = None, most: int = MOST) -> Page[LicenceView]:
        """Return the licences that end within so many days or ended recently, but for revoked ones, by their end.

        Raises InvalidInputError. The places of such a list are moments of ends.
        """
        check_most(most)
        now = self.clock.now()
        window = Window.of(within, now)
        with self.reading() as unit:
            found = unit.licences.ending(window.since, window.before, after, most + 1)
            return page_of(views_of(unit, found, now), most, lambda view: chosen(view.licence))

    def outlook(self, places: Sequence[Place], extension: Extension) -> Sequence[Outlook]:
        """Return what ``extend`` would do, and change nothing. Raises InvalidInputError: too many, or no extension."""
        places, now = _checked(places, extension), self.clock.now()
        views = self._views(places, now)
        return [_outlook(place, views.get(place.id), extension, now) for place in places]

    def extend(self, places: Sequence[Place], extension: Extension, by: str) -> Sequence[Outcome]:
        """Renew several licences, each in a transaction of its own, and say of each what came of it.

        What was done stays done, whatever becomes of the others; sent once more, nothing is done twice.

        Raises:
            InvalidInputError: too many, or no extension.
        """
        places = _checked(places, extension)
        views = self._views(places, self.clock.now())
        outcomes: list[Outcome] = []
        is_broken = False
        for place in places:
            licence, refusal = None, NOT_TRIED
            if not is_broken:
                try:
                    licence, refusal = self._extend(place, extension, by), ""
                except LicensingError as error:
                    is_broken, refusal = isinstance(error, UnavailableError), str(error)
            outcomes.append(Outcome(place, views.get(place.id), licence, refusal))
        return outcomes

    def _views(self, places: Sequence[Place], now: int) -> dict[str, LicenceView]:
        with self.reading() as unit:
            licences = unit.licences.some({place.id for place in places})
            return {view.licence.id: view for view in views_of(unit, list(licences.values()), now)}

    def _extend(self, place: Place, extension: Extension, by: str) -> Licence:
        now = self.clock.now()
        with self.units() as unit:
            licence = extension.of(unit.licences.lock(place.id), place.created_at, now)
            unit.licences.put(licence)
            record(unit, "licence_renewed", licence, by, now, ends_at=licence.terms.ends_at)
        return licence


def chosen(licence: Licence) -> Place:
    """Return the name of a licence that ends, among those that may be chosen."""
    return Place(licence.terms.ends_at or 0, licence.id)


def _checked(places: Sequence[Place], extension: Extension) -> Sequence[Place]:
    """Return the places, each once. Raises InvalidInputError."""
    places = tuple(dict.fromkeys(places))
    if not 1 <= len(places) <= MOST_AT_ONCE:
        raise InvalidInputError(f"Choose 1 to {MOST_AT_ONCE} licences.")
    extension.check()
    return places


def _outlook(place: Place, view: LicenceView | None, extension: Extension, now: int) -> Outlook:
    if view is None:
        return Outlook(place, None, None, f"There is no licence {place.id}.")
    try:
        extended = extension.of(view.licence, place.created_at, now)
    except LicensingError as error:
        return Outlook(place, view, None, str(error))
    return Outlook(place, view, extended.terms.ends_at, "")
