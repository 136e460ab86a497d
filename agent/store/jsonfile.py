"""Small files of ours in JSON: read tolerantly, and said to be damaged in a sentence where they are."""

import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TypeVar

from keys.claims import Reader
from keys.errors import LicensingError, StateDamagedError
from keys.jws import from_json, to_json
from keys.sentences import phrase

T = TypeVar("T")
Stamp = tuple[int, int, int, int]
"""Which version of a file this is: inode, two times and the size."""
_LONGEST = 1 << 20
_GONE: Stamp = (0, 0, 0, 0)


def read_bytes(path: Path) -> bytes | None:
    """Return a file's content, or None where there is no such file; of a file that can't be ours, its beginning.

    Raises StateDamagedError: there is something that can't be read; its cause says why.
    """
    try:
        with path.open("rb") as file:
            return file.read(_LONGEST)
    except FileNotFoundError:
        return None
    except OSError as error:
        raise StateDamagedError(phrase("{path} can't be read: {reason}.", path=path, reason=error.strerror)) from error


def stamp(path: str) -> Stamp:
    """Return which version of a file lies there now; asked for with every request, so it takes a plain path."""
    try:
        facts = os.stat(path)  # noqa: PTH116 - as above
    except FileNotFoundError:
        return _GONE
    return (facts.st_ino, facts.st_mtime_ns, facts.st_ctime_ns, facts.st_size)


def read_json(path: Path, parse: Callable[[Reader], T], remedy: str) -> T | None:
    """Read a file of ours, or return None where there is none.

    Args:
        path: the file.
        parse: takes its members; raises MalformedError.
        remedy: a sentence that says what to do when the file is damaged.

    Raises:
        StateDamagedError: it is not what we wrote.
    """
    content = read_bytes(path)
    if content is None:
        return None
    try:
        return parse(Reader(from_json(content)))
    except StateDamagedError:
        raise
    except LicensingError as error:
        raise StateDamagedError(
            phrase("{path} is damaged ({error}) {remedy}", path=path, error=error, remedy=remedy)
        ) from error


def as_json(value: Mapping[str, object]) -> bytes:
    """Return what to write."""
    return to_json(value) + b"\n"
