"""Checks: whose the home is and who else may read it, and whether its disk takes more."""

import os
from pathlib import Path

from agent.doctor.situations import Situation, Situations, found
from agent.doctor.subject import Subject
from agent.store.home import Home
from keys.checkup import Finding
from keys.sentences import marked

_OTHERS = 0o027
_ANYBODY_READS = 0o004
LITTLE, NONE = 64 << 20, 1 << 20
"""Bytes on the disk of the home below which people are told, and below which nothing is begun."""
FEW_FILES = 50

HOMES: Situations = {
    "home-good": Situation("ok", marked("{home} and the secrets in it are the agent's alone.")),
    "home-new": Situation("ok", marked("{home} does not exist yet, and can be made.")),
    "home-missing": Situation("failed", marked("{home} does not exist."), "", marked("Do: licence-agent activate")),
    "home-impossible": Situation(
        "failed",
        marked("{home} can't be made: {above} can't be written by this user."),
        marked("The licence and the device key have no place to lie in. Nothing was sent."),
        marked("Run as root, or set LICENCE_AGENT_HOME to a folder of this user."),
    ),
    "home-no-folder": Situation(
        "failed",
        marked("{home} is no folder."),
        "",
        marked("Move it away, or set LICENCE_AGENT_HOME to another folder."),
    ),
    "home-foreign": Situation(
        "failed",
        marked("{home} can't be used by this user: it belongs to {owner}."),
        "",
        marked("Run as the agent's user: sudo -u {owner} licence-agent …, or as root."),
    ),
    "home-closed": Situation(
        "failed", marked("{home} can't be used by this user."), "", marked("Do: chmod u+rwx {home}")
    ),
    "home-open": Situation("failed", marked("Others can write into {home}."), "", marked("Do: chmod go-w {home}")),
    "home-readable": Situation(
        "failed", marked("{path} is readable by others."), "", marked("Do: chmod {mode} {path}")
    ),
    "home-mixed": Situation(
        "warning",
        marked("{path} belongs to another user than {home}."),
        marked("Somebody ran a command as that user, root perhaps; the service may not be able to read the file."),
        marked("Do: chown -R {owner} {home}"),
    ),
}
ROOMS: Situations = {
    "room-good": Situation("ok", marked("{free} MiB are free where the agent writes.")),
    "room-little": Situation(
        "warning",
        marked("Only {free} MiB are free where the agent writes."),
        marked("When it is full, no new seats are granted; those that are held go on."),
        marked("Make room on the disk of {home}: df -h {home}"),
    ),
    "room-full": Situation(
        "failed",
        marked("The disk of {home} is full."),
        marked("A licence could not be stored, and no seat be granted. Nothing was sent."),
        marked("Make room: df -h {home}; then: du -xh / | sort -h | tail"),
    ),
    "room-no-files": Situation(
        "failed",
        marked("The disk of {home} takes no more files, though it has room."),
        marked("A licence could not be stored, and no seat be granted. Nothing was sent."),
        marked("Remove files that nobody needs: df -i {home}"),
    ),
    "room-read-only": Situation(
        "failed",
        marked("The disk of {home} is read-only."),
        marked(
            "A licence could not be stored. The system may have made it so after an error of the disk. Nothing "
            "was sent."
        ),
        marked("Look at: dmesg | tail. Then: mount -o remount,rw, or set LICENCE_AGENT_HOME to another disk."),
    ),
}


def home(subject: Subject) -> Finding:
    """Check the home of an agent that is activated, or should be."""
    folder = subject.agent.home.folder
    return ready_home(subject) if folder.exists() else found("home", "home-missing", HOMES, home=folder)


def ready_home(subject: Subject) -> Finding:
    """Check whether the agent can live in its home, or make it."""
    ours = subject.agent.home
    folder = ours.folder
    if not folder.exists():
        above = next(parent for parent in folder.parents if parent.exists())
        word = "home-new" if _is_usable(above) else "home-impossible"
        return found("home", word, HOMES, home=folder, above=above)
    if not folder.is_dir():
        return found("home", "home-no-folder", HOMES, home=folder)
    if not _is_usable(folder):
        is_mine = os.name == "nt" or folder.stat().st_uid == os.geteuid()
        is_read_only = subject.system.room(folder).read_only
        word = "home-closed" if is_mine or is_read_only else "home-foreign"
        return found("home", word, HOMES, home=folder, owner=_owner(folder))
    if os.name == "nt":
        return found("home", "home-good", HOMES, home=folder)
    return _modes(ours)


def room(subject: Subject) -> Finding:
    """Check whether the disk takes a licence."""
    folder = subject.agent.home.folder
    there = subject.system.room(folder)
    said = {"home": folder, "free": there.free >> 20}
    if there.read_only:
        return found("room", "room-read-only", ROOMS, **said)
    if there.free < NONE:
        return found("room", "room-full", ROOMS, **said)
    if 0 <= there.files < FEW_FILES:
        return found("room", "room-no-files", ROOMS, **said)
    return found("room", "room-little" if there.free < LITTLE else "room-good", ROOMS, **said)


def _modes(ours: Home) -> Finding:
    folder = ours.folder
    facts = folder.stat()
    if facts.st_mode & 0o022:
        return found("home", "home-open", HOMES, home=folder)
    tokens = [ours.application_token, ours.administrator_token, *folder.glob("tokens/*.token")]
    keys = [*ours.keys.glob("*.pem"), *ours.keys.glob("*.tpm")]
    secrets = [*tokens, *keys, ours.tls_key]
    for path in secrets:
        if path.exists() and path.stat().st_mode & _OTHERS:
            mode = "640" if path in tokens else "600"
            return found("home", "home-readable", HOMES, path=path, mode=mode)
    for path in (ours.licence, ours.trust, ours.state, ours.journal, *keys):
        if path.exists() and path.stat().st_uid != facts.st_uid:
            return found("home", "home-mixed", HOMES, path=path, home=folder, owner=_owner(folder))
    settings = ours.settings
    if settings.exists() and settings.stat().st_uid != facts.st_uid and not settings.stat().st_mode & _ANYBODY_READS:
        return found("home", "home-mixed", HOMES, path=settings, home=folder, owner=_owner(folder))
    return found("home", "home-good", HOMES, home=folder)


def _is_usable(folder: Path) -> bool:
    effective = os.access in os.supports_effective_ids
    return os.access(folder, os.R_OK | os.W_OK | os.X_OK, effective_ids=effective)


def _owner(folder: Path) -> str:
    try:
        return folder.owner()
    except (KeyError, NotImplementedError):
        return str(folder.stat().st_uid)
