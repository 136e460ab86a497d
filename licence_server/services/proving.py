"""Proving who somebody is, by password and by code, with limits on guessing: part of the use cases around it."""

import threading
from dataclasses import dataclass, field, replace

from keys.clock import Clock
from keys.errors import InvalidInputError, KeyUnsafeError, NotSignedInError, RateLimitedError
from licence_server.domain.audit import Note
from licence_server.domain.limits import Guesses, group, normalised
from licence_server.domain.operator import MOST_WRONG_CODES, Operator, is_operator_name
from licence_server.domain.password import check_length, typed_password
from licence_server.domain.second_factor import open_steps, read_digits, recovery_digest, same_digits
from licence_server.domain.session import Place
from licence_server.services.ports import Unit, Units
from licence_server.services.ports_access import Authenticator, Passwords, Seal

PER_NAME = 10
"""Guesses a minute at one name."""
_LONGEST_NAME = 65
_TOLD = (1, 10)
"""Entries a minute in the record about guessers at one address, and in all: nobody may fill it."""
RESET = "licence-server operator reset NAME"
WRONG = "The name or the password is wrong, or the account is disabled. A forgotten password: ask an administrator."
WRONG_CODE = "The code is wrong, or was used before. Wait for the next one; is the telephone's clock right?"
LOCKED = (
    f"{MOST_WRONG_CODES} codes in a row were wrong, so codes count no more: use a recovery code, or ask an "
    f"administrator ({RESET})."
)


class Attempts:
    """Counts guesses at passwords and codes, by name and by address, for all threads of one process.

    Whoever turns out to be right is not counted.
    """

    def __init__(self, per_address: float, in_all: float) -> None:
        self._addresses, self._names = Guesses(per_address, in_all), Guesses(PER_NAME, in_all)
        self._told = Guesses(*_TOLD)
        self._turn = threading.Lock()

    def take(self, name: str, place: Place, now: float) -> tuple[float, bool]:
        """Count a guess.

        Returns:
            The seconds to wait, 0 where it is within the limits; and whether to write down that it is not.
        """
        address = group(normalised(place.address))
        with self._turn:
            wait = max(self._addresses.take(address, now), self._names.take(_short(name), now))
            return wait, wait > 0 and self._told.take(address, now) == 0

    def give_back(self, name: str, place: Place) -> None:
        """Take back a guess that was right."""
        with self._turn:
            self._addresses.give_back(group(normalised(place.address)))
            self._names.give_back(_short(name))


def _short(name: str) -> str:
    """Return as much of a name as tells it from every operator's: what is remembered has a limit."""
    return name[:_LONGEST_NAME]


@dataclass(frozen=True, slots=True, kw_only=True)
class Proving:
    """Judges passwords and codes."""

    units: Units
    reading: Units
    clock: Clock
    passwords: Passwords
    authenticator: Authenticator
    seal: Seal
    attempts: Attempts = field(repr=False)

    def password(self, name: str, password: str, place: Place) -> Operator:
        """Return the operator of that name and password.

        The answer and the work are the same for a name that nobody has, a wrong password and a disabled operator.

        Raises:
            NotSignedInError: they don't fit together.
            RateLimitedError: too many guesses at this name or from this address; nothing was tried.
            UnavailableError: too many sign in at this moment.
        """
        self.count(name, place)
        found = self._named(name)
        stored = None if found is None or found.disabled_at is not None else found.password_hash
        is_right = self.passwords.verify(stored, typed_password(password))
        if found is None or not is_right:
            raise NotSignedInError(WRONG)
        self.attempts.give_back(name, place)
        return found

    def count(self, name: str, place: Place) -> None:
        """Count a guess before it is tried; the record says once a minute that somebody goes on. Raises as password."""
        wait, tell = self.attempts.take(name, place, self.clock.boot())
        if tell:
            found = self._named(name)
            about = {} if found is None else {"name": found.name}
            subject = "server" if found is None else found.id
            with self.units() as unit:
                details = {"address": place.address, **about}
                unit.audit.note(Note(self.clock.now(), "anonymous", "sign_in_limited", subject, details))
        if wait:
            raise RateLimitedError("Too many sign-ins were refused. Wait, then try again.", int(wait) + 1)

    def code(self, operator: Operator, typed: str, now: int) -> tuple[Operator, str] | None:
        """Judge a code of the second factor or a recovery code.

        Returns:
            The operator after it was used, and ``code`` or ``recovery``; None: it is wrong.

        Raises:
            KeyUnsafeError: the operator's secret can't be opened; a recovery code still counts.
        """
        digest = recovery_digest(typed)
        if digest is not None and digest in operator.recovery:
            return operator.without_recovery_code(digest), "recovery"
        if operator.secret is None or operator.wrong_codes >= MOST_WRONG_CODES:
            return None
        try:
            secret = self.seal.open(operator.secret, operator.id)
        except KeyUnsafeError as error:
            raise KeyUnsafeError(f"{error} Use a recovery code, or ask an administrator ({RESET}).") from error
        step = self.step(secret, typed, now, operator.last_step)
        return None if step is None else (operator.with_step(step), "code")

    def step(self, secret: str, typed: str, now: int, last_step: int) -> int | None:
        """Return the time step whose code was typed, of those that are open; None: of none."""
        digits = read_digits(typed)
        if digits is None:
            return None
        fitting = [
            step for step in open_steps(now, last_step) if same_digits(digits, self.authenticator.code(secret, step))
        ]
        return fitting[0] if fitting else None

    def wrong_code(self, unit: Unit, operator: Operator, now: int) -> NotSignedInError:
        """Count a wrong code in the caller's transaction, which has to be kept, and return what to refuse with."""
        if operator.wrong_codes >= MOST_WRONG_CODES:
            return NotSignedInError(LOCKED)
        after = replace(operator, wrong_codes=operator.wrong_codes + 1)
        unit.operators.put(after)
        if after.wrong_codes < MOST_WRONG_CODES:
            return NotSignedInError(WRONG_CODE)
        about = {"name": operator.name, "wrong_codes": after.wrong_codes}
        unit.audit.note(Note(now, "anonymous", "second_factor_locked", operator.id, about))
        return NotSignedInError(LOCKED)

    def new_password(self, operator: Operator, password: str) -> str:
        """Return the hash of a password that an operator chose.

        Raises:
            InvalidInputError: too short, easily guessed, or the present one again.
        """
        password = typed_password(password)
        check_length(password)
        weakness = self.passwords.weakness(password, (operator.name, *operator.name.replace("@", ".").split(".")))
        if weakness is not None:
            raise InvalidInputError(
                f"This password is easily guessed. {weakness} A few unrelated words make a good one."
            )
        if self.passwords.verify(operator.password_hash, password):
            raise InvalidInputError("This is the present password: choose another one.")
        return self.passwords.hash(password)

    def _named(self, name: str) -> Operator | None:
        if not is_operator_name(name):
            return None
        with self.reading() as unit:
            return unit.operators.named(name)
