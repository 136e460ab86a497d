"""Linux components, from a tree of files as the kernel lays it out."""

from pathlib import Path

import pytest

from agent.hardware.linux import LinuxReaders
from agent.hardware.reading import read_all

DISK = "sys/devices/pci/block"


class Tree:
    """A root folder under construction."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def put(self, name: str, text: str = "") -> None:
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="latin-1")

    def link(self, name: str, target: str) -> None:
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.symlink_to(self.root / target)

    def root_on(self, device: str, block: str) -> None:
        self.put("proc/self/mountinfo", f"22 1 0:21 / /proc rw\n27 1 {device} / / rw,relatime - ext4 /dev/x rw\n")
        self.link(f"sys/dev/block/{device}", block)


@pytest.fixture
def tree(tmp_path: Path) -> Tree:
    return Tree(tmp_path)


def test_a_plain_server(tree: Tree) -> None:
    tree.put("sys/class/dmi/id/product_uuid", "4C4C4544-0042\n")
    tree.put("sys/class/dmi/id/board_serial", "PF3X\n")
    tree.put("etc/machine-id", "3d1219c7c4c5404aaa1f6d2a48adfda4\n")
    tree.put("proc/cpuinfo", "processor: 0\nvendor_id\t: GenuineIntel\nmodel name\t: Xeon\n\nvendor_id: Other\n")
    tree.put(f"{DISK}/sda/serial", "S3Z8\n")
    tree.put(f"{DISK}/sda/sda1/partition", "1")
    tree.root_on("8:1", f"{DISK}/sda/sda1")
    tree.put("sys/class/net/eth1/address", "AA:00:00:00:00:02\n")
    tree.put("sys/class/net/eth1/device/vendor")
    tree.put("sys/class/net/eth0/address", "aa:00:00:00:00:01\n")
    tree.put("sys/class/net/eth0/device/vendor")
    tree.put("sys/class/net/docker0/address", "02:42:00:00:00:00\n")
    tree.put("sys/class/net/veth1/address", "02:42:00:00:00:07\n")
    reading = read_all(LinuxReaders(tree.root).all())
    assert reading.values == {
        "product_uuid": "4C4C4544-0042",
        "board_serial": "PF3X",
        "machine_id": "3d1219c7c4c5404aaa1f6d2a48adfda4",
        "disk_serial": "S3Z8",
        "mac": "aa:00:00:00:00:01,aa:00:00:00:00:02",
        "cpu": "GenuineIntel Xeon",
    }
    assert not reading.unreadable


def test_an_empty_machine_has_nothing_and_fails_at_nothing(tree: Tree) -> None:
    reading = read_all(LinuxReaders(tree.root).all())
    assert (reading.values, reading.unreadable) == ({}, {})
    assert LinuxReaders(tree.root).boot_id() == "unknown"
    assert LinuxReaders(tree.root).virtualisation() == "none"


def test_what_is_there_but_can_not_be_read_is_not_absent(tree: Tree) -> None:
    (tree.root / "sys/class/dmi/id/product_uuid").mkdir(parents=True)
    reading = read_all(LinuxReaders(tree.root).all())
    assert list(reading.unreadable) == ["product_uuid"]


def test_a_root_on_two_mirrored_and_encrypted_disks(tree: Tree) -> None:
    for disk in ("sda", "sdb"):
        tree.put(f"{DISK}/{disk}/device/wwid", f"naa.{disk}\n")
        tree.put(f"{DISK}/{disk}/{disk}2/partition", "2")
        tree.link(f"sys/devices/virtual/block/md0/slaves/{disk}2", f"{DISK}/{disk}/{disk}2")
    tree.link("sys/devices/virtual/block/dm-0/slaves/md0", "sys/devices/virtual/block/md0")
    tree.root_on("253:0", "sys/devices/virtual/block/dm-0")
    assert LinuxReaders(tree.root).disk_serial() == "naa.sda,naa.sdb"


def test_a_scsi_page_is_read_past_its_header(tree: Tree) -> None:
    tree.put(f"{DISK}/sda/device/vpd_pg80", "\0\x80\0\x04S3Z8")
    tree.root_on("8:0", f"{DISK}/sda")
    assert LinuxReaders(tree.root).disk_serial() == "S3Z8"


@pytest.mark.parametrize("device", ["0:45", "8:99"])
def test_an_overlay_or_unknown_root_has_no_disk(tree: Tree, device: str) -> None:
    tree.put("proc/self/mountinfo", f"27 1 {device} / / rw - overlay overlay rw\n")
    assert LinuxReaders(tree.root).disk_serial() is None


def test_a_container_stands_on_the_disk_of_the_host_whose_machine_id_is_mounted(tree: Tree) -> None:
    overlay, tmpfs = "27 1 0:45 / / ro - overlay overlay ro\n", "28 27 0:46 / /etc/hosts ro - tmpfs tmpfs ro\n"
    tree.put("proc/self/mountinfo", f"{overlay}{tmpfs}29 27 8:1 /etc/machine-id /etc/machine-id ro - ext4 /dev/x ro\n")
    tree.put(f"{DISK}/sda/serial", "S3Z8\n")
    tree.put(f"{DISK}/sda/sda1/partition", "1")
    tree.link("sys/dev/block/8:1", f"{DISK}/sda/sda1")
    assert LinuxReaders(tree.root).disk_serial() == "S3Z8"


def test_an_uninitialised_machine_id_is_none(tree: Tree) -> None:
    tree.put("etc/machine-id", "uninitialized\n")
    assert LinuxReaders(tree.root).machine_id() is None


def test_a_bonded_adapter_keeps_its_own_address(tree: Tree) -> None:
    tree.put("sys/class/net/eth0/address", "aa:00:00:00:00:99")
    tree.put("sys/class/net/eth0/bonding_slave/perm_hwaddr", "aa:00:00:00:00:01")
    tree.put("sys/class/net/eth0/device/vendor")
    assert LinuxReaders(tree.root).mac() == "aa:00:00:00:00:01"


@pytest.mark.parametrize(
    ("name", "text", "guess"),
    [
        (".dockerenv", "", "container"),
        ("sys/class/dmi/id/sys_vendor", "QEMU\n", "kvm"),
        ("sys/class/dmi/id/sys_vendor", "VMware, Inc.\n", "vmware"),
        ("sys/class/dmi/id/sys_vendor", "Dell Inc.\n", "none"),
        ("proc/cpuinfo", "flags : fpu hypervisor lahf\n", "vm"),
    ],
)
def test_what_it_runs_in_is_guessed(tree: Tree, name: str, text: str, guess: str) -> None:
    tree.put(name, text)
    assert LinuxReaders(tree.root).virtualisation() == guess
