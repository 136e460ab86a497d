"""Use cases: customers."""

from collections.abc import Sequence
from dataclasses import dataclass

from keys.clock import Clock
from keys.errors import StateConflictError
from keys.identity import Randomness, new_id
from licence_server.domain.audit import Note
from licence_server.domain.customer import Customer, NewCustomer
from licence_server.services.ports import Units


@dataclass(frozen=True, slots=True)
class Registering:
    """Takes in customers and finds them."""

    units: Units
    reading: Units
    clock: Clock
    randomness: Randomness

    def add(self, new: NewCustomer, by: str) -> Customer:
        """Register a customer (T8).

        Raises:
            InvalidInputError: a field is mistyped.
            StateConflictError: the national id is registered already.
        """
        data, now = new.checked(), self.clock.now()
        customer = Customer(
            new_id("cus", self.randomness),
            data.name,
            data.national_id,
            data.email,
            data.mobile,
            data.representative,
            now,
        )
        with self.units() as unit:
            same = unit.customers.with_national_id(data.national_id)
            if same is not None:
                raise StateConflictError(f"{same.name} ({same.id}) is registered under this national id already.")
            unit.customers.add(customer)
            details = {"name": customer.name, "customers": customer.recorded}
            unit.audit.note(Note(now, by, "customer_added", customer.id, details))
        return customer

    def all(self) -> Sequence[Customer]:
        """Return every customer, oldest first."""
        with self.reading() as unit:
            return unit.customers.all()

    def one(self, customer_id: str) -> Customer:
        """Return a customer. Raises NotFoundError."""
        with self.reading() as unit:
            return unit.customers.get(customer_id)
