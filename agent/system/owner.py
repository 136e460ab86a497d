"""Root at work in somebody else's folder: as that somebody, so that what is written stays the owner's.

It also keeps root out of the owner's reach: a link that the owner laid leads root nowhere the owner could not go.
Whatever the person at the command line named, such as a file to write, is opened as that person again.
"""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

if sys.platform != "win32":
    import pwd

_ROOT = 0


@contextmanager
def acting_as_owner(folder: Path) -> Iterator[None]:
    """Be the owner of a folder meanwhile; whoever is not root, or owns it, stays who they are."""
    owner = _owner(folder)
    if owner is None:
        yield
        return
    groups = os.getgroups()
    _take_groups(*owner)
    _be(*owner)
    try:
        yield
    finally:
        _be(_ROOT, os.getgid())
        os.setgroups(groups)


@contextmanager
def acting_as_caller() -> Iterator[None]:
    """Be again, meanwhile, who called the program."""
    if sys.platform == "win32" or os.geteuid() == os.getuid():
        yield
        return
    owner = os.geteuid(), os.getegid()
    _be(os.getuid(), os.getgid())
    try:
        yield
    finally:
        _be(*owner)


def become_owner(folder: Path) -> None:
    """Be the owner of a folder from now on, with no way back: for a program that goes on running."""
    owner = _owner(folder)
    if sys.platform == "win32" or owner is None:
        return
    user, group = owner
    _be(_ROOT, os.getgid())
    _take_groups(user, group)
    os.setresgid(group, group, group)
    os.setresuid(user, user, user)


def _owner(folder: Path) -> tuple[int, int] | None:
    """Return user and group that own a folder; None: there is nobody else to be."""
    if sys.platform == "win32" or os.geteuid() != _ROOT:
        return None
    try:
        facts = folder.stat()
    except FileNotFoundError:
        return None
    return None if facts.st_uid == _ROOT else (facts.st_uid, facts.st_gid)


def _take_groups(user: int, group: int) -> None:
    try:
        os.initgroups(pwd.getpwuid(user).pw_name, group)
    except KeyError:  # an owner whom this system knows by no name
        os.setgroups([group])


def _be(user: int, group: int) -> None:
    if user != _ROOT:
        os.setegid(group)
        os.seteuid(user)
        return
    os.seteuid(user)
    os.setegid(group)
