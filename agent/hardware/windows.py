"""Windows: what the registry and the firmware tables say. No WMI and no shell: both fail on locked-down servers."""

import struct
import sys
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

import psutil

from agent.hardware.reading import Reader

_CRYPTOGRAPHY = r"SOFTWARE\Microsoft\Cryptography"
_FIRMWARE = r"SYSTEM\CurrentControlSet\Services\mssmbios\Data"
_PROCESSOR = r"HARDWARE\DESCRIPTION\System\CentralProcessor\0"
_BIOS = r"HARDWARE\DESCRIPTION\System\BIOS"
_DISKS = r"SYSTEM\CurrentControlSet\Services\disk\Enum"
_BOOTS = r"SYSTEM\CurrentControlSet\Control\Session Manager\Memory Management\PrefetchParameters"
_ADAPTERS = r"SYSTEM\CurrentControlSet\Control\Class\{4d36e972-e325-11ce-bfc1-08002be10318}"
_PHYSICAL = 0x4
"""NCF_PHYSICAL in an adapter's ``Characteristics``."""


class Registry(Protocol):
    """HKEY_LOCAL_MACHINE, 64-bit view."""

    def value(self, key: str, name: str) -> object:
        """Return a value, or None where there is none. Raises OSError when it can't be read just now."""
        ...

    def children(self, key: str) -> tuple[str, ...]:
        """Return the names of the keys below a key; none where there is no such key."""
        ...


@dataclass(frozen=True, slots=True)
class Structure:
    """One structure of the SMBIOS table (DMTF DSP0134)."""

    kind: int
    body: bytes
    texts: tuple[str, ...]

    def text(self, offset: int) -> str | None:
        """Return the text that the byte at an offset numbers; 0 numbers none."""
        number = self.body[offset] if len(self.body) > offset else 0
        return self.texts[number - 1] if 0 < number <= len(self.texts) else None


class WindowsReaders:
    """Reads from a registry, which tests replace."""

    def __init__(self, registry: Registry) -> None:
        self._registry = registry

    def all(self) -> Mapping[str, Reader]:
        """Return the readers by the component's name."""
        return {
            "product_uuid": self.product_uuid,
            "machine_id": lambda: self._text(_CRYPTOGRAPHY, "MachineGuid"),
            "board_serial": self.board_serial,
            "disk_serial": self.disk_serial,
            "mac": self.mac,
            "cpu": self.cpu,
        }

    def product_uuid(self) -> str | None:
        """Return the SMBIOS system UUID, written as Linux writes it (type 1, offset 8, first fields little-endian)."""
        for structure in self._structures(1):
            if len(structure.body) >= 24:
                return str(uuid.UUID(bytes_le=structure.body[8:24]))
        return None

    def board_serial(self) -> str | None:
        """Return the serial number of the baseboard (type 2, offset 7)."""
        return next((text for board in self._structures(2) if (text := board.text(7))), None)

    def disk_serial(self) -> str | None:
        """Return the instance id of the first disk, the one that Windows starts from."""
        return self._text(_DISKS, "0")

    def mac(self) -> str | None:
        """Return the sorted addresses of the physical adapters."""
        addresses = psutil.net_if_addrs()
        found = set()
        for child in self._registry.children(_ADAPTERS):
            key = f"{_ADAPTERS}\\{child}"
            traits, instance = self._registry.value(key, "Characteristics"), self._text(key, "NetCfgInstanceId")
            if not isinstance(traits, int) or not traits & _PHYSICAL or instance is None:
                continue
            name = self._text(rf"{_CONNECTIONS}\{instance}\Connection", "Name")
            found |= {each.address for each in addresses.get(name or "", ()) if each.family == psutil.AF_LINK}
        return ",".join(sorted(address.replace("-", ":").lower() for address in found)) or None

    def cpu(self) -> str | None:
        """Return vendor and model of the first processor."""
        names = ("VendorIdentifier", "Identifier", "ProcessorNameString")
        return " ".join(text for name in names if (text := self._text(_PROCESSOR, name))) or None

    def boot_id(self) -> str:
        """Return the number of this boot, together with the machine's id: alone it would be the same on many."""
        number = self._registry.value(_BOOTS, "BootId")
        return f"{self._text(_CRYPTOGRAPHY, 'MachineGuid')}:{number}"

    def virtualisation(self) -> str:
        """Guess what the machine runs in, for people: ``none``, or a name."""
        said = f"{self._text(_BIOS, 'SystemManufacturer')} {self._text(_BIOS, 'SystemProductName')}".lower()
        names = {"vmware": "vmware", "virtualbox": "virtualbox", "qemu": "kvm", "virtual machine": "hyperv"}
        return next((name for part, name in names.items() if part in said), "none")

    def _structures(self, kind: int) -> list[Structure]:
        table = self._registry.value(_FIRMWARE, "SMBiosData")
        return [each for each in structures(table) if each.kind == kind] if isinstance(table, bytes) else []

    def _text(self, key: str, name: str) -> str | None:
        value = self._registry.value(key, name)
        return value.strip() or None if isinstance(value, str) else None


_CONNECTIONS = r"SYSTEM\CurrentControlSet\Control\Network\{4D36E972-E325-11CE-BFC1-08002BE10318}"


def structures(table: bytes) -> list[Structure]:
    """Read the structures of a raw SMBIOS table with Windows' header of 8 bytes; a cut one ends the list."""
    found, rest = [], table[8:]
    while len(rest) >= 4:
        kind, length = struct.unpack_from("BB", rest)
        end = rest.find(b"\0\0", length)
        if length < 4 or end < 0:
            break
        texts = tuple(text.decode("latin-1").strip() for text in rest[length:end].split(b"\0"))
        found.append(Structure(kind, rest[:length], texts))
        rest = rest[end + 2 :]
    return found


if sys.platform == "win32":
    import winreg

    class LocalMachine:
        """The registry of this machine."""

        def value(self, key: str, name: str) -> object:
            """See Registry."""
            try:
                with winreg.OpenKey(winreg.HKEY_LOCAL_MACHINE, key, 0, _READ) as opened:
                    return winreg.QueryValueEx(opened, name)[0]
            except FileNotFoundError:
                return None

        def children(self, key: str) -> tuple[str, ...]:
            """See Registry."""
            try:
                with winreg.OpenKey(winreg.HKEY_LOCAL_MACHINE, key, 0, _READ) as opened:
                    return tuple(winreg.EnumKey(opened, index) for index in range(winreg.QueryInfoKey(opened)[0]))
            except FileNotFoundError:
                return ()

    _READ = winreg.KEY_READ | winreg.KEY_WOW64_64KEY
