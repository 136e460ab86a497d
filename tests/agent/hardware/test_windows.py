"""Windows components, from a registry in memory."""

import struct
import uuid
from collections import namedtuple

import psutil
import pytest

from agent.hardware import windows
from agent.hardware.reading import read_all
from agent.hardware.windows import WindowsReaders, structures

SYSTEM = uuid.UUID("4c4c4544-0042-3510-8036-b4c04f4d3258")
Address = namedtuple("Address", "family address")  # noqa: PYI024 - psutil's shape


class MemoryRegistry:
    """A registry (agent.hardware.windows.Registry) with what a test put into it."""

    def __init__(self, values: dict[tuple[str, str], object], locked: frozenset[str] = frozenset()) -> None:
        self.values, self.locked = values, locked

    def value(self, key: str, name: str) -> object:
        if name in self.locked:
            raise PermissionError(13, "Access is denied")
        return self.values.get((key, name))

    def children(self, key: str) -> tuple[str, ...]:
        below = {
            found.removeprefix(f"{key}\\").split("\\")[0] for found, _ in self.values if found.startswith(f"{key}\\")
        }
        return tuple(sorted(below))


def structure(kind: int, body: bytes, *texts: str) -> bytes:
    head = struct.pack("BBH", kind, 4 + len(body), kind)
    return head + body + (b"\0".join(text.encode() for text in texts) or b"\0") + b"\0" + (b"\0" if texts else b"")


TABLE = (
    bytes(8)
    + structure(0, b"\1", "Firmware")
    + structure(1, bytes(4) + SYSTEM.bytes_le + bytes(2), "Maker")
    + structure(2, bytes([1, 2, 3, 4]), "Maker", "Board", "1.0", "BOARD-77")
    + structure(127, b"")
)
ADAPTER = f"{windows._ADAPTERS}\\0001"
VALUES: dict[tuple[str, str], object] = {
    (windows._CRYPTOGRAPHY, "MachineGuid"): "3d1219c7-c4c5-404a",
    (windows._FIRMWARE, "SMBiosData"): TABLE,
    (windows._DISKS, "0"): r"SCSI\Disk&Ven_NVMe\5&abc&0&000000",
    (windows._PROCESSOR, "VendorIdentifier"): "GenuineIntel",
    (windows._PROCESSOR, "ProcessorNameString"): "Xeon ",
    (windows._BOOTS, "BootId"): 42,
    (windows._BIOS, "SystemManufacturer"): "VMware, Inc.",
    (ADAPTER, "Characteristics"): 0x84,
    (ADAPTER, "NetCfgInstanceId"): "{GUID-1}",
    (rf"{windows._CONNECTIONS}\{{GUID-1}}\Connection", "Name"): "Ethernet",
    (f"{windows._ADAPTERS}\\0002", "Characteristics"): 0x1,
    (f"{windows._ADAPTERS}\\0002", "NetCfgInstanceId"): "{GUID-2}",
}


@pytest.fixture
def adapters(monkeypatch) -> None:
    links = {"Ethernet": [Address(psutil.AF_LINK, "AA-00-00-00-00-01"), Address(2, "10.0.0.1")]}
    monkeypatch.setattr(psutil, "net_if_addrs", lambda: links)


@pytest.mark.usefixtures("adapters")
def test_a_plain_server() -> None:
    assert read_all(WindowsReaders(MemoryRegistry(VALUES)).all()).values == {
        "product_uuid": str(SYSTEM),
        "machine_id": "3d1219c7-c4c5-404a",
        "board_serial": "BOARD-77",
        "disk_serial": r"SCSI\Disk&Ven_NVMe\5&abc&0&000000",
        "mac": "aa:00:00:00:00:01",
        "cpu": "GenuineIntel Xeon",
    }


@pytest.mark.usefixtures("adapters")
def test_an_empty_registry_has_nothing() -> None:
    readers = WindowsReaders(MemoryRegistry({}))
    assert read_all(readers.all()).values == {}
    assert readers.virtualisation() == "none"


@pytest.mark.usefixtures("adapters")
def test_a_locked_key_is_not_absent() -> None:
    readers = WindowsReaders(MemoryRegistry(VALUES, frozenset({"SMBiosData"})))
    assert set(read_all(readers.all()).unreadable) == {"product_uuid", "board_serial"}


def test_boots_differ_and_the_host_is_guessed() -> None:
    readers = WindowsReaders(MemoryRegistry(VALUES))
    assert readers.boot_id() == "3d1219c7-c4c5-404a:42"
    assert readers.virtualisation() == "vmware"


@pytest.mark.parametrize("length", range(len(TABLE)))
def test_a_cut_table_is_read_as_far_as_it_goes(length: int) -> None:
    assert len(structures(TABLE[:length])) <= 4
