"""Passkeys of operators, and the challenges that wait for their answer, at rest."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, Row, Select, delete, insert, select, update
from sqlalchemy.exc import IntegrityError

from keys.errors import StateConflictError
from licence_server.domain.passkey import Challenge, Passkey
from licence_server.storage.damage import readable
from licence_server.storage.tables_access import challenges, passkeys

_ALL = select(passkeys).order_by(passkeys.c.created_at, passkeys.c.id)


class SqlPasskeys:
    """Works inside the caller's transaction; never commits."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(self, passkey: Passkey) -> None:
        """See Passkeys."""
        row = {
            "id": passkey.id,
            "operator_id": passkey.operator_id,
            "name": passkey.name,
            "credential": passkey.credential,
            "public_key": passkey.public_key,
            "counter": passkey.counter,
            "created_at": passkey.created_at,
        }
        try:
            self._connection.execute(insert(passkeys).values(row))
        except IntegrityError as error:
            raise StateConflictError("This passkey is registered already.") from error

    def all(self) -> Sequence[Passkey]:
        """See Passkeys."""
        return self._many(_ALL)

    def of(self, operator_id: str) -> Sequence[Passkey]:
        """See Passkeys."""
        return self._many(_ALL.where(passkeys.c.operator_id == operator_id))

    def with_credential(self, credential: str) -> Passkey | None:
        """See Passkeys."""
        return next(iter(self._many(select(passkeys).where(passkeys.c.credential == credential))), None)

    def used(self, passkey: Passkey) -> None:
        """See Passkeys."""
        values = {"counter": passkey.counter, "last_used_at": passkey.last_used_at}
        self._connection.execute(update(passkeys).where(passkeys.c.id == passkey.id).values(values))

    def remove(self, passkey_id: str) -> None:
        """See Passkeys."""
        self._connection.execute(delete(passkeys).where(passkeys.c.id == passkey_id))

    def _many(self, query: Select[Any]) -> Sequence[Passkey]:
        with readable("A passkey"):
            return [_passkey(row) for row in self._connection.execute(query)]


class SqlChallenges:
    """Works inside the caller's transaction; never commits."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def put(self, challenge: Challenge) -> None:
        """See Challenges. Of two at once for the same holder the second waits for the first, and takes its place."""
        values = {"text": challenge.text, "created_at": challenge.created_at}
        try:
            with self._connection.begin_nested():
                self._connection.execute(insert(challenges).values(holder=challenge.holder, **values))
        except IntegrityError:
            self._connection.execute(update(challenges).where(challenges.c.holder == challenge.holder).values(values))

    def is_there(self, holder: str) -> bool:
        """See Challenges."""
        query = select(challenges.c.holder).where(challenges.c.holder == holder)
        return self._connection.execute(query).one_or_none() is not None

    def take(self, holder: str) -> Challenge | None:
        """See Challenges. In one statement, so that of two who take it at once only one gets it."""
        query = delete(challenges).where(challenges.c.holder == holder).returning(challenges)
        row = self._connection.execute(query).one_or_none()
        return None if row is None else Challenge(row.holder, row.text, row.created_at)

    def sweep(self, before: int) -> None:
        """See Challenges."""
        self._connection.execute(delete(challenges).where(challenges.c.created_at <= before))


def _passkey(row: Row[Any]) -> Passkey:
    return Passkey(
        id=row.id,
        operator_id=row.operator_id,
        name=row.name,
        credential=row.credential,
        public_key=row.public_key,
        counter=row.counter,
        created_at=row.created_at,
        last_used_at=row.last_used_at,
    )
