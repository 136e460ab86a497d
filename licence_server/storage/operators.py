"""The vendor's people at rest."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, Row, Select, insert, select, update
from sqlalchemy.exc import IntegrityError

from keys.errors import NotFoundError, StateConflictError
from licence_server.domain.operator import Operator
from licence_server.storage.damage import readable
from licence_server.storage.tables_access import operators

_ALL = select(operators).order_by(operators.c.created_at, operators.c.id)


class SqlOperators:
    """Works inside the caller's transaction; never commits."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(self, operator: Operator) -> None:
        """See Operators."""
        about = {"id": operator.id, "name": operator.name, "created_at": operator.created_at}
        try:
            self._connection.execute(insert(operators).values({**about, **_changeable(operator)}))
        except IntegrityError as error:
            raise StateConflictError(f"There is an operator {operator.name} already.") from error

    def all(self) -> Sequence[Operator]:
        """See Operators."""
        return self._many(_ALL)

    def all_locked(self) -> Sequence[Operator]:
        """See Operators. By id, so that two who lock them all wait for each other instead of both for ever."""
        return self._many(select(operators).order_by(operators.c.id).with_for_update())

    def get(self, operator_id: str) -> Operator:
        """See Operators."""
        return _there(self._many(select(operators).where(operators.c.id == operator_id)), operator_id)

    def lock(self, operator_id: str) -> Operator:
        """See Operators."""
        query = select(operators).where(operators.c.id == operator_id).with_for_update()
        return _there(self._many(query), operator_id)

    def named(self, name: str) -> Operator | None:
        """See Operators."""
        return next(iter(self._many(select(operators).where(operators.c.name == name))), None)

    def with_account(self, account: str) -> Operator | None:
        """See Operators."""
        return next(iter(self._many(select(operators).where(operators.c.account == account))), None)

    def put(self, operator: Operator) -> None:
        """See Operators."""
        self._connection.execute(update(operators).where(operators.c.id == operator.id).values(_changeable(operator)))

    def _many(self, query: Select[Any]) -> Sequence[Operator]:
        with readable("An operator"):
            return [_operator(row) for row in self._connection.execute(query)]


def _there(found: Sequence[Operator], operator_id: str) -> Operator:
    if not found:
        raise NotFoundError(f"There is no operator {operator_id}.")
    return found[0]


def _changeable(operator: Operator) -> Mapping[str, object]:
    return {
        "role": operator.role,
        "password_hash": operator.password_hash,
        "disabled_at": operator.disabled_at,
        "password_at": operator.password_at,
        "password_once": operator.password_once,
        "secret": operator.secret,
        "last_step": operator.last_step,
        "recovery": list(operator.recovery),
        "wrong_codes": operator.wrong_codes,
        "language": operator.language,
        "account": operator.account,
    }


def _operator(row: Row[Any]) -> Operator:
    return Operator(
        id=row.id,
        name=row.name,
        role=row.role,
        password_hash=row.password_hash,
        created_at=row.created_at,
        disabled_at=row.disabled_at,
        password_at=row.password_at,
        password_once=row.password_once,
        secret=row.secret,
        last_step=row.last_step,
        recovery=tuple(row.recovery),
        wrong_codes=row.wrong_codes,
        language=row.language,
        account=row.account,
    )
