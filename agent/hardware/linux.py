"""Linux: what the kernel says under /proc, /sys and /etc."""

from collections.abc import Mapping
from pathlib import Path

from agent.hardware.kept import kept
from agent.hardware.reading import Reader

_SERIALS = ("serial", "device/serial", "wwid", "device/wwid", "device/vpd_pg80")


class LinuxReaders:
    """Reads below a root folder, which tests replace."""

    def __init__(self, root: Path = Path("/")) -> None:
        self._root = root

    def all(self) -> Mapping[str, Reader]:
        """Return the readers by the component's name."""
        return {
            "product_uuid": lambda: self._roots_own("product_uuid"),
            "machine_id": self.machine_id,
            "board_serial": lambda: self._roots_own("board_serial"),
            "disk_serial": self.disk_serial,
            "mac": self.mac,
            "cpu": self.cpu,
        }

    def machine_id(self) -> str | None:
        """Return the machine id; in a container the installer mounts the host's there."""
        found = self._text("etc/machine-id")
        return None if found in {None, "", "uninitialized"} else found

    def disk_serial(self) -> str | None:
        """Return the serial numbers of the disks that hold the root file system; None for a network root.

        A container's root is an overlay. The machine id that is mounted there lies on the disks of the host's.
        """
        device = self._root_device()
        if device is None:
            return None
        serials = sorted({serial for disk in self._disks(device) if (serial := self._serial(disk))})
        return ",".join(serials) or None

    def mac(self) -> str | None:
        """Return the sorted addresses of the physical adapters: bridges, bonds, veths and tunnels have no device."""
        physical = {path.parent.name for path in self._root.glob("sys/class/net/*/device")}
        addresses = {self._permanent(name) for name in physical}
        return ",".join(sorted(address for address in addresses if address.strip("0:"))) or None

    def cpu(self) -> str | None:
        """Return vendor and model of the first processor."""
        facts: dict[str, str] = {}
        for line in (self._text("proc/cpuinfo") or "").splitlines():
            name, _, value = line.partition(":")
            facts.setdefault(name.strip(), value.strip())
        names = ("vendor_id", "cpu family", "model", "model name", "CPU implementer", "CPU part", "Hardware")
        return " ".join(facts[name] for name in names if facts.get(name)) or None

    def boot_id(self) -> str:
        """Return the id of this boot. Raises OSError."""
        return self._text("proc/sys/kernel/random/boot_id") or "unknown"

    def virtualisation(self) -> str:
        """Guess what the machine runs in, for people: ``none``, or a name."""
        if (self._root / ".dockerenv").exists() or (self._root / "run/.containerenv").exists():
            return "container"
        try:
            maker = (self._text("sys/class/dmi/id/sys_vendor") or "").lower()
        except OSError:
            maker = ""
        makers = {"qemu": "kvm", "vmware": "vmware", "microsoft": "hyperv", "innotek": "virtualbox", "xen": "xen"}
        for part, name in makers.items():
            if part in maker:
                return name
        flags = next((line for line in (self._text("proc/cpuinfo") or "").splitlines() if line.startswith("flags")), "")
        return "vm" if " hypervisor" in flags else "none"

    def _roots_own(self, name: str) -> str | None:
        """Return what only root may read; for others, what root kept of it at this boot."""
        try:
            return self._text(f"sys/class/dmi/id/{name}")
        except PermissionError:
            found = kept(self.boot_id(), self._root)
            if found is None:
                raise
            return found.get(name)

    def _permanent(self, name: str) -> str:
        """Return an adapter's own address, which a bond or an administrator may have covered; else the present one."""
        address = self._text(f"sys/class/net/{name}/bonding_slave/perm_hwaddr")
        address = address or self._text(f"sys/class/net/{name}/address")
        return (address or "").lower()

    def _root_device(self) -> str | None:
        devices: dict[str, str] = {}
        for line in (self._text("proc/self/mountinfo") or "").splitlines():
            parts = line.split()
            if len(parts) > 4 and not parts[2].startswith("0:"):
                devices.setdefault(parts[4], parts[2])
        return devices.get("/") or devices.get("/etc/machine-id")

    def _disks(self, device: str) -> list[Path]:
        """Return the whole disks under a device: through partitions, LVM, RAID and encryption."""
        waiting, disks, seen = [(self._root / "sys/dev/block" / device).resolve()], [], set()
        while waiting:
            block = waiting.pop()
            if block in seen or not block.is_dir():
                continue
            seen.add(block)
            slaves = [link.resolve() for link in sorted(block.glob("slaves/*"))]
            if slaves:
                waiting.extend(slaves)
            elif (block / "partition").exists():
                waiting.append(block.parent)
            else:
                disks.append(block)
        return disks

    def _serial(self, disk: Path) -> str | None:
        for name in _SERIALS:
            path = disk / name
            if path.exists():
                content = path.read_bytes()
                text = (content[4:] if name.endswith("vpd_pg80") else content).decode("ascii", "replace").strip("\0 \n")
                if text:
                    return text
        return None

    def _text(self, name: str) -> str | None:
        """Return a file's text, None where there is no such file. Raises OSError when it can't be read just now."""
        try:
            return (self._root / name).read_text(encoding="utf-8", errors="replace").strip()
        except (FileNotFoundError, NotADirectoryError):
            return None
