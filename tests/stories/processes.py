"""Real processes for the stories: started quickly, killed as a power cut would, and never left behind."""

import json
import os
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from keys.clock import SystemClock

ROOT = Path(__file__).parents[2]
BIN = Path(sys.executable).parent
PATIENCE = 90.0
"""Seconds within which everything that is waited for has to happen."""

T = TypeVar("T")


def pause(seconds: float) -> None:
    threading.Event().wait(seconds)


def wait_for(what: str, look: Callable[[], T | None]) -> T:
    """Look again and again until something is there."""
    clock = SystemClock()
    until = clock.boot() + PATIENCE
    while clock.boot() < until:
        found = look()
        if found is not None:
            return found
        pause(0.005)
    raise AssertionError(f"{what} took longer than {PATIENCE:.0f} seconds")


def clean_environment(**more: object) -> dict[str, str]:
    """The environment without any setting of ours but those given."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("LICENCE_")}
    return kept | {name: str(value) for name, value in more.items()}


def is_gone(process: int | str) -> bool:
    """Whether a process has ended, though nobody may have asked yet how."""
    try:
        return Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0] == "Z"
    except (FileNotFoundError, ProcessLookupError):
        return True


def free_port() -> int:
    """A port of this machine that nobody uses just now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@dataclass
class Cradle:
    """Starts one program again and again; see cradle.py."""

    process: subprocess.Popen[str]
    folder: Path
    command: str
    running: int = 0
    """Process id of the program, which leads a process group of its own; 0: none."""

    @property
    def out(self) -> Path:
        return self.folder / f"{self.command}.out"

    @property
    def log(self) -> Path:
        return self.folder / f"{self.command}.log"

    def start(self, *arguments: str, as_command: bool = False, held: bool = False) -> int:
        """Start the program, as a fork or as the installed command, and return its process id.

        ``held``: it stops itself before its first step, until SIGCONT comes.
        """
        self.out.unlink(missing_ok=True)
        order: dict[str, Any] = {"arguments": arguments, "out": str(self.out), "log": str(self.log), "held": held}
        if as_command:
            order["command"] = str(BIN / self.command)
        self.running = self._order(order)
        return self.running

    def kill(self) -> None:
        """SIGKILL for the program and all its processes at once; return when they are gone."""
        if self.running:
            with suppress(ProcessLookupError):  # it may be gone already
                os.killpg(self.running, signal.SIGKILL)
            self._order({})
            self.running = 0

    def hear(self) -> int:
        """Read the cradle's next answer."""
        assert self.process.stdout is not None
        return int(self.process.stdout.readline())

    def _order(self, order: Mapping[str, Any]) -> int:
        assert self.process.stdin is not None
        self.process.stdin.write(json.dumps(order) + "\n")
        self.process.stdin.flush()
        return self.hear()


@contextmanager
def cradle(folder: Path, command: str, environment: Mapping[str, str], *modules: str) -> Iterator[Cradle]:
    """Have a program ready to start: the module with its ``main``, and others to load ahead."""
    with subprocess.Popen(
        [sys.executable, "-m", "tests.stories.cradle", *modules],
        cwd=ROOT,
        env=environment,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        made = Cradle(process, folder, command)
        assert made.hear() == 0
        try:
            yield made
        finally:
            made.kill()
