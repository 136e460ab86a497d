"""Whom an activation is to believe."""

from dataclasses import dataclass

from agent.services.holding import Holding
from keys.errors import TrustRefusedError
from keys.trust import Trust, pin_trust, replace_trust


@dataclass(frozen=True, slots=True)
class Pinned:
    """Whom to believe for this activation, and what to store of it once it succeeds."""

    trust: Trust
    document: bytes
    first_use: bool = False
    """Nobody carried it here: it is the server's own word."""


def pin_carried(root: bytes, stored: bytes | None, holding: Holding, *, replaces: bool) -> Pinned:
    """Pin the trust document that somebody brought, or the stored one where that is the same or newer.

    Args:
        root: what was brought.
        stored: the trust document in hand; None: nobody is pinned yet.
        holding: opens the stored one.
        replaces: the licence that is here, and whom it makes us believe, is given up.

    Raises:
        MalformedError, TooLargeError, TrustRefusedError: it is none, or other roots than those of the licence in hand.
        StateDamagedError: the stored one is not what was stored.
    """
    carried = pin_trust(root)
    if stored is None:
        return Pinned(carried, root)
    current = holding.trust()
    if {key.kid for key in carried.roots} == {key.kid for key in current.roots} and carried.issuer == current.issuer:
        return Pinned(current, stored) if carried.version <= current.version else Pinned(carried, root)
    try:
        return Pinned(replace_trust(current, root), root)
    except TrustRefusedError:
        if holding.hand().licence is not None and not replaces:
            raise
        return Pinned(carried, root)
