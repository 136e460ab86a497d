"""Running the system's own programs, in the environment that the system has them run in."""

import os
import shutil
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NoReturn

from keys.errors import StateConflictError
from keys.sentences import phrase

CODE_VARIABLE = "LICENCE_AGENT_CODE"
"""Where an activation code may stand that other users of the machine do not see; no program of the system gets it."""
_PATIENCE = 120
"""Seconds that a program of the system may take."""
_LIBRARIES = "LD_LIBRARY_PATH"
_BEFORE = f"{_LIBRARIES}_ORIG"
"""What a self-contained program found there before it put its own libraries in; the system's programs have theirs."""
_HANDED_ON = "_PYI_"
"""How variables begin by which PyInstaller's program tells its own children that they have its libraries already: an
agent that got them from another, without the libraries, would start with the system's, where there are any."""

_ROOTS_PLACES = ("/usr/sbin", "/sbin")
"""Where programs for root lie; whoever became root by a plain ``su`` does not look there."""


def run(*command: str, patience: int = _PATIENCE) -> str:
    """Run a program of the system and return what it printed.

    Args:
        command: its name and its words.
        patience: seconds after which it is ended.

    Raises:
        StateConflictError: it is not there, did not end, or failed; with its own words.
    """
    try:
        done = subprocess.run(
            command,
            env={**environment(os.environ), "LC_ALL": "C"},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            errors="replace",
            timeout=patience,
            check=False,
        )
    except FileNotFoundError as error:
        raise StateConflictError(
            phrase("This system has no {command}, which is needed here.", command=command[0])
        ) from error
    except OSError as error:
        raise StateConflictError(
            phrase("{command} can't be run: {reason}.", command=command[0], reason=error.strerror)
        ) from error
    except subprocess.TimeoutExpired as error:
        raise StateConflictError(
            phrase("{command} did not end within {time} seconds.", command=" ".join(command), time=patience)
        ) from error
    if done.returncode:
        said = " ".join((done.stderr or done.stdout).split()).rstrip(".")
        why = said or phrase("exit code {code}", code=str(done.returncode))
        raise StateConflictError(phrase("{command} failed: {why}.", command=" ".join(command), why=why))
    return done.stdout


def succeeds(*command: str) -> bool:
    """Tell whether a program of the system is there and succeeds."""
    try:
        run(*command)
    except StateConflictError:
        return False
    return True


def is_there(command: str) -> bool:
    """Tell whether the system has a program."""
    return shutil.which(command, path=environment(os.environ)["PATH"]) is not None


def give_way(program: Path, words: Sequence[str], more: Mapping[str, str]) -> NoReturn:
    """Have another program go on in place of this one, with more in its environment."""
    sys.stdout.flush()
    sys.stderr.flush()
    os.execve(program, [str(program), *words], {**environment(os.environ), **more})  # noqa: S606 - no shell is wanted


def environment(ours: Mapping[str, str]) -> dict[str, str]:
    """Return the environment for programs of the system.

    It lacks an activation code, and what a self-contained program added for itself; it has the places of those programs
    that are for root.
    """
    left_out = {_LIBRARIES, _BEFORE, CODE_VARIABLE}
    kept = {name: value for name, value in ours.items() if name not in left_out and not name.startswith(_HANDED_ON)}
    known = ours.get("PATH", os.defpath).split(os.pathsep)
    kept["PATH"] = os.pathsep.join([*known, *(place for place in _ROOTS_PLACES if place not in known)])
    return kept | ({_LIBRARIES: ours[_BEFORE]} if ours.get(_BEFORE) else {})
