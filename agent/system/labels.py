"""SELinux's labels of what is installed.

A file that comes from elsewhere may bring the label of where it was; systemd may then not run it, nor the agent write
it, whatever its mode says.
"""

import os
import re
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Literal

from agent.system.layout import Layout
from agent.system.programs import run
from keys.errors import StateConflictError

Enforcement = Literal["off", "permissive", "enforcing"]
_STATES: Mapping[str, Enforcement] = {"1": "enforcing", "0": "permissive"}
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


@dataclass(frozen=True, slots=True)
class Labels:
    """The labels of what is installed on this server."""

    layout: Layout
    run: Callable[..., str] = run
    """Runs a program of the system; raises StateConflictError."""

    @property
    def enforcement(self) -> Enforcement:
        """What the kernel does about labels."""
        try:
            said = (self.layout.prefix / "sys/fs/selinux/enforce").read_text(encoding="ascii")
        except OSError:
            return "off"
        return _STATES.get(said.strip(), "off")

    @property
    def places(self) -> list[str]:
        """The places of ours that are there; the labels of what lies below them count, too."""
        ours = self.layout
        places = (ours.current.resolve(), ours.command, ours.home, *ours.unit_files, ours.init_script)
        return [str(place) for place in places if os.path.lexists(place)]

    def wrong(self) -> list[WrongLabel]:
        """Return the labels that are not as the policy has them; none where SELinux is off.

        Raises StateConflictError: nobody here can tell, since restorecon is not there or fails.
        """
        if self.enforcement == "off" or not self.places:
            return []
        said = self.run(RESTORE, "-R", "-n", "-v", *self.places).splitlines()
        found = filter(None, map(_WRONG.fullmatch, said))
        return [WrongLabel(*(part for part in match.groups() if part is not None)) for match in found]

    @property
    def are_right(self) -> bool:
        """Whether every file of ours has the label that the policy gives it, as far as anybody here can tell."""
        with suppress(StateConflictError):
            return not self.wrong()
        return True

    def put_right(self) -> None:
        """Give every file of ours its label; on a file system that takes none it stays as it is."""
        with suppress(StateConflictError):
            self.run(RESTORE, "-R", *self.places)
