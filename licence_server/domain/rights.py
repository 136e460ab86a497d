"""Who may do what: one closed table, and the person or program that acts by it.

The rule of the table: whoever helps customers may do what can be undone; what can't is for a manager, and what opens
the house is for an administrator. The auditor sees everything and changes nothing.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal, get_args

from keys.errors import NotAllowedError
from licence_server.domain.operator import ROLES, Role

Right = Literal[
    "customers.read",
    "customers.write",
    "licences.read",
    "licences.issue",
    "licences.change",
    "licences.suspend",
    "licences.resume",
    "licences.code",
    "licences.rehost",
    "licences.revoke",
    "licences.confirm",
    "licences.exchange",
    "usage.read",
    "audit.read",
    "operators.read",
    "operators.write",
    "approvals.decide",
    "outages.declare",
    "plans.write",
    "webhooks.write",
    "imports.write",
]
RIGHTS: tuple[Right, ...] = get_args(Right)

_VIEWER: frozenset[Right] = frozenset({"customers.read", "licences.read", "usage.read"})
_SALES: frozenset[Right] = _VIEWER | {
    "customers.write",
    "licences.issue",
    "licences.change",
    "licences.code",
    "licences.exchange",
}
_SUPPORT: frozenset[Right] = _VIEWER | {
    "licences.suspend",
    "licences.resume",
    "licences.code",
    "licences.rehost",
    "licences.confirm",
    "licences.exchange",
}
_MANAGER: frozenset[Right] = (
    _SALES | _SUPPORT | {"licences.revoke", "approvals.decide", "outages.declare", "plans.write", "imports.write"}
)

RIGHTS_OF: Mapping[Role, frozenset[Right]] = MappingProxyType(
    {
        "viewer": _VIEWER,
        "sales": _SALES,
        "support": _SUPPORT,
        "manager": _MANAGER,
        "administrator": frozenset(RIGHTS),
        "auditor": _VIEWER | {"audit.read", "operators.read"},
    }
)


@dataclass(frozen=True, slots=True)
class Actor:
    """Who acts: an operator, or a program that carries a token of an operator's."""

    id: str
    """Of the operator."""
    name: str
    role: Role
    token: str | None = None
    """Id of the API token; None: the person is there."""
    scopes: frozenset[Right] | None = None
    """What the token is good for; None: all that the role allows."""

    @property
    def rights(self) -> frozenset[Right]:
        """What may be done now: never more than the role has, whatever a token was once good for."""
        allowed = RIGHTS_OF[self.role]
        return allowed if self.scopes is None else allowed & self.scopes

    @property
    def by(self) -> str:
        """The name in the audit record: ``operator:NAME``, with ``/`` and the token's id where a program acts."""
        return f"operator:{self.name}" if self.token is None else f"operator:{self.name}/{self.token}"


def holders(right: Right) -> tuple[Role, ...]:
    """Return the roles that have a right."""
    return tuple(role for role in ROLES if right in RIGHTS_OF[role])


def check_right(actor: Actor, right: Right) -> None:
    """Refuse what somebody may not do. Raises NotAllowedError, which names the right and who has it."""
    if right in actor.rights:
        return
    if right in RIGHTS_OF[actor.role]:
        raise NotAllowedError(
            f"The token {actor.token} is not good for {right}. Make one with that scope, if the program needs it."
        )
    raise NotAllowedError(
        f"This needs the right {right}, which {' and '.join(holders(right))} have. {actor.name} is {actor.role}: "
        "ask one of them, or an administrator for another role."
    )
