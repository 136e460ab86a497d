"""``make demo`` tells the truth: it ends well only when all of it went as told, and it leaves nothing behind."""

import re
import resource
import subprocess
import sys
from pathlib import Path

import pytest

from tests.stories.processes import ROOT, clean_environment, wait_for

WEAK_HARDWARE = '{"cpu": "of a machine that has nothing else to be recognised by"}'
BREAKING = """
import os
os.environ["LICENCE_AGENT_HARDWARE"] = {hardware!r}
"""


def demo(folder: Path, *arguments: str, **settings: object) -> subprocess.CompletedProcess[str]:
    """Run the demo, with all that it makes in a folder."""
    return subprocess.run(
        [sys.executable, ROOT / "deploy/demo/run.py", *arguments],
        env=clean_environment(TMPDIR=folder, **settings),
        capture_output=True,
        text=True,
        timeout=110,
        check=False,
    )


def processes_of(folder: Path) -> list[int]:
    """Every process that was started with this folder for its temporary files."""
    found = []
    for environment in Path("/proc").glob("[0-9]*/environ"):
        try:
            variables = environment.read_bytes().split(b"\0")
        except OSError:
            continue
        if f"TMPDIR={folder}".encode() in variables:
            found.append(int(environment.parent.name))
    return found


def test_it_goes_as_told_and_leaves_nothing_behind(folder: Path) -> None:
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    told = demo(folder, LICENCE_SERVER_DATABASE="sqlite:///somebody-elses", LICENCE_AGENT_HARDWARE="/somebody-elses")
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    logs = "".join(f"\n{log.name}:\n{log.read_text()}" for log in folder.glob("*/*.log"))
    assert (told.returncode, told.stderr) == (0, ""), told.stdout + logs
    steps = re.findall(r"^ *(\d+)\. ", told.stdout, re.MULTILINE)
    assert [int(step) for step in steps] == list(range(1, len(steps) + 1))
    assert len(steps) >= 15
    assert told.stdout.count("✔") == len(steps)
    assert f"All {len(steps)} steps went as told" in told.stdout
    assert "\033" not in told.stdout, "no colours where there is no terminal"
    assert after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime < 60
    assert not list(folder.iterdir())
    assert not processes_of(folder)


def test_it_stops_and_says_so_when_a_step_goes_otherwise(folder: Path) -> None:
    """A machine with too little to be recognised by: every program is told so before it begins."""
    broken, place = folder / "broken", folder / "demo"
    for made in (broken, place):
        made.mkdir()
    (broken / "hardware.json").write_text(WEAK_HARDWARE)
    (broken / "sitecustomize.py").write_text(BREAKING.format(hardware=str(broken / "hardware.json")))
    told = demo(place, PYTHONPATH=broken)
    assert told.returncode == 1
    assert "✘" in told.stdout
    assert "fingerprint-insufficient" in told.stderr
    assert "Traceback" not in told.stdout + told.stderr
    assert "The logs are in" in told.stderr
    assert not processes_of(place)


@pytest.mark.long
def test_it_leaves_everything_running_when_asked_to(folder: Path) -> None:
    told = demo(folder, "--keep")
    assert told.returncode == 0, told.stderr
    assert len(processes_of(folder)) >= 3
    export, *commands = re.findall(r"^  ((?:export|licence-agent|licence-server) .*)$", told.stdout, re.MULTILINE)
    assert len(commands) >= 3
    for command in commands:
        subprocess.run(["/bin/bash", "-euc", f"{export}\n{command}"], check=True, capture_output=True, timeout=60)
    ending = re.findall(r"^To end it:  (.*)$", told.stdout, re.MULTILINE)
    subprocess.run(["/bin/bash", "-euc", ending[0]], check=True, timeout=60)
    wait_for("the end of the demo", lambda: processes_of(folder) == [] or None)
