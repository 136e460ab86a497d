"""The home: whose it is, who reads it, and whether its disk takes a licence."""

import os
import subprocess
from pathlib import Path

import pytest

from agent.doctor.before import HERE
from agent.doctor.checks import CHECKS
from agent.doctor.system import Room, room_at
from keys.checkup import Finding, examine
from tests.agent.doctor.conftest import Told
from tests.agent.doctor.patient import HOST, Patient
from tests.agent.vendor import Vendor
from tests.faults.smalldisk import fill, small_disk

NOBODY, OTHER = 65_534, 65_533
REMOUNT = ("mount", "-o", "remount,ro")


@pytest.fixture
def activated(patient: Patient, vendor: Vendor) -> Patient:
    patient.activate(vendor)
    patient.refusal = TimeoutError()
    return patient


def examined_here(patient: Patient, user: int = 0) -> list[Finding]:
    """Make the checks that need nobody else, as a user who may enter the folder above."""
    subject = patient.subject(f"https://{HOST}")
    patient.folder.chmod(0o755)
    (patient.folder / "hardware.json").chmod(0o644)
    os.seteuid(user)
    try:
        return examine(HERE, subject)
    finally:
        os.seteuid(0)


@pytest.mark.situation("A device key is readable by others", says="home-readable")
def test_a_key_that_others_can_read(activated: Patient, told: Told) -> None:
    key = next(activated.home.glob("keys/*.pem"))
    key.chmod(0o644)
    said = told([each for each in activated.examined() if each.check == "home"])
    assert (said.said, said.remedy) == (f"{key} is readable by others.", f"Do: chmod 600 {key}")


@pytest.mark.situation("Others can write into the home", says="home-open")
def test_a_home_that_others_write_into(activated: Patient, told: Told) -> None:
    """Whom the home lets in to read a token of theirs, it lets in afterwards."""
    activated.home.chmod(0o777)
    assert told(activated.examined()).remedy == f"Do: chmod go-w {activated.home}"


@pytest.mark.situation("The home belongs to another user", says="home-foreign")
def test_a_home_of_somebody_else(patient: Patient, told: Told) -> None:
    patient.home.mkdir(mode=0o700)
    os.chown(patient.home, OTHER, OTHER)
    said = told(examined_here(patient, NOBODY))
    assert str(OTHER) in said.said


@pytest.mark.situation("A file in the home belongs to another user", says="home-mixed")
def test_a_file_of_somebody_else(activated: Patient, told: Told) -> None:
    os.chown(activated.home / "licence.jws", OTHER, OTHER)
    said = told([each for each in activated.examined() if each.check == "home"])
    assert "chown -R" in said.remedy


@pytest.mark.situation("The settings can be read by another user only", says="home-mixed")
def test_settings_that_a_strict_root_wrote(activated: Patient, told: Told) -> None:
    settings = activated.home / "agent.toml"
    settings.write_text("ttl = 90\n")
    os.chown(settings, OTHER, OTHER)
    settings.chmod(0o644)
    assert [each.word for each in activated.examined() if each.check == "home"] == ["home-good"]
    settings.chmod(0o600)
    assert "agent.toml" in told([each for each in activated.examined() if each.check == "home"]).said


@pytest.mark.situation("The home can't be made", says="home-impossible")
def test_a_home_that_can_not_be_made(patient: Patient, told: Told) -> None:
    told(examined_here(patient, NOBODY))


@pytest.mark.situation("A file lies where the home should be", says="home-no-folder")
def test_a_file_in_place_of_the_home(patient: Patient, told: Told) -> None:
    patient.home.touch()
    told(examined_here(patient))


@pytest.mark.situation("The home's own user may not enter it", says="home-closed")
def test_a_home_that_is_closed(patient: Patient, told: Told) -> None:
    patient.home.mkdir(mode=0o100)
    os.chown(patient.home, NOBODY, NOBODY)
    told(examined_here(patient, NOBODY))


@pytest.mark.situation("The home is gone", says="home-missing")
def test_a_home_that_is_gone(patient: Patient, told: Told) -> None:
    subject = patient.subject(f"https://{HOST}")
    told(examine({"home": CHECKS["home"]}, subject))


@pytest.mark.situation("The stored licence is damaged, and its second copy too", says="state-damaged")
def test_a_licence_that_is_damaged(activated: Patient, told: Told) -> None:
    for path in (activated.home / "licence.jws", activated.home / "copies/licence.jws"):
        path.write_bytes(b"noise")
    said = told([each for each in activated.examined() if each.check == "state"])
    assert "licence.jws is damaged" in said.said


ROOMS = {
    "room-full": pytest.param(
        Room(4096, 90_000), marks=pytest.mark.situation("The disk is full", says="room-full"), id="full"
    ),
    "room-no-files": pytest.param(
        Room(1 << 40, 3), marks=pytest.mark.situation("The disk takes no more files", says="room-no-files"), id="files"
    ),
    "room-read-only": pytest.param(
        Room(1 << 40, -1, read_only=True),
        marks=pytest.mark.situation("The disk is read-only", says="room-read-only"),
        id="read-only",
    ),
    "room-little": pytest.param(
        Room(9 << 20, -1), marks=pytest.mark.situation("The disk is nearly full", says="room-little"), id="little"
    ),
}


@pytest.mark.parametrize("room", ROOMS.values())
def test_a_disk_that_takes_no_more(patient: Patient, told: Told, room: Room) -> None:
    patient.room = room
    assert told(examined_here(patient)).check == "room"


def test_a_real_disk_is_read_as_it_is(folder: Path) -> None:
    with small_disk(folder / "disk", 2) as disk:
        empty = room_at(disk / "not" / "there")
        fill(disk)
        full = room_at(disk)
        subprocess.run([*REMOUNT, str(disk)], check=True)
        closed = room_at(disk)
    assert empty.free > 1 << 20 > full.free
    assert (full.read_only, closed.read_only) == (False, True)
