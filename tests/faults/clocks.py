"""Clocks of real processes: a wall clock that can be turned while they run, and a start of the machine at another time.

``WallClock`` puts libfaketime under a process and all it starts: whatever they ask for the wall clock is off by what
was last said, at once; the monotonic and the boot clock stay true, and so do the times of files. It needs a dynamically
linked program; one that asks the kernel past the C library is not fooled.

``another_boot`` is a command's prefix: in a time namespace the boot clock shows another uptime, and a file lies over
the kernel's boot id. The wall clock stays true. Nobody sees a machine asleep: a boot clock that runs on while nothing
else does can only be had by stopping processes. Needs root.
"""

import os
import uuid
from importlib.util import find_spec
from pathlib import Path

from keys.clock import SystemClock

_LIBRARY = "vendor/libfaketime/src/libfaketime.so.1"
_MOUNT = 'mount --bind "$0" /proc/sys/kernel/random/boot_id && exec "$@"'


class WallClock:
    """A wall clock to turn, for the processes that get its environment."""

    def __init__(self, file: Path) -> None:
        self._file, self._off = file, 0
        self.turn(0)

    @property
    def environment(self) -> dict[str, str]:
        """Variables that put processes under this clock."""
        found = find_spec("libfaketime")
        assert found is not None
        assert found.origin is not None
        return {
            "LD_PRELOAD": str(Path(found.origin).parent / _LIBRARY),
            "FAKETIME_TIMESTAMP_FILE": str(self._file),
            "FAKETIME_NO_CACHE": "1",
            "FAKETIME_DONT_FAKE_MONOTONIC": "1",
            "NO_FAKE_STAT": "1",
        }

    def now(self) -> int:
        """What the clock shows, as a NumericDate."""
        return SystemClock().now() + self._off

    def turn(self, seconds: int) -> None:
        """Turn the clock, while the processes run on."""
        self._off += seconds
        draft = self._file.with_suffix(".draft")
        draft.write_text(f"{self._off:+d}\n")
        os.replace(draft, self._file)  # noqa: PTH105 - a half-written file would be another time

    def set(self, at: int) -> None:
        """Let the clock show a moment now."""
        self.turn(at - self.now())


def another_boot(file: Path, uptime: int) -> list[str]:
    """Return what to write before a command, to run it on a machine that started ``uptime`` seconds ago.

    Args:
        file: where the new boot's id may be written.
        uptime: what the boot clock is to show, in seconds.
    """
    file.write_text(f"{uuid.uuid4()}\n")
    off = str(uptime - int(SystemClock().boot()))
    space = ("unshare", "--time", "--mount", "--fork", "--kill-child", "--boottime", off, "--monotonic", off)
    return [*space, "sh", "-c", _MOUNT, str(file)]
