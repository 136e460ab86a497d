"""SELinux's labels of what is installed.

A file that comes from elsewhere may bring the label of where it was; systemd may then not run it, nor the agent write
it, whatever its mode says.
"""

import os
import re
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Literal

from agent.system.layout import Layout
from agent.system.programs import run
from keys.errors import StateConflictError

Enforcement = Literal["off", "permissive", "enforcing"]
ENFORCE = "sys/fs/selinux/enforce"
"""Where the kernel says whether SELinux is on: 1 enforcing, 0 permissive; no such file: off."""
RESTORE = "restorecon"
_WRONG = re.compile(
    r"(?:Would relabel (?P<path>/.*) from (?P<has>\S+) to (?P<wants>\S+)"
    r"|restorecon reset (?P<old_path>/.*) context (?P<old_has>\S+)->(?P<old_wants>\S+))"
)
"""As restorecon says it, and as it did up to policycoreutils 2.6."""


@dataclass(frozen=True, slots=True)
class WrongLabel:
    """A file whose label is not the one that the policy gives it."""

    path: str
    has: str
    wants: str


def enforcement(said: str) -> Enforcement:
    """Return what the kernel says in ENFORCE; empty: there is no such file."""
    states: dict[str, Enforcement] = {"1": "enforcing", "0": "permissive"}
    return states.get(said.strip(), "off")


def labelled(layout: Layout) -> list[str]:
    """Return the places of ours that are there; the labels of what lies below them count, too."""
    places = (layout.current.resolve(), layout.command, layout.home, *layout.unit_files, layout.init_script)
    return [str(place) for place in places if os.path.lexists(place)]


def comparing(places: Sequence[str]) -> tuple[str, ...]:
    """Return the command that lists files with another label than the policy gives them, and changes none."""
    return (RESTORE, "-R", "-n", "-v", *places)


def wrong_labels(said: str) -> list[WrongLabel]:
    """Read what that command prints."""
    found = filter(None, map(_WRONG.fullmatch, said.splitlines()))
    return [WrongLabel(*(part for part in match.groups() if part is not None)) for match in found]


@dataclass(frozen=True, slots=True)
class Labels:
    """The labels of what is installed on this server."""

    layout: Layout
    run: Callable[..., str] = run
    """Runs a program of the system; raises StateConflictError."""

    @property
    def are_right(self) -> bool:
        """Whether every file of ours has the label that the policy gives it, as far as anybody here can tell."""
        try:
            said = (self.layout.prefix / ENFORCE).read_text(encoding="ascii")
            is_off = enforcement(said) == "off"
            return is_off or not wrong_labels(self.run(*comparing(labelled(self.layout))))
        except (OSError, StateConflictError):
            return True

    def put_right(self) -> None:
        """Give every file of ours its label; on a file system that takes none it stays as it is."""
        with suppress(StateConflictError):
            self.run(RESTORE, "-R", *labelled(self.layout))
