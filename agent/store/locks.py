"""Locks between processes: they die with whoever holds them."""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from threading import Event

from keys.errors import BusyError
from keys.sentences import marked, phrase

if sys.platform == "win32":
    import msvcrt
else:
    import fcntl

_LOOK_AGAIN = 0.05


@contextmanager
def hold(path: Path, what: str, patience: float = 0.0) -> Iterator[None]:
    """Hold a lock.

    Args:
        path: the lock's file, which stays; its content is the holder's process id, for people.
        what: what the holder does, for the sentence of the refusal.
        patience: seconds to wait for it.

    Raises:
        BusyError: somebody else holds it.
    """
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | getattr(os, "O_CLOEXEC", 0), 0o600)
    try:
        _wait(descriptor, path, what, patience)
        with suppress(OSError):
            os.ftruncate(descriptor, 0)
            os.write(descriptor, f"{os.getpid()}\n".encode())
        yield
    finally:
        os.close(descriptor)


def is_held(path: Path) -> bool:
    """Tell whether somebody holds the lock now."""
    try:
        with hold(path, ""):
            return False
    except BusyError:
        return True


def _wait(descriptor: int, path: Path, what: str, patience: float) -> None:
    waiting, left = Event(), patience
    while not _try(descriptor):
        if left <= 0:
            pid = path.read_text(encoding="ascii", errors="replace").strip()
            holder = f" ({pid})" if pid else ""
            said = marked("Another process{holder} {what} in {folder}.")
            raise BusyError(phrase(said, holder=holder, what=what, folder=path.parent))
        waiting.wait(_LOOK_AGAIN)
        left -= _LOOK_AGAIN


def _try(descriptor: int) -> bool:
    try:
        if sys.platform == "win32":
            msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)
        else:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True
