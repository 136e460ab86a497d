"""This server, as an installation changes it: see agent.services.installing.Premises."""

import os
import shutil
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from threading import Event

from agent.domain.installation import Found, Remains, Step, Undo
from agent.system.accounts import USER, group_number, make_user, remove_user, user_number
from agent.system.labels import Labels
from agent.system.layout import Layout
from agent.system.outbound import Outbound
from agent.system.programs import is_there
from agent.system.services import Service
from agent.system.trees import Trees
from keys.clock import Clock
from keys.disk import make_folder
from keys.errors import InvalidInputError, StateConflictError
from keys.sentences import phrase

_HOME_MODE = 0o711
_PATIENCE = 90.0
"""Seconds that the agent has to answer after it was started."""
_BEGINNING = 3.0
"""Seconds in which it may not be seen to run yet."""
_LOOK_EVERY = 0.1


@dataclass(frozen=True, slots=True)
class ThisServer:
    """Root's work on this machine, or in the files of an image."""

    layout: Layout
    trees: Trees
    service: Service
    labels: Labels
    outbound: Outbound
    here: Path
    """The program that runs; the one that is installed where there is no tree."""
    has_hardware: Callable[[], bool]
    """Tells whether root has kept, at this boot, what only root can read."""
    answers: Callable[[], bool]
    """Tells whether the agent answers."""
    clock: Clock

    @property
    def is_image(self) -> bool:
        """See Premises."""
        return self.layout.is_image

    @property
    def program(self) -> Path:
        """What the service starts."""
        return self.trees.program or self.here

    def look(self) -> Found:
        """See Premises."""
        laid = Found(
            offered=self.trees.offered,
            is_laid=self.trees.is_laid,
            current=self.trees.current,
            before=self.trees.before,
            has_others=bool(self.trees.others),
            has_command=self.trees.has_command,
            has_units=self.service.is_laid(self.program),
        )
        if self.is_image:
            return laid
        user = user_number()
        return replace(
            laid,
            has_user=user is not None,
            has_home=user is not None and self._owner() == user,
            has_outbound=self.outbound.is_handed_on,
            has_labels=self.labels.are_right,
            has_hardware=self.has_hardware(),
            is_enabled=self.service.is_enabled(),
            is_running=self.service.is_running(),
        )

    def remains(self) -> Remains:
        """See Premises."""
        laid = {
            "has_units": self.service.is_ours(),
            "has_program": self.trees.is_ours,
            "is_packaged": self.layout.is_packaged,
        }
        if self.is_image:
            return Remains(**laid)
        return Remains(
            **laid,
            is_running=self.service.is_running(),
            has_state=self.layout.home.is_dir(),
            has_outbound=self.outbound.is_there,
            is_roots=self._owner() in {0, None},
            has_user=user_number() is not None,
            is_foreign=self.trees.program is None,
            has_journal=self.service.name == "systemd",
        )

    def take(self, step: Step) -> None:
        """See Premises."""
        steps: Mapping[Step, Callable[[], None]] = {
            "tree": self.trees.lay,
            "switch": self.trees.switch,
            "command": self.trees.link_command,
            "user": lambda: make_user(self.layout.home),
            "home": self._make_home,
            "units": lambda: self.service.lay(self.program),
            "outbound": self.outbound.hand_on,
            "labels": self.labels.put_right,
            "hardware": self.service.keep_hardware,
            "service": self._start,
            "sweep": self.trees.sweep,
        }
        steps[step]()

    def undo(self, step: Undo) -> None:
        """See Premises."""
        steps: Mapping[Undo, Callable[[], None]] = {
            "stop": self.service.stop,
            "units": self.service.remove,
            "state": self._remove_state,
            "keep_state": lambda: give(self.layout.home, 0, 0),
            "user": remove_user,
            "program": self.trees.remove,
        }
        steps[step]()

    def missing(self, is_there: Callable[[str], bool] = is_there) -> list[str]:
        """Return the programs that installing takes and this system lacks."""
        needs = (*self.service.needs, *(() if user_number() is not None else ("useradd",)))
        return [name for name in needs if not is_there(name)]

    def go_back(self) -> None:
        """See Premises."""
        self.trees.go_back()
        self._start()
        self.trees.sweep()

    def _make_home(self) -> None:
        make_folder(self.layout.home, _HOME_MODE)
        self.layout.home.chmod(_HOME_MODE)
        give(self.layout.home, user_number() or 0, group_number(USER))

    def _remove_state(self) -> None:
        self.outbound.remove()
        if self.layout.home.is_dir():
            shutil.rmtree(self.layout.home)

    def _start(self) -> None:
        self.service.start()
        if not self._is_up():
            said = " ".join(self.service.last_words().split()) or "-"
            raise StateConflictError(phrase("It was started, but does not answer. It said last: {said}", said=said))
        self.trees.confirm()

    def _is_up(self) -> bool:
        """Wait until the agent answers, and tell whether it does; one that is gone soon after it began never will."""
        began, waiting = self.clock.boot(), Event()
        while not self.answers():
            waited = self.clock.boot() - began
            if waited > _PATIENCE or (waited > _BEGINNING and not self.service.is_running()):
                return False
            waiting.wait(_LOOK_EVERY)
        return True

    def _owner(self) -> int | None:
        try:
            return self.layout.home.stat().st_uid
        except FileNotFoundError:
            return None


def check_place(layout: Layout) -> None:
    """Look whether anything can be installed or removed here.

    Raises InvalidInputError: this is no Linux, or no root folder of one, or whoever asks is not root.
    """
    if sys.platform == "win32":
        raise InvalidInputError(
            phrase("This installs on Linux. On Windows: licence-agent activate CODE, and a service of it.")
        )
    if not (layout.prefix / "usr").is_dir():
        raise InvalidInputError(
            phrase("{prefix} is no root folder of a Linux system: there is no usr in it.", prefix=layout.prefix)
        )
    if not layout.is_image and os.geteuid() != 0:
        raise InvalidInputError(
            phrase("Installing and removing a service is root's work. Run the same command with sudo.")
        )


def give(folder: Path, user: int, group: int) -> None:
    """Give a folder and all in it to somebody, the folder itself last; links are given, not followed."""
    for _, folders, files, place in os.fwalk(folder, follow_symlinks=False):
        for name in (*folders, *files):
            os.chown(name, user, group, dir_fd=place, follow_symlinks=False)
    os.chown(folder, user, group)
