"""Use cases: API tokens, by which an operator lends a program a part of their rights."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace

from keys.clock import Clock
from keys.errors import NotFoundError, StateConflictError
from keys.identity import Randomness, new_id
from licence_server.domain.audit import Note
from licence_server.domain.operator import Operator
from licence_server.domain.rights import Actor
from licence_server.domain.token import (
    Token,
    check_life,
    check_scopes,
    check_token_name,
    is_token_id,
    new_secret,
    secret_digest,
    written,
)
from licence_server.services.ports import Unit, Units
from licence_server.services.securing import Proof, Securing


@dataclass(frozen=True, slots=True)
class Lent:
    """A token, and its text, which is shown this once."""

    token: Token
    text: str = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Delegating:
    """Makes API tokens and takes them back."""

    units: Units
    reading: Units
    clock: Clock
    randomness: Randomness
    securing: Securing

    def add(self, name: str, operator_id: str, scopes: Collection[str], expires_at: int, by: str) -> Lent:
        """Make a token.

        Args:
            name: what it is for.
            operator_id: whose rights it lends.
            scopes: which of them.
            expires_at: when it ends, at most 366 days from now.
            by: who makes it, for the audit record.

        Raises:
            InvalidInputError: a name, a scope or an end that can't be, or a right that the operator does not have.
            NotFoundError: there is no such operator.
            StateConflictError: the operator is disabled.
        """
        name = check_token_name(name)
        check_life(self.clock.now(), expires_at)
        with self.units() as unit:
            operator = unit.operators.lock(operator_id)
            if operator.disabled_at is not None:
                raise StateConflictError(f"{operator.name} is disabled; a token of theirs would not count.")
            return self._add(unit, operator, by, name=name, scopes=scopes, expires_at=expires_at)

    def lend(self, actor: Actor, proof: Proof, name: str, scopes: Collection[str], expires_at: int) -> Lent:
        """Make a token of one's own, which outlives every session and so needs a proof of both factors.

        Raises:
            InvalidInputError: as add.
            NotSignedInError, RateLimitedError, UnavailableError, NotAllowedError: see Securing.
        """
        name = check_token_name(name)
        check_life(self.clock.now(), expires_at)
        check_scopes(scopes, actor.role)
        lent = list[Lent]()

        def deed(unit: Unit, operator: Operator) -> tuple[Operator, Mapping[str, object]]:
            lent.append(self._add(unit, operator, actor.by, name=name, scopes=scopes, expires_at=expires_at))
            return operator, {"token": lent[0].token.id}

        self.securing.act("token_lent", self.securing.proved(actor, proof), proof, deed)
        return lent[0]

    def all(self, operator_id: str | None = None) -> Sequence[Token]:
        """Return every token, or an operator's, oldest first; also those that count no more."""
        with self.reading() as unit:
            return unit.tokens.all(operator_id)

    def revoke(self, token_id: str, by: str, owner: str | None = None) -> Token:
        """Let a token count no more, from now on.

        Args:
            token_id: which.
            by: who does it, for the audit record.
            owner: the operator whose token it has to be; None: anybody's.

        Raises:
            NotFoundError: there is no such token, or it is somebody else's.
            StateConflictError: it was revoked before.
        """
        if not is_token_id(token_id):
            raise NotFoundError("There is no such token: its id is tok_ and 20 letters and digits.")
        now = self.clock.now()
        with self.units() as unit:
            before = unit.tokens.lock(token_id)
            if owner not in (None, before.operator_id):
                raise NotFoundError(f"There is no token {token_id}.")
            if before.revoked_at is not None:
                raise StateConflictError(f"The token {token_id} is revoked already.")
            after = replace(before, revoked_at=now)
            unit.tokens.revoke(token_id, now)
            about = {"name": after.name, "tokens": after.recorded}
            unit.audit.note(Note(now, by, "token_revoked", token_id, about))
        return after

    def _add(
        self, unit: Unit, operator: Operator, by: str, *, name: str, scopes: Collection[str], expires_at: int
    ) -> Lent:
        now, secret = self.clock.now(), new_secret(self.randomness)
        rights, token_id = check_scopes(scopes, operator.role), new_id("tok", self.randomness)
        token = Token(token_id, name, operator.id, rights, secret_digest(secret), now, expires_at)
        unit.tokens.add(token)
        about = {"name": name, "operator": operator.name, "scopes": list(rights), "expires_at": expires_at}
        unit.audit.note(Note(now, by, "token_added", token.id, {**about, "tokens": token.recorded}))
        return Lent(token, written(token.id, secret))
