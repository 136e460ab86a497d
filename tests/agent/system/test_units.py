"""The service files: what systemd thinks of how little they may, and that it understands them."""

import re
import shutil
import subprocess
from pathlib import Path

import pytest

UNITS = Path(__file__).parents[3] / "agent/system/units"
MOST = 2.0
"""Exposure that is allowed, on systemd's scale from 0 to 10."""
ANALYZE = str(shutil.which("systemd-analyze"))
_EXPOSURE = re.compile(r"Overall exposure level for \S+: ([0-9.]+)")


def exposure(unit: Path) -> float:
    done = subprocess.run(
        [ANALYZE, "security", "--offline=true", "--no-pager", str(unit)],
        capture_output=True, text=True, check=False, timeout=60,
    )  # fmt: skip
    found = _EXPOSURE.search(done.stdout)
    assert found is not None, done.stderr
    return float(found[1])


@pytest.mark.threat(49)
@pytest.mark.parametrize("unit", sorted(UNITS.glob("*.service")), ids=lambda path: path.name)
def test_a_service_may_next_to_nothing(unit: Path) -> None:
    assert exposure(unit) <= MOST


@pytest.mark.threat(49, control=True)
def test_a_service_that_may_more_is_seen(tmp_path: Path) -> None:
    open_one = tmp_path / "licence-agent.service"
    open_one.write_text("[Service]\nExecStart=/opt/licence-agent/bin/licence-agent run\nUser=licence-agent\n")
    assert exposure(open_one) > MOST


@pytest.mark.parametrize("unit", sorted(UNITS.glob("*.service")), ids=lambda path: path.name)
def test_systemd_knows_every_line(unit: Path, tmp_path: Path) -> None:
    ours = tmp_path / unit.name
    ours.write_text(unit.read_text().replace("/opt/licence-agent/bin/licence-agent", "/bin/true"))
    done = subprocess.run(
        [ANALYZE, "verify", "--man=no", str(ours)], capture_output=True, text=True, check=False, timeout=60
    )
    assert not [line for line in done.stderr.splitlines() if unit.name in line]
