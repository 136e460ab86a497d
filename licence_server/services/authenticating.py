"""Use cases: who a browser or a program is that shows what it was given, and the end of sessions."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from keys.clock import Clock
from keys.errors import NotFoundError, NotSignedInError
from licence_server.domain.audit import Note
from licence_server.domain.passkey import CEREMONY
from licence_server.domain.rights import Actor
from licence_server.domain.session import Lifetimes, Session, token_digest
from licence_server.domain.token import read_token
from licence_server.services.admitting import SignedIn
from licence_server.services.ports import Units

NOBODY = "Nobody is signed in here, or not any more: sign in again."
UNCOUNTED = (
    "The token does not count: it was mistyped, revoked, or has ended, or its operator is disabled. "
    "See: licence-server token list"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Authenticating:
    """Knows people by their sessions and programs by their tokens."""

    units: Units
    reading: Units
    clock: Clock
    lifetimes: Lifetimes

    def session(self, token: str) -> SignedIn:
        """Return who is signed in by a session's token, and write down once a minute that the session is in use.

        Raises NotSignedInError: nobody is, or not any more.
        """
        now = self.clock.now()
        with self.reading() as unit:
            session = unit.sessions.find(token_digest(token))
            if session is None or session.step != "open" or session.is_over(now, self.lifetimes):
                raise NotSignedInError(NOBODY)
            operator = unit.operators.get(session.operator_id)
        if operator.disabled_at is not None:
            raise NotSignedInError(NOBODY)
        if session.is_stale(now):
            session = replace(session, seen_at=now)
            with self.units() as unit:
                unit.sessions.seen(session.id, now)
        return SignedIn(token, session, operator)

    def bearer(self, text: str) -> Actor:
        """Return whom a program acts for by an API token, with what the token is good for at this moment.

        Raises NotSignedInError: the token does not count.
        """
        now, read = self.clock.now(), read_token(text)
        if read is None:
            raise NotSignedInError(UNCOUNTED)
        with self.reading() as unit:
            token = unit.tokens.find(read[0])
            operator = None if token is None else unit.operators.get(token.operator_id)
        if token is None or operator is None or not token.is_good(read[1], now) or operator.disabled_at is not None:
            raise NotSignedInError(UNCOUNTED)
        if token.is_stale(now):
            with self.units() as unit:
                unit.tokens.used(token.id, now)
        return Actor(operator.id, operator.name, operator.role, token.id, frozenset(token.scopes))

    def sessions(self, operator_id: str) -> Sequence[Session]:
        """Return where an operator is signed in, oldest first."""
        now = self.clock.now()
        with self.reading() as unit:
            return [each for each in unit.sessions.of(operator_id) if not each.is_over(now, self.lifetimes)]

    def sign_out(self, token: str) -> None:
        """End the session of a token, or the sign-in that is on its way; whoever has none is signed out already."""
        with self.units() as unit:
            session = unit.sessions.find(token_digest(token))
            if session is not None:
                unit.sessions.end(session.id, session.operator_id)

    def end(self, session_id: str, operator_id: str, by: str) -> None:
        """End one session of an operator. Raises NotFoundError: there is none of that id, or it is somebody else's."""
        with self.units() as unit:
            if not unit.sessions.end(session_id, operator_id):
                raise NotFoundError(f"There is no session {session_id}: it has ended, or it is somebody else's.")
            details = {"name": unit.operators.get(operator_id).name, "session": session_id}
            unit.audit.note(Note(self.clock.now(), by, "session_ended", operator_id, details))

    def end_all(self, operator_id: str, by: str, keep: str | None = None) -> int:
        """End all sessions of an operator but the one to keep, and return how many. Raises NotFoundError."""
        with self.units() as unit:
            operator = unit.operators.lock(operator_id)
            ended = unit.sessions.end_all(operator_id, keep)
            details = {"name": operator.name, "sessions_ended": ended}
            unit.audit.note(Note(self.clock.now(), by, "sessions_ended", operator_id, details))
        return ended

    def sweep(self) -> None:
        """Forget what is over; it counts for nothing already."""
        now = self.clock.now()
        with self.units() as unit:
            unit.sessions.sweep(now, self.lifetimes)
            unit.challenges.sweep(now - CEREMONY)
