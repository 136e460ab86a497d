"""Customers at rest."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, Row, Select, bindparam, false, insert, or_, select, update
from sqlalchemy.exc import IntegrityError

from keys.errors import NotFoundError, StateConflictError
from licence_server.domain.customer import ALIKE, Customer, NewCustomer
from licence_server.domain.finding import dialled, whole
from licence_server.domain.paging import Place
from licence_server.domain.representative import Representative
from licence_server.storage.damage import check_search, readable
from licence_server.storage.pages import holds, page
from licence_server.storage.tables import customers

_ANY = select(customers)
_BY_ID = _ANY.where(customers.c.id == bindparam("id"))
_LOCK = _BY_ID.with_for_update()
_UPDATE = update(customers).where(customers.c.id == bindparam("which"))


class SqlCustomers:
    """Works inside the caller's transaction; never commits."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(self, customer: Customer) -> None:
        """See Customers."""
        row = {"id": customer.id, "created_at": customer.created_at, **_changeable(customer)}
        try:
            self._connection.execute(insert(customers), row)
        except IntegrityError as error:
            raise StateConflictError("This customer is registered already.") from error

    def put(self, customer: Customer) -> None:
        """See Customers."""
        try:
            self._connection.execute(_UPDATE, {"which": customer.id, **_changeable(customer)})
        except IntegrityError as error:
            raise StateConflictError("Another customer is registered under this national id already.") from error

    def get(self, customer_id: str) -> Customer:
        """See Customers."""
        return _there(self.find(customer_id), customer_id)

    def lock(self, customer_id: str) -> Customer:
        """See Customers. PostgreSQL locks the row; on SQLite the whole transaction has the write lock already."""
        return _there(self._one(_LOCK, id=customer_id), customer_id)

    def find(self, customer_id: str) -> Customer | None:
        """See Customers."""
        return self._one(_BY_ID, id=customer_id)

    def with_national_id(self, national_id: str) -> Customer | None:
        """See Customers."""
        return self._one(_ANY.where(customers.c.national_id == national_id, customers.c.national_id != ""))

    def some(self, ids: Collection[str]) -> Mapping[str, Customer]:
        """See Customers."""
        return {customer.id: customer for customer in self._many(_ANY.where(customers.c.id.in_(ids)))}

    def called(self, national_ids: Collection[str], names: Collection[str]) -> Sequence[Customer]:
        """See Customers."""
        return self._many(_ANY.where(or_(customers.c.national_id.in_(national_ids), customers.c.name.in_(names))))

    def page(self, text: str, after: Place | None, most: int) -> Sequence[Customer]:
        """See Customers."""
        only = [holds(self._connection, customers, text)] if text else []
        return self._many(page(_ANY, customers, after, most, *only))

    def alike(self, new: NewCustomer, most: int) -> Sequence[Customer]:
        """See Customers."""
        fields = [dialled(getattr(new, name)) for name in ALIKE]
        only = or_(false(), *(holds(self._connection, customers, whole(field)) for field in fields if field))
        return [customer for customer in self._many(page(_ANY, customers, None, most, only)) if customer.alike(new)]

    def all(self) -> Sequence[Customer]:
        """See Customers. Who reads all of them wants to know whether they are as they were stored."""
        with readable("A customer"):
            rows = self._connection.execute(_ANY.order_by(customers.c.created_at, customers.c.id)).all()
            found = [_customer(row) for row in rows]
        for row, customer in zip(rows, found, strict=True):
            check_search(row, "Customer", customer.search)
        return found

    def _one(self, query: Select[Any], **key: str) -> Customer | None:
        with readable("A customer"):
            row = self._connection.execute(query, key).one_or_none()
            return None if row is None else _customer(row)

    def _many(self, query: Select[Any]) -> list[Customer]:
        with readable("A customer"):
            return [_customer(row) for row in self._connection.execute(query)]


def _there(customer: Customer | None, customer_id: str) -> Customer:
    if customer is None:
        raise NotFoundError(f"There is no customer {customer_id}.")
    return customer


def _changeable(customer: Customer) -> Mapping[str, object]:
    return {
        "name": customer.name,
        "national_id": customer.national_id,
        "email": customer.email,
        "mobile": customer.mobile,
        "representative": customer.representative,
        "kind": customer.kind,
        "phone": customer.phone,
        "address": customer.address,
        "language": customer.language,
        "by_email": customer.by_email,
        "by_sms": customer.by_sms,
        "note": customer.note,
        "representatives": [person.to_stored() for person in customer.representatives],
        "search": customer.search,
    }


def _customer(row: Row[Any]) -> Customer:
    return Customer(
        id=row.id,
        name=row.name,
        national_id=row.national_id,
        email=row.email,
        mobile=row.mobile,
        representative=row.representative,
        created_at=row.created_at,
        kind=row.kind,
        phone=row.phone,
        address=row.address,
        language=row.language,
        by_email=row.by_email,
        by_sms=row.by_sms,
        note=row.note,
        representatives=tuple(Representative(**person) for person in row.representatives),
    )
