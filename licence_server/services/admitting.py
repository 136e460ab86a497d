"""Sessions of operators, open ones and such as are on their way: part of the use cases of every way in.

Nothing but the end of the last step makes a session, and no token outlives the step that it was made for: who planted
one in somebody's browser, or saw one, has nothing.
"""

from dataclasses import dataclass, field

from keys.errors import NotSignedInError
from keys.identity import Randomness, new_id
from licence_server.domain.audit import Note
from licence_server.domain.operator import Operator
from licence_server.domain.rights import Actor
from licence_server.domain.session import (
    SIGNING_IN,
    Lifetimes,
    Place,
    Session,
    Step,
    csrf_of,
    new_token,
    token_digest,
)
from licence_server.services.ports import Unit

OVER = "This sign-in was not finished in time, or went on elsewhere: begin again with name and password."


@dataclass(frozen=True, slots=True)
class Pending:
    """A sign-in on its way."""

    token: str = field(repr=False)
    step: Step
    """``password``: set_password comes next; ``enrolment``: propose and complete; ``code``: complete."""
    expires_at: int
    has_passkeys: bool = False
    """Whether a passkey will do in place of the code."""


@dataclass(frozen=True, slots=True)
class SignedIn:
    """Who is signed in, in which session."""

    token: str = field(repr=False)
    session: Session
    operator: Operator
    recovery_codes: tuple[str, ...] = field(default=(), repr=False)
    """Shown this once, right after a second factor was set up."""

    @property
    def actor(self) -> Actor:
        """Who acts."""
        return Actor(self.operator.id, self.operator.name, self.operator.role)

    @property
    def csrf(self) -> str:
        """What forms of this session carry."""
        return csrf_of(self.token)


@dataclass(frozen=True, slots=True, kw_only=True)
class Admitting:
    """Makes sessions and finds them again."""

    randomness: Randomness
    lifetimes: Lifetimes

    def open(self, unit: Unit, operator: Operator, now: int, place: Place, **about: object) -> SignedIn:
        """Let an operator in, whose every factor was proved; ``about`` is for the record."""
        token, session = self._session(operator, "open", now, now, place)
        unit.sessions.add(session)
        note(unit, "signed_in", operator, now, **about, address=place.address, session=session.id)
        return SignedIn(token, session, operator)

    def go_on(
        self, unit: Unit, operator: Operator, now: int, begun_at: int, place: Place, *, is_proved: bool = False
    ) -> Pending:
        """Lead an operator to the next step.

        Args:
            unit: the transaction.
            operator: whose sign-in it is.
            now: the time.
            begun_at: when the sign-in began.
            place: where the operator sits.
            is_proved: whether a second factor was proved, so that another one may be set up.
        """
        has_passkeys = bool(unit.passkeys.of(operator.id))
        step: Step = "code"
        if operator.password_once:
            step = "password"
        elif operator.secret is None and (is_proved or not has_passkeys):
            step = "enrolment"
        token, session = self._session(operator, step, now, begun_at, place)
        unit.sessions.add(session)
        return Pending(token, step, begun_at + SIGNING_IN, has_passkeys)

    def at(self, unit: Unit, token: str, steps: tuple[Step, ...], now: int) -> tuple[Session, Operator]:
        """As peek; nobody else changes the operator or goes on with the sign-in until the unit ends."""
        _, operator = self.peek(unit, token, steps, now)
        unit.operators.lock(operator.id)
        return self.peek(unit, token, steps, now)

    def peek(self, unit: Unit, token: str, steps: tuple[Step, ...], now: int) -> tuple[Session, Operator]:
        """Return the sign-in that waits for one of these steps. Raises NotSignedInError."""
        session = unit.sessions.find(token_digest(token))
        if session is None or session.step not in steps or session.is_over(now, self.lifetimes):
            raise NotSignedInError(OVER)
        return session, unit.operators.get(session.operator_id)

    def _session(self, operator: Operator, step: Step, now: int, begun_at: int, place: Place) -> tuple[str, Session]:
        token, name = new_token(self.randomness), new_id("ses", self.randomness)
        return token, Session(name, token_digest(token), operator.id, step, begun_at, now, place)


def note(unit: Unit, event: str, operator: Operator, now: int, **about: object) -> None:
    """Write down what an operator did at the way in, with a digest of what they are now."""
    details = {"name": operator.name, **about, "operators": operator.recorded}
    unit.audit.note(Note(now, f"operator:{operator.name}", event, operator.id, details))
