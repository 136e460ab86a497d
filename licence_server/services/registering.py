"""Use cases: customers. One public method is one transaction."""

from dataclasses import dataclass

from keys.clock import Clock
from keys.errors import StateConflictError
from keys.identity import Randomness, new_id
from licence_server.domain.audit import Note
from licence_server.domain.customer import Changes, Customer, NewCustomer
from licence_server.domain.finding import latin_digits
from licence_server.domain.representative import NewRepresentative
from licence_server.domain.version import Versions
from licence_server.services.locking import lock_customer
from licence_server.services.ports import Unit, Units


@dataclass(frozen=True, slots=True)
class Registering:
    """Takes in customers, and keeps what is known of them true."""

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
        with self.units() as unit:
            return self.add_within(unit, new, by)

    def add_within(self, unit: Unit, new: NewCustomer, by: str, **details: object) -> Customer:
        """Register a customer within the caller's transaction; ``details`` go into the record. Raises as add."""
        customer = Customer.of(new, new_id("cus", self.randomness), self.clock.now(), by)
        _check_alone(unit, customer)
        unit.customers.add(customer)
        self._note(unit, "customer_added", customer, by, name=customer.name, **details)
        return customer

    def change(self, customer_id: str, changes: Changes, by: str, versions: Versions = None) -> Customer:
        """Correct what is known of a customer (T8); the record has each field before and after.

        Raises:
            InvalidInputError: a field is mistyped.
            NotFoundError: there is no such customer.
            StateConflictError: the national id is another customer's.
            ChangedMeanwhileError: the customer is of none of these versions any more.
        """
        with self.units() as unit:
            before = lock_customer(unit, customer_id, versions)
            customer = before.changed(changes)
            if customer == before:
                return before
            if customer.national_id != before.national_id:
                _check_alone(unit, customer)
            unit.customers.put(customer)
            self._note(unit, "customer_changed", customer, by, changes=customer.differences(before))
        return customer

    def appoint(
        self, customer_id: str, representative: NewRepresentative, by: str, versions: Versions = None
    ) -> Customer:
        """Write down whom a customer named as the one representative, in place of the one before (T11).

        Raises:
            InvalidInputError: a field is mistyped.
            NotFoundError: there is no such customer.
            ChangedMeanwhileError: the customer is of none of these versions any more.
        """
        with self.units() as unit:
            before = lock_customer(unit, customer_id, versions)
            customer = before.appointed(representative, self.clock.now(), by)
            unit.customers.put(customer)
            people = [person.to_stored() for person in customer.representatives[-2:]]
            self._note(unit, "representative_appointed", customer, by, representatives=people)
        return customer

    def one(self, customer_id: str) -> Customer:
        """Return a customer. Raises NotFoundError."""
        with self.reading() as unit:
            return unit.customers.get(customer_id)

    def is_taken(self, national_id: str, but_for: str | None = None) -> bool:
        """Tell whether a customer, but for one of an id, is registered under a national id."""
        with self.reading() as unit:
            same = unit.customers.with_national_id(latin_digits(national_id))
        return same is not None and same.id != but_for

    def _note(self, unit: Unit, event: str, customer: Customer, by: str, **details: object) -> None:
        unit.audit.note(Note(self.clock.now(), by, event, customer.id, {**details, "customers": customer.recorded}))


def _check_alone(unit: Unit, customer: Customer) -> None:
    same = unit.customers.with_national_id(customer.national_id)
    if same is not None:
        raise StateConflictError(f"{same.name} ({same.id}) is registered under this national id already.")
