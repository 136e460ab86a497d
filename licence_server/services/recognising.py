"""Use cases: signing in by a passkey, in place of the code or alone, since it tells its operator by itself."""

from dataclasses import dataclass

from keys.errors import LicensingError, NotSignedInError, StateConflictError
from licence_server.domain.operator import Operator
from licence_server.domain.passkey import Passkey, Purpose, holder_of, new_challenge
from licence_server.domain.session import Place, Session
from licence_server.services.admitting import Admitting, Pending, SignedIn, note
from licence_server.services.ports import Unit
from licence_server.services.ports_access import Ceremonies
from licence_server.services.proving import Proving

ADDRESS = "Browsers know passkeys for names alone, and this console is reached by an address: sign in without one."
NONE = "You have no passkey here any more: use a code of the authenticator."
ASK_AGAIN = "The passkey was asked too long ago, or its answer was used before: try once more."
UNKNOWN = "This passkey opens nothing here: it was removed, is of another console, or its operator is disabled."
COPIED = "This passkey seems to be copied: another one with the same key has signed since. Remove it, and make another."


@dataclass(frozen=True, slots=True, kw_only=True)
class Recognising:
    """Lets operators in by what their authenticator signs. Every challenge counts as a guess until it is answered."""

    proving: Proving
    admitting: Admitting
    ceremonies: Ceremonies

    @property
    def is_possible(self) -> bool:
        """Whether browsers know passkeys for our host at all."""
        return self.ceremonies.is_possible

    def ask(self, visit: str, place: Place) -> str:
        """Return what to ask a browser that may be anybody's, as JSON.

        Args:
            visit: the secret of the browser, which has to bring it with the answer.
            place: where it is.

        Raises:
            StateConflictError: browsers know no passkeys for this host.
            RateLimitedError: too many were asked at this address.
        """
        self._check_possible()
        self.proving.count(place.address, place)
        return self._ask("alone", visit, [])

    def enter(self, visit: str, answer: str, place: Place) -> SignedIn | Pending:
        """Let in whose passkey answered; who has no authenticator sets one up next.

        Raises:
            NotSignedInError: the answer does not hold, was given before or too late, or the operator is disabled.
        """
        self._check_asked("alone", visit)
        with self.proving.units() as unit:
            outcome = self._judge(unit, ("alone", visit), answer, place, None)
        return self._result(outcome, place.address, place)

    def ask_for_code(self, token: str, place: Place) -> str:
        """Return what to ask the browser of a sign-in that waits for a code, as JSON.

        Raises:
            NotSignedInError: the sign-in does not wait for a code, or its operator has no passkey.
            StateConflictError, RateLimitedError: as ask.
        """
        self._check_possible()
        with self.proving.reading() as unit:
            _, operator = self.admitting.peek(unit, token, ("code",), self.proving.clock.now())
            passkeys = list(unit.passkeys.of(operator.id))
        if not passkeys:
            raise NotSignedInError(NONE)
        self.proving.count(operator.name, place)
        return self._ask("code", token, passkeys)

    def complete(self, token: str, answer: str, place: Place) -> SignedIn | Pending:
        """Finish a sign-in by a passkey in place of a code. Raises as enter."""
        now = self.proving.clock.now()
        with self.proving.reading() as unit:
            _, operator = self.admitting.peek(unit, token, ("code",), now)
        self._check_asked("code", token)
        with self.proving.units() as unit:
            session, _ = self.admitting.at(unit, token, ("code",), now)
            outcome = self._judge(unit, ("code", token), answer, place, session)
        return self._result(outcome, operator.name, place)

    def _check_possible(self) -> None:
        if not self.is_possible:
            raise StateConflictError(ADDRESS)

    def _ask(self, purpose: Purpose, token: str, passkeys: list[Passkey]) -> str:
        challenge = new_challenge(purpose, token, self.admitting.randomness, self.proving.clock.now())
        with self.proving.units() as unit:
            unit.challenges.put(challenge)
        return self.ceremonies.request(challenge.text, passkeys)

    def _check_asked(self, purpose: Purpose, token: str) -> None:
        """Refuse who was asked nothing, before anything is locked for them."""
        with self.proving.reading() as unit:
            if not unit.challenges.is_there(holder_of(purpose, token)):
                raise NotSignedInError(ASK_AGAIN)

    def _judge(
        self, unit: Unit, asked: tuple[Purpose, str], answer: str, place: Place, pending: Session | None
    ) -> SignedIn | Pending | LicensingError:
        """Return the outcome; the challenge is used up, whatever it is."""
        now = self.proving.clock.now()
        challenge = unit.challenges.take(holder_of(*asked))
        if challenge is None or challenge.is_over(now):
            return NotSignedInError(ASK_AGAIN)
        found = self._find(unit, answer)
        if found is None or (pending is not None and pending.operator_id != found[0].id):
            return NotSignedInError(UNKNOWN)
        operator, passkey = found
        counter = self.ceremonies.asserted(challenge.text, answer, passkey)
        if counter is None or operator.disabled_at is not None:
            return NotSignedInError(UNKNOWN)
        if passkey.is_copied(counter):
            note(unit, "passkey_copied", operator, now, passkey=passkey.id, address=place.address)
            return NotSignedInError(COPIED)
        passkey = passkey.used(counter, now)
        unit.passkeys.used(passkey)
        about = {"how": "passkey" if pending else "passkey_alone", "passkeys": passkey.recorded}
        if pending is not None:
            unit.sessions.end(pending.id, operator.id)
        if operator.secret is None or operator.password_once:
            note(unit, "passkey_used", operator, now, **about)
            return self.admitting.go_on(unit, operator, now, now, place, is_proved=True)
        return self.admitting.open(unit, operator, now, place, **about)

    def _find(self, unit: Unit, answer: str) -> tuple[Operator, Passkey] | None:
        """Return whose passkey answers, and which; nobody else changes the operator until the unit ends."""
        credential = self.ceremonies.credential(answer)
        passkey = None if credential is None else unit.passkeys.with_credential(credential)
        if credential is None or passkey is None:
            return None
        operator = unit.operators.lock(passkey.operator_id)
        passkey = unit.passkeys.with_credential(credential)  # it may have been removed until the lock was ours
        return None if passkey is None else (operator, passkey)

    def _result(self, outcome: SignedIn | Pending | LicensingError, name: str, place: Place) -> SignedIn | Pending:
        if isinstance(outcome, LicensingError):
            raise outcome  # outside, so that the challenge stays used up
        self.proving.attempts.give_back(name, place)
        return outcome
