"""The vendor's people at rest."""

from collections.abc import Sequence

from sqlalchemy import Connection, insert, select
from sqlalchemy.exc import IntegrityError

from keys.errors import StateConflictError
from licence_server.domain.operator import Operator
from licence_server.storage.tables import operators


class SqlOperators:
    """Works inside the caller's transaction; never commits."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(self, operator: Operator) -> None:
        """See Operators."""
        try:
            self._connection.execute(
                insert(operators).values(
                    id=operator.id,
                    name=operator.name,
                    role=operator.role,
                    password_hash=operator.password_hash,
                    created_at=operator.created_at,
                )
            )
        except IntegrityError as error:
            raise StateConflictError(f"There is an operator {operator.name} already.") from error

    def all(self) -> Sequence[Operator]:
        """See Operators."""
        order = select(operators).order_by(operators.c.created_at, operators.c.id)
        return [
            Operator(row.id, row.name, row.role, row.password_hash, row.created_at)
            for row in self._connection.execute(order)
        ]
