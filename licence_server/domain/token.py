"""API tokens: a program's share of an operator's rights, for a limited time."""

import hashlib
import hmac
import json
import re
from collections.abc import Collection
from dataclasses import dataclass

from keys.errors import InvalidInputError
from keys.identity import ALPHABET, Randomness
from licence_server.domain.operator import Role
from licence_server.domain.rights import RIGHTS, RIGHTS_OF, Right

LONGEST_LIFE = 366 * 86_400
USED_EVERY = 60
"""Seconds after which a token's use is written down again."""
LONGEST_NAME = 100
_LETTERS = 32
_ID = re.compile(r"tok_[0-9a-z]{1,58}")
_TOKEN = re.compile(rf"({_ID.pattern})_([{ALPHABET}]{{{_LETTERS}}})")


@dataclass(frozen=True, slots=True)
class Token:
    """What is stored of a token: never the secret, only its digest."""

    id: str
    name: str
    operator_id: str
    scopes: tuple[Right, ...]
    digest: str
    created_at: int
    expires_at: int
    revoked_at: int | None = None
    last_used_at: int | None = None

    @property
    def recorded(self) -> dict[str, str]:
        """What the audit record carries, so that a hidden change shows: a digest of all but its last use, by id."""
        about = (self.id, self.name, self.operator_id, list(self.scopes), self.digest)
        text = json.dumps((*about, self.created_at, self.expires_at, self.revoked_at), separators=(",", ":"))
        return {self.id: hashlib.sha256(text.encode()).hexdigest()}

    def is_good(self, secret: str, now: int) -> bool:
        """Tell, in a time that says nothing, whether the secret is this token's and the token still counts."""
        same = hmac.compare_digest(secret_digest(secret), self.digest)
        return same and self.revoked_at is None and now < self.expires_at

    def is_stale(self, now: int) -> bool:
        """Tell whether its use has to be written down again."""
        return self.last_used_at is None or now >= self.last_used_at + USED_EVERY


def new_secret(randomness: Randomness) -> str:
    """Return 160 random bits in the alphabet of codes."""
    return "".join(ALPHABET[byte & 31] for byte in randomness(_LETTERS))


def written(token_id: str, secret: str) -> str:
    """Return the token as a program carries it."""
    return f"{token_id}_{secret}"


def is_token_id(text: str) -> bool:
    """Tell whether a token can have that id."""
    return _ID.fullmatch(text) is not None


def read_token(text: str) -> tuple[str, str] | None:
    """Return id and secret of a token as a program carries it; None: it is none."""
    found = _TOKEN.fullmatch(text)
    return None if found is None else (found[1], found[2])


def secret_digest(secret: str) -> str:
    """Return what is stored of a secret. A plain hash is enough: nobody can try 160 random bits."""
    return hashlib.sha256(b"licence server token\0" + secret.encode()).hexdigest()


def check_token_name(name: str) -> str:
    """Return a token's name, trimmed. Raises InvalidInputError."""
    name = name.strip()
    if not name or len(name) > LONGEST_NAME or not name.isprintable():
        raise InvalidInputError(f"A token's name says what it is for, in 1 to {LONGEST_NAME} printable characters.")
    return name


def check_scopes(scopes: Collection[str], role: Role) -> tuple[Right, ...]:
    """Return the rights that a token is to have, in the order of the table.

    Raises:
        InvalidInputError: there are none, one is no right, or the operator's role does not have it.
    """
    if not scopes:
        raise InvalidInputError(f"A token needs at least one scope; there are {', '.join(RIGHTS)}.")
    strange = sorted(set(scopes) - set(RIGHTS))
    if strange:
        raise InvalidInputError(f"{strange[0][:80]!r} is no right; there are {', '.join(RIGHTS)}.")
    beyond = [right for right in RIGHTS if right in scopes and right not in RIGHTS_OF[role]]
    if beyond:
        raise InvalidInputError(f"The role {role} does not have {', '.join(beyond)}, so no token of it can.")
    return tuple(right for right in RIGHTS if right in scopes)


def check_life(now: int, expires_at: int) -> None:
    """Check when a token ends. Raises InvalidInputError."""
    if not now < expires_at <= now + LONGEST_LIFE:
        raise InvalidInputError("A token ends in the future, and within 366 days: make another one then.")
