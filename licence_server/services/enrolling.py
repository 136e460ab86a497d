"""Use cases: the vendor's people. One public method is one transaction."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from keys.clock import Clock
from keys.errors import NotFoundError, StateConflictError
from keys.identity import Randomness, new_id
from licence_server.domain.audit import Note
from licence_server.domain.federation import check_account
from licence_server.domain.operator import (
    Operator,
    Role,
    check_house_is_guarded,
    check_language,
    check_operator_name,
    check_role,
)
from licence_server.domain.password import check_length, new_password
from licence_server.services.ports import Unit, Units
from licence_server.services.ports_access import Passwords


@dataclass(frozen=True, slots=True)
class Welcome:
    """An operator, and the password to tell them on another way; the first sign-in has to set another."""

    operator: Operator
    password: str = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Enrolling:
    """Takes operators in, and changes what they may do. Whoever is changed is signed out everywhere."""

    units: Units
    reading: Units
    clock: Clock
    randomness: Randomness
    passwords: Passwords

    def add(self, name: str, role: Role, by: str) -> Welcome:
        """Take a person in, with a password for one sign-in.

        Raises:
            InvalidInputError: a name that can't be one, an unknown role.
            StateConflictError: the name is taken.
        """
        password = new_password(self.randomness)
        operator = self._operator(name, role, password)
        with self.units() as unit:
            self._store(unit, operator, by)
        return Welcome(operator, password)

    def add_first(self, name: str, password: str, by: str) -> bool:
        """Take the first administrator in, unless there are operators already. Tells whether it was done."""
        operator = self._operator(name, "administrator", password)
        with self.units() as unit:
            if unit.operators.all():
                return False
            self._store(unit, operator, by)
        return True

    def operators(self) -> Sequence[Operator]:
        """Return every operator, oldest first."""
        with self.reading() as unit:
            return unit.operators.all()

    def operator(self, operator_id: str) -> Operator:
        """Return an operator. Raises NotFoundError."""
        with self.reading() as unit:
            return unit.operators.get(operator_id)

    def named(self, name: str) -> Operator:
        """Return the operator of that name. Raises NotFoundError, InvalidInputError."""
        check_operator_name(name)
        with self.reading() as unit:
            found = unit.operators.named(name)
        if found is None:
            raise NotFoundError(f"There is no operator {name}. See: licence-server operator list")
        return found

    def change_role(self, operator_id: str, role: Role, by: str) -> Operator:
        """Give an operator another role.

        Raises:
            NotFoundError: there is no such operator.
            InvalidInputError: there is no such role.
            StateConflictError: they have it already, or are the last administrator who can sign in.
        """
        check_role(role)
        with self.units() as unit:
            before, everybody = _among(unit, operator_id)
            if before.role == role:
                raise StateConflictError(f"{before.name} is {role} already.")
            after = replace(before, role=role)
            check_house_is_guarded(after, everybody)
            self._change(unit, "operator_role_changed", after, by, role=role, before=before.role)
        return after

    def choose_language(self, operator_id: str, word: str, by: str) -> Operator:
        """Remember in which language an operator is shown the console after a sign-in; empty: as the browser has it.

        Raises:
            NotFoundError: there is no such operator.
            InvalidInputError: there is no such language.
        """
        language = check_language(word) if word else None
        with self.units() as unit:
            after = replace(unit.operators.lock(operator_id), language=language)
            unit.operators.put(after)
            details = {"name": after.name, "language": language, "operators": after.recorded}
            unit.audit.note(Note(self.clock.now(), by, "operator_language_chosen", after.id, details))
        return after

    def link(self, operator_id: str, account: str | None, by: str) -> Operator:
        """Link an operator to an account of the provider of single sign-on; None: to none any more.

        Raises:
            NotFoundError: there is no such operator.
            InvalidInputError: an account that can't be one.
            StateConflictError: it is somebody else's.
        """
        account = None if account is None else check_account(account)
        with self.units() as unit:
            holder = None if account is None else unit.operators.with_account(account)
            if holder is not None and holder.id != operator_id:
                raise StateConflictError(f"This account is linked to {holder.name} already.")
            after = replace(unit.operators.lock(operator_id), account=account)
            self._change(unit, "operator_linked", after, by, account=account)
        return after

    def disable(self, operator_id: str, by: str) -> Operator:
        """Let an operator sign in no more; their tokens count no more either.

        Raises:
            NotFoundError: there is no such operator.
            StateConflictError: they are disabled already, or the last administrator who can sign in.
        """
        with self.units() as unit:
            before, everybody = _among(unit, operator_id)
            if before.disabled_at is not None:
                raise StateConflictError(f"{before.name} is disabled already.")
            after = replace(before, disabled_at=self.clock.now())
            check_house_is_guarded(after, everybody)
            self._change(unit, "operator_disabled", after, by)
        return after

    def enable(self, operator_id: str, by: str) -> Operator:
        """Let a disabled operator sign in again, with the password and the second factor they had.

        Raises:
            NotFoundError: there is no such operator.
            StateConflictError: they are not disabled.
        """
        with self.units() as unit:
            before = unit.operators.lock(operator_id)
            if before.disabled_at is None:
                raise StateConflictError(f"{before.name} is not disabled.")
            after = replace(before, disabled_at=None)
            self._change(unit, "operator_enabled", after, by)
        return after

    def reset(self, operator_id: str, by: str) -> Welcome:
        """Give somebody who lost password or telephone a password for one sign-in; passkeys go, both are set up anew.

        Raises NotFoundError.
        """
        password = new_password(self.randomness)
        stored = self.passwords.hash(password)
        with self.units() as unit:
            before = unit.operators.lock(operator_id)
            after = before.with_password(stored, self.clock.now(), once=True).without_second_factor()
            lost = unit.passkeys.of(operator_id)
            for passkey in lost:
                unit.passkeys.remove(passkey.id)
            self._change(unit, "operator_reset", after, by, passkeys={passkey.id: None for passkey in lost})
        return Welcome(after, password)

    def _operator(self, name: str, role: Role, password: str) -> Operator:
        check_operator_name(name)
        check_role(role)
        check_length(password)
        # Hashing takes tenths of a second, so it comes before the transaction.
        stored, now = self.passwords.hash(password), self.clock.now()
        return Operator(new_id("opr", self.randomness), name, role, stored, now, password_at=now, password_once=True)

    def _store(self, unit: Unit, operator: Operator, by: str) -> None:
        unit.operators.add(operator)
        details = {"name": operator.name, "role": operator.role, "operators": operator.recorded}
        unit.audit.note(Note(self.clock.now(), by, "operator_added", operator.id, details))

    def _change(self, unit: Unit, event: str, after: Operator, by: str, **about: object) -> None:
        unit.operators.put(after)
        ended = unit.sessions.end_all(after.id)
        details = {"name": after.name, **about, "sessions_ended": ended, "operators": after.recorded}
        unit.audit.note(Note(self.clock.now(), by, event, after.id, details))


def _among(unit: Unit, operator_id: str) -> tuple[Operator, tuple[Operator, ...]]:
    """Return an operator and everybody, whom nobody changes meanwhile: of two administrators one has to stay."""
    everybody = tuple(unit.operators.all_locked())
    return unit.operators.get(operator_id), everybody
