"""The user that the agent runs as, and those as whom a CRM runs.

The agent's is a static one, since a dynamic one's number would change under the files it owns.
"""

import os
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
_LONGEST = 256
"""Letters of a user's name, with a domain's before it; what is longer is no name."""


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
    return _number(USER)


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


def check_crm_user(name: str) -> None:
    """Look whether a user of this machine is one to let in. Raises InvalidInputError: no user, or who needs it not."""
    if name == USER or (number := _number(name)) in {0, user_number()} - {None}:
        raise InvalidInputError(
            phrase(
                "{user} comes in anyway, and no CRM should run as root or as the agent's own user. Give the user as "
                "whom it runs. Nothing was changed.",
                user=name,
            )
        )
    if number is None:
        raise InvalidInputError(
            phrase(
                "This system has no user {user}. Nothing was changed. Give the user as whom the CRM runs; as whom what "
                "runs is said by: ps -eo user,args",
                user=name[:_LONGEST],
            )
        )


def is_in_group(name: str, group: int) -> bool:
    """Tell whether a user is in a group, by its number; whom this machine does not have is in none."""
    try:
        return group in os.getgrouplist(name, pwd.getpwnam(name).pw_gid)
    except KeyError:
        return False


def own_group(name: str) -> int | None:
    """Return a user's group by its number; None: other users have it too, as Debian's nogroup, or there is no user."""
    try:
        facts = pwd.getpwnam(name)
    except KeyError:
        return None
    is_shared = any(each.pw_gid == facts.pw_gid and each.pw_uid != facts.pw_uid for each in pwd.getpwall())
    return None if is_shared else facts.pw_gid


def _number(name: str) -> int | None:
    try:
        return pwd.getpwnam(name).pw_uid if len(name) <= _LONGEST else None
    except (KeyError, ValueError):  # also of a name with a NUL in it
        return None


def _group_exists(name: str) -> bool:
    try:
        grp.getgrnam(name)
    except KeyError:
        return False
    return True
