"""Component readers behind one interface: a value, None where there is no such thing, or not to be read just now."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

Reader = Callable[[], str | None]
"""Returns a component's value, or None where this machine has none. Raises OSError when it can't be read just now."""


@dataclass(frozen=True, slots=True)
class Reading:
    """Raw values, which never leave this machine (T13)."""

    values: Mapping[str, str] = field(default_factory=dict)
    unreadable: Mapping[str, str] = field(default_factory=dict)
    """Name to the reason, for people."""


def read_all(readers: Mapping[str, Reader]) -> Reading:
    """Ask every reader; one that fails hides no other."""
    values: dict[str, str] = {}
    unreadable: dict[str, str] = {}
    for name, reader in readers.items():
        try:
            value = reader()
        except OSError as error:
            unreadable[name] = error.strerror or type(error).__name__
            continue
        if value is not None and value.strip():
            values[name] = value.strip()
    return Reading(values, unreadable)
