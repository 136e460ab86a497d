"""Files that are there whole or not at all, whenever the power fails, and secrets that only their owner can read."""

import importlib
import os
import re
import stat
import threading
from contextlib import suppress
from pathlib import Path
from typing import Any

from keys.errors import KeyUnsafeError
from keys.sentences import phrase

ON_WINDOWS = os.name == "nt"
_fcntl: Any = None if ON_WINDOWS else importlib.import_module("fcntl")
_OTHERS = 0o077
_DRAFT = re.compile(r"\..+\.([0-9]{1,10})\.[0-9]{1,20}\.draft")


def write_whole(path: Path, content: bytes, mode: int = 0o600) -> None:
    """Replace a file in one step: temporary file, fsync, rename, fsync of the folder.

    Raises:
        OSError: the disk is full or not writable; the old content is untouched.
    """
    draft = path.with_name(f".{path.name}.{os.getpid()}.{threading.get_ident()}.draft")
    with suppress(FileNotFoundError):
        draft.unlink()
    try:
        descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_NOFOLLOW", 0), mode)
        with os.fdopen(descriptor, "wb") as file:
            _lock(descriptor)
            if hasattr(os, "fchmod"):  # Windows has none: there the folder's access list decides
                os.fchmod(descriptor, mode)
            file.write(content)
            file.flush()
            os.fsync(descriptor)
            if not ON_WINDOWS:  # which renames no open file
                draft.replace(path)
        if ON_WINDOWS:
            draft.replace(path)
    except OSError as error:
        with suppress(OSError):
            draft.unlink()
        error.filename = str(path)  # nobody knows the draft's name
        raise
    sync_folder(path.parent)


def remove(path: Path) -> None:
    """Remove a file, for good; not being there is fine."""
    with suppress(FileNotFoundError):
        path.unlink()
        sync_folder(path.parent)


def put_aside(path: Path, moment: int) -> Path:
    """Rename what is damaged, file or folder, so that nothing is lost, and return its new name.

    Args:
        path: what is damaged.
        moment: a NumericDate, for the name; a second one of the same moment is numbered.
    """
    name, number = f"{path.name}.damaged-{moment}", 1
    aside = path.with_name(name)
    while os.path.lexists(aside):
        number += 1
        aside = path.with_name(f"{name}-{number}")
    path.rename(aside)
    sync_folder(path.parent)
    return aside


def sweep_drafts(folder: Path) -> list[str]:
    """Remove what killed processes left half-written in a folder, and return its names.

    A draft stays while its process lives, and while anybody holds it, which also tells processes of other containers
    and those that have a dead one's number apart. Nothing but plain files with a draft's name is touched.
    """
    swept = []
    for path in sorted(folder.glob(".*.draft")):
        found = _DRAFT.fullmatch(path.name)
        if found is not None and _is_left(path, int(found[1])):
            with suppress(OSError):
                path.unlink()
                swept.append(path.name)
    return swept


def _is_left(draft: Path, pid: int) -> bool:
    if ON_WINDOWS:  # which removes no open file
        return draft.is_file() and not draft.is_symlink()
    if pid != os.getpid() and _is_alive(pid):
        return False
    try:
        descriptor = os.open(draft, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    except OSError:
        return False
    try:
        return stat.S_ISREG(os.fstat(descriptor).st_mode) and _lock(descriptor)
    finally:
        os.close(descriptor)


def _is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except (PermissionError, OverflowError):
        return True  # somebody else's
    return True


def _lock(descriptor: int) -> bool:
    """Hold a file as long as it is open, and tell whether it was free."""
    if ON_WINDOWS:
        return True
    try:
        _fcntl.flock(descriptor, _fcntl.LOCK_EX | _fcntl.LOCK_NB)
    except OSError:
        return False
    return True


def make_folder(folder: Path, mode: int = 0o700) -> None:
    """Make a folder, with those above it that are missing, so that its name survives a power cut.

    One that is there stays as it is. Raises OSError.
    """
    if folder.is_dir():
        return
    make_folder(folder.parent, 0o777)
    folder.mkdir(mode=mode, exist_ok=True)
    with suppress(PermissionError):  # a folder above that we may write to and not read
        sync_folder(folder.parent)


def sync_folder(folder: Path) -> None:
    """Make renames and removals in a folder survive a power cut. Windows does this by itself."""
    if ON_WINDOWS:
        return
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def read_secret(path: Path, limit: int = 65_536) -> bytes:
    """Read a file that must be its owner's alone.

    Raises:
        KeyUnsafeError: no plain file, somebody else's, readable by others, or larger than ``limit`` bytes.
        FileNotFoundError: there is none.
    """
    try:
        descriptor = os.open(path, os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0))
    except FileNotFoundError:
        raise
    except OSError as error:
        raise KeyUnsafeError(
            phrase("{path} can't be opened as a file of one's own: {reason}.", path=path, reason=error.strerror)
        ) from error
    try:
        _check_private(path, os.fstat(descriptor))
        with os.fdopen(descriptor, "rb", closefd=False) as file:
            content = file.read(limit + 1)
    finally:
        os.close(descriptor)
    if len(content) > limit:
        raise KeyUnsafeError(phrase("{path} is too large to be a key.", path=path))
    return content


def _check_private(path: Path, facts: os.stat_result) -> None:
    if not stat.S_ISREG(facts.st_mode):
        raise KeyUnsafeError(phrase("{path} is not a plain file.", path=path))
    if ON_WINDOWS:
        return
    if facts.st_mode & _OTHERS:
        raise KeyUnsafeError(phrase("{path} can be read by others. Do: chmod 600 {path}", path=path))
    if facts.st_uid not in (os.geteuid(), 0):
        raise KeyUnsafeError(
            phrase("{path} belongs to somebody else (uid {owner}).", path=path, owner=str(facts.st_uid))
        )
