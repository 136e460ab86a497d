"""What root kept of the hardware: for the agent's group, of this boot, of this machine, and of root alone."""

import json
import os
import stat
from collections.abc import Callable
from pathlib import Path

import pytest

from agent.hardware.kept import KEPT, keep
from agent.hardware.linux import LinuxReaders
from agent.hardware.reading import read_all
from agent.system.owner import acting_as_owner

BOOT = "6a1f2c3d-0000-4000-8000-000000000001"
NOBODY = 65_534
FIRMWARE = {"product_uuid": "4C4C4544-0042", "board_serial": "PF3X"}


@pytest.fixture
def machine(public_path: Path) -> Path:
    """A root folder whose serial numbers only root can read, and in it a folder of nobody's."""
    root = public_path / "machine"
    for name, value in FIRMWARE.items():
        path = root / "sys/class/dmi/id" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"{value}\n")
        path.chmod(0o400)
    boots(root, BOOT)
    (root / "home").mkdir()
    os.chown(root / "home", NOBODY, NOBODY)
    return root


def boots(root: Path, boot: str) -> None:
    path = root / "proc/sys/kernel/random/boot_id"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"{boot}\n")


def kept_by_root(root: Path) -> None:
    readers = LinuxReaders(root)
    keep(readers.all(), readers.boot_id(), root, NOBODY)


def read_by_nobody(root: Path) -> dict[str, str]:
    """The two components as an agent without root reads them."""
    with acting_as_owner(root / "home"):
        reading = read_all(LinuxReaders(root).all())
    assert set(reading.unreadable) <= set(FIRMWARE)
    return {name: value for name, value in reading.values.items() if name in FIRMWARE}


def test_an_agent_without_root_reads_what_root_kept(machine: Path) -> None:
    assert not read_by_nobody(machine)
    kept_by_root(machine)
    assert read_by_nobody(machine) == FIRMWARE
    facts = (machine / KEPT).stat()
    assert (facts.st_uid, facts.st_gid, stat.S_IMODE(facts.st_mode)) == (0, NOBODY, 0o640)


def test_what_this_machine_has_not_is_absent_and_no_riddle(machine: Path) -> None:
    (machine / "sys/class/dmi/id/board_serial").write_text("\n")
    kept_by_root(machine)
    assert read_by_nobody(machine) == {"product_uuid": FIRMWARE["product_uuid"]}


def anew(root: Path) -> None:
    boots(root, "another")


def rewritten(**members: object) -> Callable[[Path], None]:
    def spoil(root: Path) -> None:
        path = root / KEPT
        path.write_text(json.dumps(json.loads(path.read_text()) | members))

    return spoil


def a_folder(root: Path) -> None:
    (root / KEPT).unlink()
    (root / KEPT).mkdir()


def cut(root: Path) -> None:
    (root / KEPT).write_text("{")


def linked(root: Path) -> None:
    (root / KEPT).rename(root / "elsewhere")
    (root / KEPT).symlink_to(root / "elsewhere")


SPOILT: dict[str, Callable[[Path], None]] = {
    "an earlier boot's, or another machine's": anew,
    "somebody else's": lambda root: os.chown(root / KEPT, NOBODY, NOBODY),
    "writable by the group": lambda root: (root / KEPT).chmod(0o660),
    "a link": linked,
    "a folder": a_folder,
    "no JSON": cut,
    "another version": rewritten(version=2),
    "no text": rewritten(components={"product_uuid": 7}),
    "endless": rewritten(padding="x" * 70_000),
}


@pytest.mark.threat(49)
@pytest.mark.parametrize("how", SPOILT)
def test_what_root_did_not_keep_at_this_boot_counts_for_nothing(machine: Path, how: str) -> None:
    kept_by_root(machine)
    SPOILT[how](machine)
    assert not read_by_nobody(machine)


def test_root_reads_by_itself(machine: Path) -> None:
    kept_by_root(machine)
    (machine / "sys/class/dmi/id/board_serial").write_text("EXCHANGED\n")
    assert read_all(LinuxReaders(machine).all()).values["board_serial"] == "EXCHANGED"
