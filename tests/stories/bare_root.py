"""A Debian with nothing in it: debootstrap's minimal root, in namespaces of its own, that can be switched off and on.

Its disk is what it writes over that root; its processes die together, as at a power cut; its firmware is files that
only root can read; each start is another boot, with its own id and a boot clock that begins anew. Kernel and wall clock
are this machine's, and there is no systemd: the links in /etc/rc2.d are followed as sysvinit does at a start.
"""

import os
import shutil
import subprocess
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import ClassVar, TypeVar

from keys.clock import SystemClock
from tests.faults.networks import Machine
from tests.stories.processes import is_gone, wait_for

SUITE = "bookworm"
FIRMWARE = {"product_uuid": "4c4c4544-0042-3510-8052-b4c04f4e3132", "board_serial": "PF3X", "sys_vendor": "Dell Inc."}
ENVIRONMENT = {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "HOME": "/root", "LANG": "C.UTF-8", "TERM": "dumb"}
PATIENCE = 600
_CACHE = Path(os.environ.get("XDG_CACHE_HOME", Path.home() / ".cache")) / "onpremise-licensing"
_BOOT = """
set -eu
mount --make-rprivate /
mount -t overlay overlay -o lowerdir={lower},upperdir={disk}/upper,workdir={disk}/work {root}
mount -t proc proc {root}/proc
mount --bind {disk}/boot_id {root}/proc/sys/kernel/random/boot_id
mount --rbind {disk}/sys {root}/sys
mount -t tmpfs tmpfs {root}/run
mount -t devpts -o newinstance,ptmxmode=0666 devpts {root}/dev/pts
mount --bind {root}/dev/pts/ptmx {root}/dev/ptmx
{more}
touch {disk}/booted
{init}
"""
_START_SERVICES = "for script in /etc/rc2.d/S*; do [ ! -x $script ] || $script start; done"


def minimal_debian(*packages: str) -> Path:
    """The folder of a minimal Debian with some packages, made once for all clones of this machine's user."""
    place = _CACHE / "-".join(("debian", SUITE, "minbase", *packages))
    if not place.exists():
        draft = place.with_name(f"{place.name}.{os.getpid()}")
        draft.mkdir(parents=True)
        options = ["--variant=minbase", *(f"--include={name}" for name in packages)]
        made = subprocess.run(
            [str(shutil.which("debootstrap")), *options, SUITE, str(draft)],
            capture_output=True, text=True, check=False,
        )  # fmt: skip
        assert made.returncode == 0, made.stdout[-2000:]
        try:
            draft.rename(place)
        except OSError:  # another one was quicker
            shutil.rmtree(draft)
    return place


@dataclass
class BareRoot:
    """One such machine."""

    packages: ClassVar[tuple[str, ...]] = ()
    """What it has beside the minimum."""
    process_1: ClassVar[str] = "exec chroot {root} /bin/sh -c 'trap : CHLD; while :; do sleep 1000 & wait; done'"
    namespaces: ClassVar[tuple[str, ...]] = ("--mount", "--pid", "--ipc", "--uts")
    mounts: ClassVar[str] = ""
    """Commands that mount what this kind of machine needs beside the others."""
    disk: Path
    network: Machine
    environment: dict[str, str] = field(default_factory=lambda: dict(ENVIRONMENT))
    """What a terminal has; and so what is started from there."""
    init: "subprocess.Popen[str] | None" = None
    boots: list[str] = field(default_factory=list)

    @property
    def root(self) -> Path:
        """Where its root lies, for itself; from outside only what it wrote is seen, in ``written``."""
        return self.disk / "root"

    def written(self, path: str) -> Path:
        """What it wrote to a path, seen from outside."""
        return self.disk / "upper" / path.lstrip("/")

    @property
    def before(self) -> tuple[str, ...]:
        """The beginning of a command line that starts the rest of it where such a machine can be made."""
        return ()

    def switch_on(self) -> None:
        """Start it: another boot, with an empty /run."""
        self.boots.append(str(uuid.uuid4()))
        (self.disk / "boot_id").write_text(f"{self.boots[-1]}\n")
        (self.disk / "booted").unlink(missing_ok=True)
        script = _BOOT.format(
            lower=minimal_debian(*self.packages),
            disk=self.disk,
            root=self.root,
            more=self.mounts.format(disk=self.disk, root=self.root),
            init=self.process_1.format(root=self.root),
        )
        began = f"--boottime={5 - int(SystemClock().boot())}"
        unshare = ("unshare", *self.namespaces, "--time", began, "--fork", "--kill-child")
        self.init = self.network.start(*self.before, *unshare, "sh", "-c", script, log=self.disk / "log")
        wait_for("the start", lambda: ((self.disk / "booted").exists() and self._is_inside()) or None)

    def start_services(self) -> None:
        """Start what is linked to the machine's start, with nothing of a terminal's environment."""
        plain = (f"{name}={value}" for name, value in ENVIRONMENT.items())
        self.must("env", "--ignore-environment", *plain, "sh", "-c", _START_SERVICES)

    def switch_off(self) -> None:
        """End everything in it at once, as at a power cut."""
        assert self.init is not None
        first = self._children() if self.init.poll() is None else []
        self.init.kill()
        self.init.wait()
        wait_for("the end of its processes", lambda: all(map(is_gone, first)) or None)

    def run(self, *words: object, given: str = "") -> "subprocess.CompletedProcess[str]":
        """Type a command in it, as root at a terminal."""
        return subprocess.run(
            self.inside(*words),
            env=self.environment,
            input=given,
            capture_output=True,
            text=True,
            timeout=PATIENCE,
            check=False,
        )

    def must(self, *words: object) -> str:
        """Type a command that has to succeed, and return what it printed."""
        done = self.run(*words)
        assert done.returncode == 0, (words, done.stdout, done.stderr)
        return done.stdout

    def _first(self) -> str:
        """The number of its process 1."""
        (first,) = self._children()
        return first

    def _children(self) -> list[str]:
        assert self.init is not None
        return Path(f"/proc/{self.init.pid}/task/{self.init.pid}/children").read_text().split()

    def _is_inside(self) -> bool:
        """Whether its process 1 sees its own root by now: before, a command would run in this machine's."""
        return Path(f"/proc/{self._first()}/root").stat().st_dev != Path("/").stat().st_dev

    def inside(self, *words: object) -> list[str]:
        """The command line that runs a command in it."""
        enter = (
            "nsenter",
            "--target",
            self._first(),
            "--mount",
            "--pid",
            "--net",
            "--ipc",
            "--uts",
            "--time",
            "--root",
            "--wd",
        )
        return [*enter, *map(str, words)]


Kind = TypeVar("Kind", bound=BareRoot)


@contextmanager
def bare_root(machine: Kind) -> Iterator[Kind]:
    """A machine that is off, with firmware of its own; it is off again at the end."""
    disk = machine.disk
    for name in ("upper/etc", "work", "root", "sys/class/dmi/id"):
        (disk / name).mkdir(parents=True)
    for name, value in FIRMWARE.items():
        path = disk / "sys/class/dmi/id" / name
        path.write_text(f"{value}\n")
        path.chmod(0o444 if name == "sys_vendor" else 0o400)
    (disk / "upper/etc/machine-id").write_text(f"{uuid.uuid4().hex}\n")
    try:
        yield machine
    finally:
        if machine.init is not None:
            machine.switch_off()
