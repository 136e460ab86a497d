"""Activation codes at rest, as digests."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, Row, func, insert, select, update

from keys.errors import CodeUnknownError
from licence_server.domain.code import Code
from licence_server.storage.tables import codes


class SqlCodes:
    """Works inside the caller's transaction; never commits."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(self, code: Code) -> None:
        """See Codes."""
        self._connection.execute(
            insert(codes).values(
                digest=code.digest,
                licence_id=code.licence_id,
                purpose=code.purpose,
                created_at=code.created_at,
                expires_at=code.expires_at,
                approval=code.approval,
            )
        )

    def get(self, digest: str) -> Code:
        """See Codes."""
        row = self._connection.execute(select(codes).where(codes.c.digest == digest)).one_or_none()
        if row is None:
            raise CodeUnknownError("This code is not known. Compare it with the one you were given, letter by letter.")
        return _code(row)

    def all(self) -> Sequence[Code]:
        """See Codes."""
        return [_code(row) for row in self._connection.execute(select(codes))]

    def use(self, digest: str, activation_id: str, now: int) -> None:
        """See Codes."""
        self._connection.execute(
            update(codes).where(codes.c.digest == digest).values(used_at=now, used_by=activation_id)
        )

    def rehosts(self, licence_id: str, since: int) -> int:
        """See Codes."""
        of = select(func.count()).where(codes.c.licence_id == licence_id, codes.c.purpose == "rehost")
        return self._connection.execute(of.where(codes.c.used_at > since)).scalar_one()

    def void_unused(self, licence_id: str | None, now: int, made_until: int | None = None) -> int:
        """See Codes."""
        unused = update(codes).where(codes.c.used_at.is_(None), codes.c.void_at.is_(None))
        if licence_id is not None:
            unused = unused.where(codes.c.licence_id == licence_id)
        if made_until is not None:
            unused = unused.where(codes.c.created_at <= made_until)
        return self._connection.execute(unused.values(void_at=now)).rowcount


def _code(row: Row[Any]) -> Code:
    return Code(
        row.digest,
        row.licence_id,
        row.purpose,
        row.created_at,
        row.expires_at,
        row.used_at,
        row.used_by,
        row.void_at,
        row.approval,
    )
