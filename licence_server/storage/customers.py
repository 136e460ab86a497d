"""Customers at rest."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, Row, bindparam, insert, select
from sqlalchemy.exc import IntegrityError

from keys.errors import NotFoundError, StateConflictError
from licence_server.domain.customer import Customer
from licence_server.storage.tables import customers

_BY_ID = select(customers).where(customers.c.id == bindparam("id"))


class SqlCustomers:
    """Works inside the caller's transaction; never commits."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(self, customer: Customer) -> None:
        """See Customers."""
        row = {
            "id": customer.id,
            "name": customer.name,
            "national_id": customer.national_id,
            "email": customer.email,
            "mobile": customer.mobile,
            "representative": customer.representative,
            "created_at": customer.created_at,
        }
        try:
            self._connection.execute(insert(customers), row)
        except IntegrityError as error:
            raise StateConflictError("This customer is registered already.") from error

    def get(self, customer_id: str) -> Customer:
        """See Customers."""
        customer = self.find(customer_id)
        if customer is None:
            raise NotFoundError(f"There is no customer {customer_id}.")
        return customer

    def find(self, customer_id: str) -> Customer | None:
        """See Customers."""
        row = self._connection.execute(_BY_ID, {"id": customer_id}).one_or_none()
        return None if row is None else _customer(row)

    def with_national_id(self, national_id: str) -> Customer | None:
        """See Customers."""
        row = self._connection.execute(
            select(customers).where(customers.c.national_id == national_id, customers.c.national_id != "")
        ).one_or_none()
        return None if row is None else _customer(row)

    def all(self) -> Sequence[Customer]:
        """See Customers."""
        order = select(customers).order_by(customers.c.created_at, customers.c.id)
        return [_customer(row) for row in self._connection.execute(order)]


def _customer(row: Row[Any]) -> Customer:
    return Customer(row.id, row.name, row.national_id, row.email, row.mobile, row.representative, row.created_at)
