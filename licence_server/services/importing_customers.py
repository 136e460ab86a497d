"""Rows of customers, for Importing."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from licence_server.domain.customer import NewCustomer
from licence_server.domain.imported_customers import CUSTOMER_COLUMNS, REQUIRED, customer_of, twin_key
from licence_server.domain.sheets import CellError
from licence_server.services.ports import Unit
from licence_server.services.registering import Registering


@dataclass(frozen=True, slots=True)
class CustomerRows:
    """Customers to be registered (services.importing.Things)."""

    registering: Registering

    @property
    def columns(self) -> Mapping[str, Sequence[str]]:
        """See Things."""
        return CUSTOMER_COLUMNS

    @property
    def required(self) -> Sequence[str]:
        """See Things."""
        return REQUIRED

    def read(self, cells: Mapping[str, str]) -> NewCustomer:
        """See Things."""
        return customer_of(cells)

    def twin(self, thing: NewCustomer) -> str:
        """See Things."""
        return twin_key(thing)

    def refusals(self, unit: Unit, things: Sequence[NewCustomer]) -> Sequence[CellError | None]:
        """See Things: who is registered already is not registered once more."""
        numbers = {each.national_id for each in things if each.national_id}
        names = {each.name for each in things if not each.national_id}
        there = {twin_key(each): each for each in unit.customers.called(numbers, names)}
        found: list[CellError | None] = []
        for each in things:
            same = there.get(twin_key(each))
            column = "national_id" if each.national_id else "name"
            said = None if same is None else f"{same.name} ({same.id}) is registered already."
            found.append(None if said is None else CellError(column, said))
        return found

    def add(self, unit: Unit, thing: NewCustomer, by: str, import_id: str) -> str:
        """See Things."""
        return self.registering.add_within(unit, thing, by, **{"import": import_id}).id
