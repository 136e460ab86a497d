"""Checks: whether the system lets the agent's program run, where it is mounted and as SELinux has it labelled."""

from dataclasses import asdict
from pathlib import Path

from agent.doctor.situations import Situation, Situations, found
from agent.doctor.subject import Subject
from agent.system.labels import RESTORE, Labels
from agent.system.layout import Layout
from keys.checkup import Finding
from keys.errors import StateConflictError
from keys.sentences import marked

PROGRAMS: Situations = {
    "program-good": Situation("ok", marked("Programs may run from {place}.")),
    "program-noexec": Situation(
        "failed",
        marked("Programs may not run from {place}: {mount} is mounted with noexec."),
        marked("The agent's program lies there, and the service can't start it."),
        marked("Take noexec out of the options of {mount} in /etc/fstab; and for now: mount -o remount,exec {mount}"),
    ),
}
LABELS: Situations = {
    "labels-none": Situation("ok", marked("SELinux is off, or no part of this system.")),
    "labels-good": Situation(
        "ok", marked("SELinux is {state}, and the agent's files have the labels that its policy gives them.")
    ),
    "labels-unknown": Situation(
        "warning",
        marked("SELinux is {state}, and {tool}, which knows what labels files should have, is not here."),
        marked("Files with a wrong label keep the service from starting."),
        marked("Do: dnf install policycoreutils"),
    ),
    "labels-unread": Situation(
        "warning",
        marked("SELinux is {state}, and what labels the agent's files should have can't be told: {why}"),
        marked("Files with a wrong label keep the service from starting."),
        marked("Ask as root, and mend what it says: sudo restorecon -R -n -v {places}"),
    ),
    "labels-wrong": Situation(
        "failed",
        marked("SELinux is enforcing, and {path} has the label {has}; the policy gives it {wants}."),
        marked("It came from elsewhere. systemd may not run it, or the agent not use it, whatever its mode says."),
        marked("Do: sudo restorecon -R {places}"),
    ),
    "labels-wrong-yet": Situation(
        "warning",
        marked("SELinux is permissive, and {path} has the label {has}; the policy gives it {wants}."),
        marked("It is only logged now. Once SELinux enforces its policy, the service may not start."),
        marked("Do: sudo restorecon -R {places}"),
    ),
}


def program(subject: Subject) -> Finding:
    """Check whether programs may run from where the installed one lies."""
    return runnable(subject, Layout().current)


def runnable(subject: Subject, place: Path) -> Finding:
    """Check whether programs may run from a place."""
    mount, options = subject.system.mount_of(place.resolve())
    return found(
        "program", "program-noexec" if "noexec" in options else "program-good", PROGRAMS, place=place, mount=mount
    )


def labels(subject: Subject) -> Finding:
    """Check whether SELinux is on, and what is installed has the labels that its policy gives."""
    system = subject.system
    ours = Labels(Layout(system.root), system.run)
    state = ours.enforcement
    if state == "off":
        return found("labels", "labels-none", LABELS)
    said: dict[str, object] = {"state": state, "tool": RESTORE, "places": " ".join(ours.places)}
    if not any((system.root / folder / RESTORE).exists() for folder in ("usr/sbin", "sbin", "usr/bin")):
        return found("labels", "labels-unknown", LABELS, **said)
    try:
        wrong = ours.wrong()
    except StateConflictError as why:
        return found("labels", "labels-unread", LABELS, why=why, **said)
    if not wrong:
        return found("labels", "labels-good", LABELS, **said)
    word = "labels-wrong" if state == "enforcing" else "labels-wrong-yet"
    return found("labels", word, LABELS, **said, **asdict(wrong[0]))
