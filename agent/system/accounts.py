"""The user that the agent runs as: a static one, since a dynamic one's number would change under the files it owns."""

import sys
from pathlib import Path

from agent.system.programs import run
from keys.errors import InvalidInputError
from keys.sentences import phrase

if sys.platform != "win32":
    import grp
    import pwd

USER = "licence-agent"
"""Its name, and its group's."""
_TPM = "tss"
"""The group that may use the TPM, on systems that have one."""
_NOLOGIN = "/usr/sbin/nologin"


def group_number(name: str) -> int:
    """Return a group's number. Raises InvalidInputError: there is no such group."""
    try:
        return grp.getgrnam(name).gr_gid
    except KeyError:
        raise InvalidInputError(
            phrase("There is no group {name} on this machine. licence-agent install makes it.", name=name)
        ) from None


def user_number() -> int | None:
    """Return the agent's user's number; None: there is no such user."""
    try:
        return pwd.getpwnam(USER).pw_uid
    except KeyError:
        return None


def make_user(home: Path) -> None:
    """Make the user and its group, unless they are there. Raises StateConflictError: the system refuses."""
    if user_number() is None:
        facts = ("--home-dir", str(home), "--no-create-home", "--shell", _NOLOGIN)
        run("useradd", "--system", "--user-group", *facts, USER)
    if _group_exists(_TPM) and USER not in grp.getgrnam(_TPM).gr_mem:
        run("usermod", "--append", "--groups", _TPM, USER)


def remove_user() -> None:
    """Remove the user, and its group. Raises StateConflictError: the system refuses."""
    if user_number() is not None:
        run("userdel", USER)
    if _group_exists(USER):
        run("groupdel", USER)


def _group_exists(name: str) -> bool:
    try:
        grp.getgrnam(name)
    except KeyError:
        return False
    return True
