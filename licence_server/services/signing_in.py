"""Use cases: signing in at the console. Password first, then the second factor; each step has a token of its own.

Nothing but the end of the last step makes a session, and no token outlives the step that it was made for: who planted
one in somebody's browser, or saw one, has nothing.
"""

from dataclasses import dataclass, field, replace

from keys.errors import LicensingError, NotSignedInError
from keys.identity import Randomness, new_id
from licence_server.domain.audit import Note
from licence_server.domain.operator import Operator
from licence_server.domain.password import typed_password
from licence_server.domain.rights import Actor
from licence_server.domain.second_factor import new_recovery_codes, recovery_digests
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
from licence_server.services.proving import WRONG, WRONG_CODE, Proving

OVER = "This sign-in was not finished in time, or went on elsewhere: begin again with name and password."


@dataclass(frozen=True, slots=True)
class Pending:
    """A sign-in on its way."""

    token: str = field(repr=False)
    step: Step
    """``password``: set_password comes next; ``enrolment``: propose and complete; ``code``: complete."""
    expires_at: int


@dataclass(frozen=True, slots=True)
class Proposal:
    """A second factor to take into an authenticator."""

    secret: str = field(repr=False)
    """In base32, to be typed."""
    uri: str = field(repr=False)
    """To be shown as a picture (``otpauth://``)."""


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
class SigningIn:
    """Lets operators in."""

    proving: Proving
    randomness: Randomness
    lifetimes: Lifetimes
    issuer: str
    """The name that an authenticator shows beside the operator's."""

    def begin(self, name: str, password: str, place: Place) -> Pending:
        """Begin with name and password.

        Raises:
            NotSignedInError: they don't fit together, or the operator is disabled: always the same sentence.
            RateLimitedError: too many guesses at this name or from this address.
            UnavailableError: too many people sign in at this moment.
        """
        proved = self.proving.password(name, password, place)
        weak = self.proving.passwords.needs_rehash(proved.password_hash)
        stored = self.proving.passwords.hash(typed_password(password)) if weak else proved.password_hash
        now = self.proving.clock.now()
        with self.proving.units() as unit:
            operator = unit.operators.lock(proved.id)
            if operator.disabled_at is not None or operator.password_hash != proved.password_hash:
                raise NotSignedInError(WRONG)
            if weak:
                operator = replace(operator, password_hash=stored)
                unit.operators.put(operator)
                _note(unit, "password_hashed_anew", operator, now)
            return self._pending(unit, operator, now, now, place)

    def set_password(self, token: str, password: str, place: Place) -> Pending:
        """Set a password in place of one that was made by us, and go on.

        Raises:
            NotSignedInError: the sign-in was not begun, does not wait for this, or has run out.
            InvalidInputError: the password is too short, easily guessed, or the present one.
            UnavailableError: too many people sign in at this moment.
        """
        now = self.proving.clock.now()
        with self.proving.reading() as unit:
            _, before = self._peek(unit, token, ("password",), now)
        stored = self.proving.new_password(before, password)
        with self.proving.units() as unit:
            session, operator = self._at(unit, token, ("password",), now)
            operator = operator.with_password(stored, now)
            unit.operators.put(operator)
            unit.sessions.end_all(operator.id)
            _note(unit, "password_changed", operator, now)
            return self._pending(unit, operator, now, session.created_at, place)

    def propose(self, token: str) -> Proposal:
        """Return the second factor to set up: the same one, however often this sign-in asks.

        Raises:
            NotSignedInError: as set_password.
            KeyUnsafeError: the server's keys have no passphrase to seal it under.
        """
        now, seal, authenticator = self.proving.clock.now(), self.proving.seal, self.proving.authenticator
        with self.proving.units() as unit:
            session, operator = self._at(unit, token, ("enrolment",), now)
            if session.proposal is None:
                secret = authenticator.new_secret()
                unit.sessions.propose(session.id, seal.seal(secret, operator.id))
            else:
                secret = seal.open(session.proposal, operator.id)
        return Proposal(secret, authenticator.uri(secret, operator.name, self.issuer))

    def complete(self, token: str, typed: str, place: Place) -> SignedIn:
        """Finish a sign-in with a code of the second factor or a recovery code, each good for one use.

        Raises:
            NotSignedInError: the code is wrong or used; or as set_password.
            RateLimitedError: as begin.
            KeyUnsafeError: the second factor can't be opened; an administrator has to reset it.
        """
        now = self.proving.clock.now()
        with self.proving.reading() as unit:
            _, operator = self._peek(unit, token, ("enrolment", "code"), now)
        self.proving.count(operator.name, place)
        with self.proving.units() as unit:
            session, operator = self._at(unit, token, ("enrolment", "code"), now)
            finish = self._enrol if session.step == "enrolment" else self._judge
            outcome = finish(unit, session, operator, typed, place)
        if isinstance(outcome, LicensingError):
            raise outcome  # outside, so that the count of wrong codes is kept
        self.proving.attempts.give_back(operator.name, place)
        return outcome

    def _judge(
        self, unit: Unit, session: Session, operator: Operator, typed: str, place: Place
    ) -> SignedIn | LicensingError:
        now = self.proving.clock.now()
        proved = self.proving.code(operator, typed, now)
        if proved is None:
            return self.proving.wrong_code(unit, operator, now)
        return self._open(unit, session, proved[0], place, how=proved[1])

    def _enrol(
        self, unit: Unit, session: Session, operator: Operator, typed: str, place: Place
    ) -> SignedIn | LicensingError:
        sealed, now = session.proposal, self.proving.clock.now()
        secret = None if sealed is None else self.proving.seal.open(sealed, operator.id)
        step = None if secret is None else self.proving.step(secret, typed, now, 0)
        if sealed is None or step is None:
            return NotSignedInError(WRONG_CODE)
        codes = new_recovery_codes(self.randomness)
        operator = operator.with_second_factor(sealed, step, recovery_digests(codes))
        return replace(self._open(unit, session, operator, place, how="enrolment"), recovery_codes=codes)

    def _open(self, unit: Unit, pending: Session, operator: Operator, place: Place, how: str) -> SignedIn:
        now = self.proving.clock.now()
        unit.operators.put(operator)
        unit.sessions.end(pending.id, operator.id)
        token, session = self._session(operator, "open", now, now, place)
        unit.sessions.add(session)
        _note(unit, "signed_in", operator, now, how=how, address=place.address, session=session.id)
        return SignedIn(token, session, operator)

    def _pending(self, unit: Unit, operator: Operator, now: int, begun_at: int, place: Place) -> Pending:
        step: Step = "password" if operator.password_once else "enrolment" if operator.secret is None else "code"
        token, session = self._session(operator, step, now, begun_at, place)
        unit.sessions.add(session)
        return Pending(token, step, begun_at + SIGNING_IN)

    def _session(self, operator: Operator, step: Step, now: int, begun_at: int, place: Place) -> tuple[str, Session]:
        token, name = new_token(self.randomness), new_id("ses", self.randomness)
        return token, Session(name, token_digest(token), operator.id, step, begun_at, now, place)

    def _at(self, unit: Unit, token: str, steps: tuple[Step, ...], now: int) -> tuple[Session, Operator]:
        """As _peek; nobody else changes the operator or goes on with the sign-in until the unit ends."""
        _, operator = self._peek(unit, token, steps, now)
        unit.operators.lock(operator.id)
        return self._peek(unit, token, steps, now)

    def _peek(self, unit: Unit, token: str, steps: tuple[Step, ...], now: int) -> tuple[Session, Operator]:
        """Return the sign-in that waits for one of these steps. Raises NotSignedInError."""
        session = unit.sessions.find(token_digest(token))
        if session is None or session.step not in steps or session.is_over(now, self.lifetimes):
            raise NotSignedInError(OVER)
        return session, unit.operators.get(session.operator_id)


def _note(unit: Unit, event: str, operator: Operator, now: int, **about: object) -> None:
    details = {"name": operator.name, **about, "operators": operator.recorded}
    unit.audit.note(Note(now, f"operator:{operator.name}", event, operator.id, details))
