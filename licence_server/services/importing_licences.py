"""Rows of licences, for Importing. They are issued without a code; ImportedCodes makes those."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from keys.errors import InvalidInputError, StateConflictError
from licence_server.domain.customer import Customer
from licence_server.domain.finding import folded, latin_digits
from licence_server.domain.imported_licences import LICENCE_COLUMNS, LICENCE_REQUIRED, LicenceRow, licence_row
from licence_server.domain.licence import Licence, Order, size_of
from licence_server.domain.plan import Plan
from licence_server.domain.sheets import CellError
from licence_server.services.issuing import Issuing
from licence_server.services.ports import Unit


@dataclass(frozen=True, slots=True)
class LicenceRows:
    """Licences to be issued (services.importing.Things)."""

    issuing: Issuing

    @property
    def columns(self) -> Mapping[str, Sequence[str]]:
        """See Things."""
        return LICENCE_COLUMNS

    @property
    def required(self) -> Sequence[str]:
        """See Things."""
        return LICENCE_REQUIRED

    def read(self, cells: Mapping[str, str]) -> LicenceRow:
        """See Things."""
        return licence_row(cells)

    def twin(self, thing: LicenceRow) -> str:
        """See Things: a customer has one licence for a site."""
        return f"{folded(thing.customer)}\n{folded(thing.site)}"

    def refusals(self, unit: Unit, things: Sequence[LicenceRow]) -> Sequence[CellError | None]:
        """See Things."""
        orders = self._orders(unit, things)
        ids = {each.customer_id for each in orders if isinstance(each, Order)}
        now = self.issuing.clock.now()
        there = {
            (each.customer.id, folded(each.site)): each
            for each in unit.licences.of_customers(ids)
            if each.state_at(now) not in ("revoked", "expired")
        }
        return [each if isinstance(each, CellError) else _against(each, there) for each in orders]

    def add(self, unit: Unit, thing: LicenceRow, by: str, import_id: str) -> str:
        """See Things."""
        (order,) = self._orders(unit, [thing])
        if isinstance(order, CellError):
            raise StateConflictError(order.reason)
        return self.issuing.issue_within(unit, order, by, **{"import": import_id}).id

    def _orders(self, unit: Unit, things: Sequence[LicenceRow]) -> Sequence[Order | CellError]:
        """Return what each row orders, or what is against it."""
        customers, plans = (
            _customers(unit, things),
            {
                name: plan
                for plan in unit.plans.all()
                for name in (plan.id, *([] if plan.retired_at else [plan.offer.name]))
            },
        )
        return [self._order(each, customers[each.customer], plans) for each in things]

    def _order(self, thing: LicenceRow, meant: Sequence[Customer], plans: Mapping[str, Plan]) -> Order | CellError:
        if not meant:
            return CellError("customer", f"There is no customer {thing.customer[:64]}.")
        if len(meant) > 1:
            return CellError("customer", f"{len(meant)} customers have this name: give the id or the national id.")
        if thing.plan and thing.plan not in plans:
            return CellError("plan", f"There is no plan {thing.plan[:64]}.")
        try:
            order = (
                plans[thing.plan].order(meant[0].id, thing.given) if thing.plan else Order(meant[0].id, **thing.given)
            )
            order = order.checked(self.issuing.clock.now())
        except (InvalidInputError, StateConflictError) as error:
            return CellError("", str(error))
        if size_of(order.seats) > self.issuing.permits.rules.users:
            return CellError("users", "One person may not issue so many users: issue this one by itself.")
        return order


def _against(order: Order, there: Mapping[tuple[str, str], Licence]) -> CellError | None:
    same = there.get((order.customer_id, folded(order.site)))
    return None if same is None else CellError("site", f"The customer has a licence for this site already: {same.id}.")


def _customers(unit: Unit, things: Sequence[LicenceRow]) -> Mapping[str, Sequence[Customer]]:
    """Return whom each row may mean, by how it says so."""
    said = {each.customer for each in things}
    found: dict[str, list[Customer]] = defaultdict(
        list, {name: [each] for name, each in unit.customers.some(said).items()}
    )
    by_said: dict[str, list[Customer]] = defaultdict(list)
    for each in unit.customers.called({latin_digits(name) for name in said}, said):
        by_said[each.name].append(each)
        by_said[each.national_id].append(each)
    for name in said - found.keys():
        found[name] = by_said.get(latin_digits(name)) or by_said.get(name, [])
    return found
