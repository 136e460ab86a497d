"""Versions: what a change was made from, so that nobody overwrites what somebody else did meanwhile."""

from collections.abc import Collection

from keys.errors import ChangedMeanwhileError

Versions = Collection[str] | None
"""Those that a change may be made from; None: any."""


def check_version(present: str, wanted: Versions) -> None:
    """Refuse a change that was made from another version than the present one. Raises ChangedMeanwhileError."""
    if wanted is not None and present not in wanted:
        raise ChangedMeanwhileError("Somebody changed this meanwhile: look at what it is now, and decide anew.")
