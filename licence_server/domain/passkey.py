"""Passkeys (WebAuthn, level 3): keys in an authenticator, which answer for whoever unlocked it, to our host alone."""

import base64
import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

from keys.errors import InvalidInputError, StateConflictError
from keys.identity import Randomness
from licence_server.domain.identity import is_one_line
from licence_server.domain.operator import Operator

Purpose = Literal["add", "alone", "code", "provider"]
"""What a challenge is for: another passkey, a sign-in by a passkey alone, in place of a code, or at a provider."""
CEREMONY = 600
"""Seconds from a challenge to its answer (15.1 of the specification recommends five to ten minutes)."""
MOST_PASSKEYS = 20
"""Of one operator."""
LONGEST_ANSWER = 16_384
"""Characters of a browser's answer; those without attestation have some hundreds."""
_LONGEST_NAME = 100
_CHALLENGE = 32


@dataclass(frozen=True, slots=True)
class Passkey:
    """What is stored of a passkey: nothing that could answer for it."""

    id: str
    operator_id: str
    name: str
    """What its operator calls it, such as the device it is on."""
    credential: str
    """The authenticator's name for it, base64url."""
    public_key: str
    """COSE_Key, base64url."""
    counter: int
    """How often the authenticator says that it signed; 0 for ever where it does not count."""
    created_at: int
    last_used_at: int | None = None

    @property
    def recorded(self) -> dict[str, str]:
        """What the audit record carries, so that a hidden change shows: a digest of all but its last use, by id."""
        about = (self.id, self.operator_id, self.name, self.credential, self.public_key, self.counter, self.created_at)
        text = json.dumps(about, separators=(",", ":"), ensure_ascii=True)
        return {self.id: hashlib.sha256(text.encode()).hexdigest()}

    def is_copied(self, counter: int) -> bool:
        """Tell whether an authenticator that counts did not go on: somebody else signs with the same key (7.2, 22)."""
        return counter <= self.counter and (counter, self.counter) != (0, 0)

    def used(self, counter: int, now: int) -> "Passkey":
        """Return the passkey after a good answer."""
        return replace(self, counter=counter, last_used_at=now)


@dataclass(frozen=True, slots=True)
class Challenge:
    """What an authenticator is to sign, once, and for whom."""

    holder: str
    """Digest of what the browser holds, and of the purpose; each holder has one challenge for each purpose."""
    text: str
    """Base64url."""
    created_at: int

    def is_over(self, now: int) -> bool:
        """Tell whether its time has passed."""
        return now >= self.created_at + CEREMONY


def new_challenge(purpose: Purpose, token: str, randomness: Randomness, now: int) -> Challenge:
    """Return 256 random bits for whoever holds a token."""
    text = base64.urlsafe_b64encode(randomness(_CHALLENGE)).decode().rstrip("=")
    return Challenge(holder_of(purpose, token), text, now)


def holder_of(purpose: Purpose, token: str) -> str:
    """Return what is stored of a challenge's holder."""
    return hashlib.sha256(f"licence server {purpose} challenge\0{token}".encode(errors="replace")).hexdigest()


def check_passkey_name(name: str) -> str:
    """Return a passkey's name, trimmed. Raises InvalidInputError."""
    name = name.strip()
    if not 1 <= len(name) <= _LONGEST_NAME or not is_one_line(name):
        raise InvalidInputError(f"A passkey's name says which device it is on, in 1 to {_LONGEST_NAME} characters.")
    return name


def check_there_is_room(present: Sequence[Passkey]) -> None:
    """Check that an operator may have one more. Raises StateConflictError."""
    if len(present) >= MOST_PASSKEYS:
        raise StateConflictError(f"Nobody has more than {MOST_PASSKEYS} passkeys: remove one that is not used first.")


def check_another_factor_stays(operator: Operator, present: Sequence[Passkey]) -> None:
    """Check that an operator has a second factor without one of the passkeys. Raises StateConflictError."""
    if operator.secret is None and len(present) <= 1:
        raise StateConflictError(
            f"This is the last second factor of {operator.name}: let them set up an authenticator at a sign-in first."
        )
