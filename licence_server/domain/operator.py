"""The vendor's people, who work at the console, the command line and the API."""

import hashlib
import json
import re
from dataclasses import dataclass, field, replace
from typing import Literal, get_args

from keys.errors import InvalidInputError, StateConflictError
from licence_server.domain.customer import LANGUAGES, Language

Role = Literal["viewer", "sales", "support", "manager", "administrator", "auditor"]
ROLES: tuple[Role, ...] = get_args(Role)
MOST_WRONG_CODES = 20
"""In a row, after which only a recovery code or an administrator helps: a guesser of six digits gets no further."""
_NAME = re.compile(r"[a-z0-9][a-z0-9_.@-]{0,63}")


@dataclass(frozen=True, slots=True)
class Operator:
    """Somebody who works at the vendor."""

    id: str
    name: str
    role: Role
    password_hash: str = field(repr=False)
    created_at: int
    disabled_at: int | None = None
    password_at: int | None = None
    """When the password was set; None: it is the one that the operator was added with, by the first release."""
    password_once: bool = False
    """The password was made by us and seen by somebody else: the next sign-in has to set another."""
    secret: str | None = field(default=None, repr=False)
    """Of the second factor, sealed; None: the next sign-in has to set one up."""
    last_step: int = 0
    """The time step of the last code: it and all before it are used."""
    recovery: tuple[str, ...] = ()
    """Digests of the recovery codes that are left."""
    wrong_codes: int = 0
    """In a row; not in the record, which nobody may fill by guessing."""
    language: Language | None = None
    """What the console is shown in after a sign-in; None: as the browser has it."""
    account: str | None = None
    """Theirs at the provider of single sign-on; None: they are not linked."""

    @property
    def recorded(self) -> dict[str, str]:
        """What the audit record carries, so that a hidden change of role or password shows: a digest, by id.

        Of somebody who has only what the first release knew it is the digest that the first release wrote; what came
        later counts where it was set.
        """
        first = (self.id, self.name, self.role, self.password_hash, self.created_at)
        once = (self.disabled_at, self.password_at, self.password_once)
        more = (*once, self.secret, self.last_step, list(self.recovery))
        fields = first if more == (None, None, False, None, 0, []) else (*first, *more)
        later: list[str | None] = [self.language, self.account]
        while later and later[-1] is None:
            later.pop()
        text = json.dumps((*fields, *later), separators=(",", ":"), ensure_ascii=True)
        return {self.id: hashlib.sha256(text.encode()).hexdigest()}

    @property
    def guards_the_house(self) -> bool:
        """Tell whether this is an administrator who can sign in."""
        return self.role == "administrator" and self.disabled_at is None

    def with_password(self, password_hash: str, now: int, *, once: bool = False) -> "Operator":
        """Return the operator with another password."""
        return replace(self, password_hash=password_hash, password_at=now, password_once=once)

    def with_second_factor(self, secret: str, step: int, recovery: tuple[str, ...]) -> "Operator":
        """Return the operator with a second factor that was proved by a code of that time step."""
        return replace(self, secret=secret, last_step=step, recovery=recovery, wrong_codes=0)

    def without_second_factor(self) -> "Operator":
        """Return the operator as before the second factor was set up."""
        return replace(self, secret=None, last_step=0, recovery=(), wrong_codes=0)

    def with_step(self, step: int) -> "Operator":
        """Return the operator after a good code of that time step."""
        return replace(self, last_step=step, wrong_codes=0)

    def without_recovery_code(self, digest: str) -> "Operator":
        """Return the operator after a recovery code was used."""
        return replace(self, recovery=tuple(each for each in self.recovery if each != digest), wrong_codes=0)


def check_operator_name(name: str) -> None:
    """Check a sign-in name. Raises InvalidInputError."""
    if not is_operator_name(name):
        raise InvalidInputError(f"{name[:80]!r} is no operator's name: lower case letters, digits and . _ @ - only.")


def is_operator_name(name: str) -> bool:
    """Tell whether an operator can have that sign-in name."""
    return _NAME.fullmatch(name) is not None


def check_role(word: str) -> Role:
    """Return the role of that name. Raises InvalidInputError."""
    for role in ROLES:
        if word == role:
            return role
    raise InvalidInputError(f"{word[:80]!r} is no role; there are {', '.join(ROLES)}.")


def check_language(word: str) -> Language:
    """Return the language of the console of that code. Raises InvalidInputError."""
    for language in LANGUAGES:
        if word == language:
            return language
    raise InvalidInputError(f"{word[:80]!r} is no language of the console; there are {', '.join(LANGUAGES)}.")


def check_house_is_guarded(after: Operator, everybody: tuple[Operator, ...]) -> None:
    """Refuse a change after which no administrator could sign in.

    Args:
        after: the operator as it would be.
        everybody: all operators as they are.

    Raises:
        StateConflictError: this is the last one.
    """
    guards = [each.id for each in everybody if each.guards_the_house]
    if guards == [after.id] and not after.guards_the_house:
        raise StateConflictError(
            f"{after.name} is the last administrator who can sign in: make somebody else administrator first."
        )
