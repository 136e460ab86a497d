"""API tokens at rest, as digests of their secrets."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, Row, Select, insert, select, update

from keys.errors import NotFoundError
from licence_server.domain.token import Token
from licence_server.storage.damage import readable
from licence_server.storage.tables_access import tokens

_ALL = select(tokens).order_by(tokens.c.created_at, tokens.c.id)


class SqlTokens:
    """Works inside the caller's transaction; never commits."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(self, token: Token) -> None:
        """See Tokens."""
        row = {
            "id": token.id,
            "name": token.name,
            "operator_id": token.operator_id,
            "scopes": list(token.scopes),
            "digest": token.digest,
            "created_at": token.created_at,
            "expires_at": token.expires_at,
        }
        self._connection.execute(insert(tokens).values(row))

    def find(self, token_id: str) -> Token | None:
        """See Tokens."""
        return next(iter(self._many(select(tokens).where(tokens.c.id == token_id))), None)

    def lock(self, token_id: str) -> Token:
        """See Tokens."""
        found = self._many(select(tokens).where(tokens.c.id == token_id).with_for_update())
        if not found:
            raise NotFoundError(f"There is no token {token_id}.")
        return found[0]

    def all(self, operator_id: str | None = None) -> Sequence[Token]:
        """See Tokens."""
        return self._many(_ALL if operator_id is None else _ALL.where(tokens.c.operator_id == operator_id))

    def used(self, token_id: str, now: int) -> None:
        """See Tokens."""
        self._connection.execute(update(tokens).where(tokens.c.id == token_id).values(last_used_at=now))

    def revoke(self, token_id: str, now: int) -> None:
        """See Tokens."""
        self._connection.execute(update(tokens).where(tokens.c.id == token_id).values(revoked_at=now))

    def _many(self, query: Select[Any]) -> Sequence[Token]:
        with readable("An API token"):
            return [_token(row) for row in self._connection.execute(query)]


def _token(row: Row[Any]) -> Token:
    return Token(
        id=row.id,
        name=row.name,
        operator_id=row.operator_id,
        scopes=tuple(row.scopes),
        digest=row.digest,
        created_at=row.created_at,
        expires_at=row.expires_at,
        revoked_at=row.revoked_at,
        last_used_at=row.last_used_at,
    )
