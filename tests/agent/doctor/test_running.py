"""What keeps the system from starting the program: noexec, and SELinux's labels.

The kernel here has no SELinux, so what it and restorecon say is passed in, as the kernel's file and as the program's
lines; that restorecon prints them so is taken from its source (libselinux 3.4, policycoreutils 2.5).
"""

from pathlib import Path

import pytest

from agent.doctor.running import runnable
from keys.checkup import Finding
from keys.errors import StateConflictError
from tests.agent.doctor.conftest import Told
from tests.agent.doctor.patient import Patient

MOUNTS = (
    "22 1 8:1 / / rw,relatime shared:1 - ext4 /dev/sda1 rw\n"
    "30 22 8:2 / /opt rw,nosuid,noexec shared:2 - ext4 /dev/sda2 rw\n"
    "31 22 8:3 / /var rw,noexec - ext4 /dev/sda3 rw\n"
    "32 30 8:4 / /opt/licence-agent-old rw - ext4 /dev/sda4 rw\n"
)
PROGRAM = "/opt/licence-agent/bin/licence-agent"
TO = "to system_u:object_r:bin_t:s0"
MOVED = f"Would relabel {PROGRAM} from unconfined_u:object_r:user_tmp_t:s0 {TO}\n"
OLD = f"restorecon reset {PROGRAM} context unconfined_u:object_r:admin_home_t:s0->system_u:object_r:bin_t:s0\n"
HOME = "Would relabel /var/lib/licence-agent from system_u:object_r:default_t:s0 to system_u:object_r:var_lib_t:s0\n"


@pytest.fixture
def enforcing(patient: Patient) -> Patient:
    """A machine with SELinux, on which the program is installed."""
    patient.write("sys/fs/selinux/enforce", "1")
    patient.write("usr/sbin/restorecon", "")
    patient.write("opt/licence-agent-0123456789ab/bin/licence-agent", "")
    (patient.root / "opt/licence-agent").symlink_to("licence-agent-0123456789ab")
    return patient


def of(check: str, patient: Patient) -> list[Finding]:
    return [each for each in patient.examined() if each.check == check]


@pytest.mark.situation("The program's file system is mounted noexec", says="program-noexec")
def test_a_file_system_from_which_nothing_may_run(patient: Patient, told: Told) -> None:
    patient.write("proc/self/mountinfo", MOUNTS)
    said = told(of("program", patient))
    assert said.said == "Programs may not run from /opt/licence-agent: /opt is mounted with noexec."
    subject = patient.subject()
    for place in ("/usr/lib", "/opt/licence-agent-old/bin", "/optional"):
        assert runnable(subject, Path(place)).word == "program-good"


@pytest.mark.situation("SELinux enforces, and the program has a label from elsewhere", says="labels-wrong")
@pytest.mark.parametrize("lines", [MOVED, OLD, f"noise\n{MOVED}{HOME}"])
def test_a_program_that_was_moved_here(enforcing: Patient, told: Told, lines: str) -> None:
    enforcing.labels = lines
    said = told(of("labels", enforcing))
    assert f"{PROGRAM} has the label unconfined_u:object_r:" in said.said
    assert said.remedy == f"Do: sudo restorecon -R {enforcing.root}/opt/licence-agent-0123456789ab"


@pytest.mark.situation("SELinux enforces, and the home has a label from elsewhere", says="labels-wrong")
def test_a_home_that_was_moved_here(enforcing: Patient, told: Told) -> None:
    enforcing.labels = HOME
    assert "/var/lib/licence-agent has the label" in told(of("labels", enforcing)).said


@pytest.mark.situation("SELinux is permissive, and a label is wrong", says="labels-wrong-yet")
def test_what_will_be_refused_one_day(enforcing: Patient, told: Told) -> None:
    enforcing.write("sys/fs/selinux/enforce", "0\n")
    enforcing.labels = MOVED
    told(of("labels", enforcing))


@pytest.mark.situation("SELinux is on, and restorecon is not installed", says="labels-unknown")
def test_labels_that_nobody_can_compare(enforcing: Patient, told: Told) -> None:
    (enforcing.root / "usr/sbin/restorecon").unlink()
    told(of("labels", enforcing))


@pytest.mark.situation("SELinux is on, and restorecon fails or does not end", says="labels-unread")
def test_labels_that_restorecon_does_not_tell(enforcing: Patient, told: Told) -> None:
    enforcing.labels = StateConflictError("restorecon did not end within 5 seconds.")
    said = told(of("labels", enforcing))
    assert (said.state, said.said.partition("told: ")[2]) == ("warning", "restorecon did not end within 5 seconds.")
    assert said.remedy.endswith(f"sudo restorecon -R -n -v {enforcing.root}/opt/licence-agent-0123456789ab")


def test_labels_that_are_right_or_do_not_count(enforcing: Patient) -> None:
    assert of("labels", enforcing)[0].word == "labels-good"
    (enforcing.root / "sys/fs/selinux/enforce").unlink()
    enforcing.labels = MOVED
    assert of("labels", enforcing)[0].word == "labels-none"
