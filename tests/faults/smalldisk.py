"""A small disk that can be filled to its last byte, and a disk whose calls fail under a program.

``small_disk`` mounts a file system of a few MiB in memory, so it needs root. A full tmpfs refuses whole writes and new
files; unlike other file systems it needs no space to change or remove what is there, and its syncs never fail.
``failing`` are the words before a program's that make its syncs or writes of named files fail, by strace.
"""

import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

_MOUNT, _UNMOUNT = ("mount", "-t", "tmpfs", "-o"), ("umount", "-l")
_FILLER = "filler"


@contextmanager
def small_disk(folder: Path, mebibytes: int = 4) -> Iterator[Path]:
    """Mount an empty file system at a new folder."""
    folder.mkdir()
    subprocess.run([*_MOUNT, f"size={mebibytes}m", "tmpfs", str(folder)], check=True)
    try:
        yield folder
    finally:
        subprocess.run([*_UNMOUNT, str(folder)], check=True)


def fill(disk: Path) -> None:
    """Take what space is left, to the last byte."""
    with (disk / _FILLER).open("ab", buffering=0) as file, suppress(OSError):
        while file.write(bytes(4096)):
            pass


def make_room(disk: Path) -> None:
    """Give back what ``fill`` took."""
    (disk / _FILLER).unlink(missing_ok=True)


def failing(calls: str, error: str, files: Sequence[Path], *, after: int = 0) -> list[str]:
    """Words that start a program under strace, whose calls on these files fail from the one after so many on."""
    paths = [word for file in files for word in ("-P", str(file))]
    rule = f"inject={calls}:error={error}:when={after + 1}+"
    return ["strace", "-f", "-o", "/dev/null", "--seccomp-bpf", *paths, "-e", f"trace={calls}", "-e", rule]
