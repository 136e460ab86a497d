"""Use cases: the vendor's people. One public method is one transaction."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from keys.clock import Clock
from keys.errors import InvalidInputError
from keys.identity import Randomness, new_id
from licence_server.domain.audit import Note
from licence_server.domain.operator import ROLES, Operator, Role, check_operator_name
from licence_server.services.ports import Unit, Units

SHORTEST_PASSWORD = 12


class Passwords(Protocol):
    """Makes of a password what may be stored."""

    def hash(self, password: str) -> str:
        """Return a slow hash with its salt and parameters."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Enrolling:
    """Takes operators in."""

    units: Units
    clock: Clock
    randomness: Randomness
    passwords: Passwords

    def add_operator(self, name: str, role: Role, password: str, by: str) -> Operator:
        """Take a person in.

        Raises:
            InvalidInputError: a name that can't be one, an unknown role, a password that is too short.
            StateConflictError: the name is taken.
        """
        operator = self._operator(name, role, password)
        with self.units() as unit:
            self._store(unit, operator, by)
        return operator

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
        with self.units() as unit:
            return unit.operators.all()

    def _operator(self, name: str, role: Role, password: str) -> Operator:
        check_operator_name(name)
        if role not in ROLES:
            raise InvalidInputError(f"{role!r} is no role; there are {', '.join(ROLES)}.")
        if len(password) < SHORTEST_PASSWORD:
            raise InvalidInputError(f"A password has at least {SHORTEST_PASSWORD} characters.")
        # Hashing takes tenths of a second, so it comes before the transaction.
        stored = self.passwords.hash(password)
        return Operator(new_id("opr", self.randomness), name, role, stored, self.clock.now())

    def _store(self, unit: Unit, operator: Operator, by: str) -> None:
        unit.operators.add(operator)
        details = {"name": operator.name, "role": operator.role, "operators": operator.recorded}
        unit.audit.note(Note(self.clock.now(), by, "operator_added", operator.id, details))
