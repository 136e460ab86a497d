"""Use cases: signing in at the console by password and code. Each step has a token of its own."""

from dataclasses import dataclass, field, replace

from keys.errors import LicensingError, NotSignedInError
from keys.identity import Randomness
from licence_server.domain.operator import Operator
from licence_server.domain.password import typed_password
from licence_server.domain.second_factor import new_recovery_codes, recovery_digests
from licence_server.domain.session import Place, Session
from licence_server.services.admitting import Admitting, Pending, SignedIn, note
from licence_server.services.ports import Unit
from licence_server.services.proving import WRONG, WRONG_CODE, Proving


@dataclass(frozen=True, slots=True)
class Proposal:
    """A second factor to take into an authenticator."""

    secret: str = field(repr=False)
    """In base32, to be typed."""
    uri: str = field(repr=False)
    """To be shown as a picture (``otpauth://``)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SigningIn:
    """Lets operators in."""

    proving: Proving
    admitting: Admitting
    randomness: Randomness
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
                note(unit, "password_hashed_anew", operator, now)
            return self.admitting.go_on(unit, operator, now, now, place)

    def set_password(self, token: str, password: str, place: Place) -> Pending:
        """Set a password in place of one that was made by us, and go on.

        Raises:
            NotSignedInError: the sign-in was not begun, does not wait for this, or has run out.
            InvalidInputError: the password is too short, easily guessed, or the present one.
            UnavailableError: too many people sign in at this moment.
        """
        now = self.proving.clock.now()
        with self.proving.reading() as unit:
            _, before = self.admitting.peek(unit, token, ("password",), now)
        stored = self.proving.new_password(before, password)
        with self.proving.units() as unit:
            session, operator = self.admitting.at(unit, token, ("password",), now)
            operator = operator.with_password(stored, now)
            unit.operators.put(operator)
            unit.sessions.end_all(operator.id)
            note(unit, "password_changed", operator, now)
            return self.admitting.go_on(unit, operator, now, session.created_at, place)

    def propose(self, token: str) -> Proposal:
        """Return the second factor to set up: the same one, however often this sign-in asks.

        Raises:
            NotSignedInError: as set_password.
            KeyUnsafeError: the server's keys have no passphrase to seal it under.
        """
        now, seal, authenticator = self.proving.clock.now(), self.proving.seal, self.proving.authenticator
        with self.proving.units() as unit:
            session, operator = self.admitting.at(unit, token, ("enrolment",), now)
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
            _, operator = self.admitting.peek(unit, token, ("enrolment", "code"), now)
        self.proving.count(operator.name, place)
        with self.proving.units() as unit:
            session, operator = self.admitting.at(unit, token, ("enrolment", "code"), now)
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
        unit.operators.put(operator)
        unit.sessions.end(pending.id, operator.id)
        return self.admitting.open(unit, operator, self.proving.clock.now(), place, how=how)
