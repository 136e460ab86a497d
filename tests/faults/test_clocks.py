"""The tools for clocks bite where they should, and nowhere else."""

import json
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

import pytest

from keys.clock import SystemClock
from tests.faults.clocks import WallClock, another_boot
from tests.stories.processes import ROOT, clean_environment

LOOK = """
import json, pathlib, sys
from keys.clock import SystemClock
clock, boot_id = SystemClock(), pathlib.Path("/proc/sys/kernel/random/boot_id")
for _ in sys.stdin:
    print(json.dumps([clock.now(), clock.boot(), boot_id.read_text()]), flush=True)
"""


class Sight(NamedTuple):
    """What a process sees, less what is true."""

    wall: float
    boot: float
    boot_id: str


class Looker:
    """A process that looks at its clocks when it is told to."""

    def __init__(self, prefix: list[str], environment: dict[str, str]) -> None:
        command = [*prefix, sys.executable, "-c", LOOK]
        self.process = subprocess.Popen(
            command,
            cwd=ROOT,
            env=clean_environment(**environment),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def look(self) -> Sight:
        """See what it sees; on a busy machine again, until its clock and ours are read in one second."""
        clock = SystemClock()
        while True:
            began, sight = clock.boot(), self._look()
            if clock.boot() - began < 1:
                return sight

    def _look(self) -> Sight:
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.write("\n")
        self.process.stdin.flush()
        wall, boot, boot_id = json.loads(self.process.stdout.readline())
        clock = SystemClock()
        return Sight(wall - clock.now(), boot - clock.boot(), boot_id.strip())

    def end(self) -> None:
        self.process.communicate()


def near(value: float) -> object:
    return pytest.approx(value, abs=2)


BOOT_ID = Path("/proc/sys/kernel/random/boot_id")


@pytest.mark.threat(9, control=True)
@pytest.mark.threat(10, control=True)
def test_the_wall_clock_turns_under_a_running_process_and_the_boot_clock_does_not(tmp_path: Path) -> None:
    clock = WallClock(tmp_path / "clock")
    looker = Looker([], clock.environment)
    boot_id = BOOT_ID.read_text().strip()
    assert looker.look() == (near(0), near(0), boot_id)
    for turn in (-1, -3600, -400 * 86_400):
        clock.turn(turn)
        assert looker.look() == (near(clock.now() - SystemClock().now()), near(0), boot_id)
    clock.set(2**31 + 5)
    assert looker.look().wall + SystemClock().now() == near(2**31 + 5)
    looker.end()


@pytest.mark.threat(9, control=True)
def test_another_boot_has_another_id_and_uptime_and_the_true_time(tmp_path: Path) -> None:
    looker = Looker(another_boot(tmp_path / "boot_id", 1000), {})
    wall, boot, boot_id = looker.look()
    assert (wall, boot + SystemClock().boot()) == (near(0), near(1000))
    assert boot_id == (tmp_path / "boot_id").read_text().strip() != BOOT_ID.read_text().strip()
    looker.end()
