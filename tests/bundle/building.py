"""The agent's files for machines without Python, built once for every test that wants them."""

import fcntl
import subprocess
from pathlib import Path

from tests.stories.processes import ROOT, clean_environment


def ran(*command: object, **options) -> str:
    """What a command said, which has to succeed."""
    words = [str(word) for word in command]
    done: subprocess.CompletedProcess[str] = subprocess.run(
        words, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False, **options
    )
    assert done.returncode == 0, done.stdout
    return done.stdout


def built_archive() -> Path:
    """What ``make agent-tree`` builds, unless it is there already, or another process of the run is at it."""
    variables = {name: value for name, value in clean_environment().items() if not name.startswith("MAKE")}
    (ROOT / ".cache").mkdir(exist_ok=True)
    with (ROOT / ".cache/agent-tree.lock").open("w") as turn:
        fcntl.flock(turn, fcntl.LOCK_EX)
        ran("/usr/bin/make", "--silent", "agent-tree", cwd=ROOT, env=variables)
    (built,) = (ROOT / "dist").glob("licence-agent-*-linux-*.tar.gz")
    return built
