"""The vendor's people, who work at the console, the command line and the API."""

import hashlib
import json
import re
from dataclasses import astuple, dataclass
from typing import Literal, get_args

from keys.errors import InvalidInputError

Role = Literal["viewer", "sales", "support", "manager", "administrator", "auditor"]
ROLES: tuple[Role, ...] = get_args(Role)
_NAME = re.compile(r"[a-z0-9][a-z0-9_.@-]{0,63}")


@dataclass(frozen=True, slots=True)
class Operator:
    """Somebody who works at the vendor."""

    id: str
    name: str
    role: Role
    password_hash: str
    created_at: int

    @property
    def recorded(self) -> dict[str, str]:
        """What the audit record carries, so that a hidden change of role or password shows: a digest, by id."""
        text = json.dumps(astuple(self), separators=(",", ":"), ensure_ascii=True)
        return {self.id: hashlib.sha256(text.encode()).hexdigest()}


def check_operator_name(name: str) -> None:
    """Check a sign-in name. Raises InvalidInputError."""
    if not _NAME.fullmatch(name):
        raise InvalidInputError(f"{name!r} is no operator's name: lower case letters, digits and . _ @ - only.")
