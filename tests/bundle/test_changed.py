"""One byte of a package after another is changed: whichever it is, nothing is installed."""

import os
import random
import subprocess
from pathlib import Path

import pytest

from tests.licence_server.office import Home
from tests.licence_server.release import SCRIPT_END, archive
from tests.stories.processes import clean_environment

HOME = "nobody"


def started(package: Path) -> subprocess.CompletedProcess[str]:
    environment = {
        **clean_environment(),
        "LICENCE_AGENT_HOME": str(package.parent / HOME),
        "TMPDIR": str(package.parent),
    }
    return subprocess.run(
        ["/bin/sh", package], capture_output=True, text=True, errors="replace", check=False, env=environment
    )


def left(folder: Path) -> set[str]:
    """The beginnings of the names of what was not there before."""
    names = {path.name for path in folder.iterdir()} - {"home", "agent.run", "agent.tar.gz", HOME}
    return {name.partition(".")[0] for name in names}


@pytest.mark.long
@pytest.mark.threat(56)
def test_whichever_byte_is_changed_nothing_is_installed(tmp_path: Path, rounds, figure) -> None:
    """Half of them in the script, which runs before anything can be checked."""
    home = Home(tmp_path / "home")
    home.ask("init", "--issuer", "https://licence.example.com")
    package = tmp_path / "agent.run"
    home.ask("bundle", "--archive", archive(tmp_path / "agent.tar.gz"), "-o", package)
    good, chance = package.read_bytes(), random.Random(56)
    script = good.index(SCRIPT_END) + len(SCRIPT_END)
    assert "installed" in started(package).stdout
    changes = rounds(400, sample=16)
    silent = 0
    for number in range(changes):
        place = chance.randrange(script) if number % 2 else chance.randrange(script, len(good))
        bad = bytearray(good)
        bad[place] ^= 1 << chance.randrange(8)
        package.write_bytes(bad)
        done = started(package)
        assert done.returncode != 0, (place, done.stdout)
        assert "installed" not in done.stdout, place
        silent += not done.stderr
        assert left(tmp_path) <= {"licence-agent"}, "unpacked, by a script that has forgotten to remove it"
    assert silent == 0
    package.write_bytes(good)
    assert "installed" in started(package).stdout
    assert left(tmp_path) == set(), "the next start removes it"
    figure(f"{changes} changed bytes: 0 installed, {silent} without a sentence; {os.uname().machine}")
