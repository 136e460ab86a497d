"""What doctor sees of the machine beside the network: files, disks, ports, processes, services."""

import os
import shutil
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import psutil

from agent.config import HOME_VARIABLE, SERVICE_HOME, USERS_HOME, default_home
from agent.system.owner import acting_as_caller
from agent.system.programs import run
from keys.errors import StateConflictError

PATIENCE = 5
"""Seconds that a program of the system may take."""
_LARGEST_FILE = 65_536
_UNKNOWN = "?"


@dataclass(frozen=True, slots=True)
class Room:
    """What a disk still takes."""

    free: int
    """Bytes for this user."""
    files: int
    """Files more; -1: any number."""
    read_only: bool = False


@dataclass(frozen=True, slots=True)
class Running:
    """An agent that runs on this machine."""

    pid: int
    home: str
    """Empty: only root may know."""
    environment: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Holder:
    """A program that listens on a port."""

    pid: int
    name: str


def room_at(path: Path) -> Room:
    """Return the room on the disk that a folder is on, or will be on. Raises OSError."""
    there = next(folder for folder in (path, *path.parents) if folder.exists())
    if not hasattr(os, "statvfs"):
        return Room(shutil.disk_usage(there).free, -1)
    facts = os.statvfs(there)
    files = facts.f_favail if facts.f_files else -1
    return Room(facts.f_bavail * facts.f_frsize, files, bool(facts.f_flag & os.ST_RDONLY))


def holder_of(port: int) -> Holder | None:
    """Return who listens on a TCP port; None: nobody who may be seen by this user."""
    with suppress(psutil.Error, OSError):
        for line in psutil.net_connections("tcp"):
            if line.status == psutil.CONN_LISTEN and line.laddr and line.laddr.port == port and line.pid:
                return Holder(line.pid, _name(line.pid))
    return None


def agents() -> list[Running]:
    """Return the agents that run on this machine, whoever's they are."""
    return list(_agents())


def run_as_caller(*command: str) -> str:
    """Return what a program of the system tells who called. Raises StateConflictError."""
    with acting_as_caller():
        return run(*command, patience=PATIENCE)


@dataclass(frozen=True, slots=True)
class System:
    """The machine; tests pass another one."""

    root: Path = Path("/")
    room: Callable[[Path], Room] = room_at
    holder: Callable[[int], Holder | None] = holder_of
    agents: Callable[[], Sequence[Running]] = agents
    run: Callable[..., str] = run_as_caller

    def ask(self, *command: str) -> str:
        """Return what a program of the system prints, empty where it is not there or says no."""
        with suppress(StateConflictError):
            return self.run(*command)
        return ""

    def text(self, name: str) -> str:
        """Return a small file of the system, empty where it can't be read."""
        with suppress(OSError), (self.root / name).open(encoding="utf-8", errors="replace") as file:
            return file.read(_LARGEST_FILE)
        return ""

    def texts(self, pattern: str) -> Iterator[tuple[str, str]]:
        """Yield names and contents of the small files that a pattern names."""
        for path in sorted(self.root.glob(pattern)):
            name = str(path.relative_to(self.root))
            yield f"/{name}", self.text(name)

    def mounted(self) -> list[Path]:
        """Return where something is mounted."""
        rows = (line.split() for line in self.text("proc/self/mountinfo").splitlines())
        return [Path(row[4]) for row in rows if len(row) > 4]

    def mount_of(self, path: Path) -> tuple[Path, frozenset[str]]:
        """Return where the file system is mounted that a path is on, and its options; the root's where none says."""
        found = (Path("/"), frozenset[str]())
        for line in self.text("proc/self/mountinfo").splitlines():
            row = line.split()
            if len(row) > 5 and path.is_relative_to(row[4]) and len(row[4]) >= len(str(found[0])):
                found = (Path(row[4]), frozenset(row[5].split(",")))
        return found

    @property
    def has_systemd(self) -> bool:
        """Tell whether systemd runs the machine's services."""
        return (self.root / "run/systemd/system").is_dir()


def _agents() -> Iterator[Running]:
    for process in psutil.process_iter(["pid", "cmdline"]):
        words = [Path(word).name for word in process.info["cmdline"] or ()]
        by_module = "-m" in words and words[words.index("-m") + 1 :][:2] == ["agent", "run"]
        by_name = "run" in words and any(word in {"licence-agent", "licence-agent.exe"} for word in words[:2])
        if by_module or by_name:
            variables = dict[str, str]()
            home = ""
            with suppress(psutil.Error, OSError):
                variables = process.environ()
                home = variables.get(HOME_VARIABLE) or _usual_home(process, variables)
            yield Running(process.pid, home, variables)


def _usual_home(process: psutil.Process, variables: Mapping[str, str]) -> str:
    """Return where somebody else's process lives when nobody says otherwise."""
    if os.name == "nt":
        return str(default_home(variables))
    return str(SERVICE_HOME if process.uids().effective == 0 else Path(variables.get("HOME", "/")) / USERS_HOME)


def _name(pid: int) -> str:
    try:
        return psutil.Process(pid).name()
    except psutil.Error:
        return _UNKNOWN
