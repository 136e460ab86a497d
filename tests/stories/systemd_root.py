"""A Debian whose process 1 is systemd: the bare one's disk, firmware, boots and power cuts, and services for real.

It has a control group of its own in the unified hierarchy, whatever else this machine uses; the kernel's controllers
(memory, processor time) may be missing there, and no unit of ours asks for one. Seccomp, namespaces, device rules and
capabilities are the kernel's own, as on a customer's server. What would reach this machine, it may not: kernel settings
are read-only, modules, the wall clock, the kernel's log and its audit are out of reach, and there is no console.
"""

from dataclasses import dataclass
from typing import ClassVar

from tests.stories.bare_root import BareRoot
from tests.stories.processes import wait_for

_GROUPS = "mount -t cgroup2 cgroup2 /sys/fs/cgroup && cd /sys/fs/cgroup"
"""In a network namespace there is a /sys of its own, without them."""
_ENTER = f'{_GROUPS} && mkdir -p {{name}} && echo $$ > {{name}}/cgroup.procs && exec "$@"'
_LEAVE = f"{_GROUPS} && find {{name}} -depth -type d -exec rmdir {{{{}}}} +"
_MOUNTS = """
mkdir -p {root}/sys/fs/cgroup {root}/etc/systemd/system
mount -t cgroup2 cgroup2 {root}/sys/fs/cgroup
mount --rbind {root}/dev {root}/dev
mount --rbind {root}/proc/sys {root}/proc/sys
mount -o remount,bind,ro {root}/proc/sys
mount --bind /dev/null {root}/dev/console
ln -sf /dev/null {root}/etc/systemd/system/getty.target
"""
_PROCESS_1 = """
cd {root}
pivot_root . .
umount -l .
exec env -i container=bare PATH=/usr/sbin:/usr/bin:/sbin:/bin setpriv \
  --bounding-set=-sys_module,-sys_time,-sys_rawio,-syslog,-audit_control,-audit_read,-bpf,-perfmon /sbin/init
"""


@dataclass
class SystemdRoot(BareRoot):
    """One such machine."""

    packages: ClassVar[tuple[str, ...]] = ("systemd-sysv",)
    namespaces: ClassVar[tuple[str, ...]] = (*BareRoot.namespaces, "--cgroup")
    mounts: ClassVar[str] = _MOUNTS
    process_1: ClassVar[str] = _PROCESS_1

    @property
    def before(self) -> tuple[str, ...]:
        """See BareRoot: in a control group of its own."""
        return "sh", "-c", _ENTER.format(name=self.network.name), "sh"

    def switch_on(self) -> None:
        """Start it, and wait until all that starts with it has."""
        super().switch_on()
        wait_for("systemd", lambda: self.run("systemctl", "is-system-running").stdout.startswith("running") or None)

    def switch_off(self) -> None:
        """End everything in it at once, as at a power cut."""
        super().switch_off()
        wait_for("the end of its processes", self._leave)

    def is_off(self) -> bool | None:
        """Whether it switched itself off; for ``wait_for``."""
        return True if self.init is not None and self.init.poll() is not None else None

    def _leave(self) -> bool | None:
        return self.network.run("sh", "-c", _LEAVE.format(name=self.network.name)).returncode == 0 or None
