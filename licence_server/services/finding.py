"""Use cases: look for customers and licences by any part of what is known of them."""

from collections.abc import Sequence
from dataclasses import dataclass

from keys.clock import Clock
from keys.errors import InvalidInputError
from licence_server.domain.customer import Customer, NewCustomer
from licence_server.domain.finding import LONGEST_TEXT, dialled
from licence_server.domain.identity import is_one_line
from licence_server.domain.licence import Licence, Picked
from licence_server.domain.paging import MOST, Page, Place, check_most, page_of, place_of
from licence_server.services.ports import Units
from licence_server.services.reading import LicenceView, views_of

_MOST_ALIKE = 20


@dataclass(frozen=True, slots=True)
class Similar:
    """A customer who may be the one that somebody is about to register."""

    customer: Customer
    fields: tuple[str, ...]
    """What is the same: ``name``, ``email``, ``mobile``."""


@dataclass(frozen=True, slots=True)
class Finding:
    """Finds customers and licences."""

    reading: Units
    clock: Clock

    def find(self, text: str, after: Place | None = None, most: int = MOST) -> Page[Customer | LicenceView]:
        """Return customers and licences that have a text in them, newest first, however it is written.

        Customers by name, national id, e-mail, mobile or phone number, representative or id; licences by site,
        edition or id.

        Raises:
            InvalidInputError: nothing to look for, or too much.
        """
        check_most(most)
        wanted = dialled(text[: LONGEST_TEXT + 1])
        if not wanted or len(text) > LONGEST_TEXT or not is_one_line(text):
            raise InvalidInputError(f"Look for 1 to {LONGEST_TEXT} letters or digits of a name, a number or an id.")
        now = self.clock.now()
        with self.reading() as unit:
            customers = unit.customers.page(wanted, after, most + 1)
            licences = unit.licences.page(Picked(text=wanted), now, after, most + 1)
            both: list[Customer | Licence] = [*customers, *licences]
            newest = page_of(sorted(both, key=place_of, reverse=True), most, lambda each: each)
            shown = [each for each in newest.found if isinstance(each, Licence)]
            views = {view.licence.id: view for view in views_of(unit, shown, now)}
        found = tuple(each if isinstance(each, Customer) else views[each.id] for each in newest.found)
        return Page(found, newest.next)

    def similar(self, new: NewCustomer, before: Customer | None = None) -> Sequence[Similar]:
        """Return who is registered already and may be the same, newest first, to be shown as a warning.

        ``before`` is the customer who is changed, if it is no new one: who was alike already is no news.

        Raises:
            InvalidInputError: a field is mistyped.
        """
        data = new.checked()
        with self.reading() as unit:
            found = [Similar(customer, customer.alike(data)) for customer in unit.customers.alike(data, _MOST_ALIKE)]
        if before is None:
            return found
        others = (each for each in found if each.customer.id != before.id)
        return [each for each in others if set(each.fields) - set(each.customer.alike(before))]
