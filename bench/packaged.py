"""The agent as a package brings it, against the same agent in a virtual environment: size, start, memory."""

import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

import psutil

_ROOT = Path(__file__).parent.parent
_ROUNDS = 9
_SETTLE = 3.0


@dataclass(frozen=True)
class Row:
    """One way to have the agent."""

    name: str
    size: float
    """Mebibytes on disk."""
    version: float
    """Milliseconds of ``licence-agent --version``, the median."""
    status: float
    """Milliseconds of ``licence-agent status``, the median."""
    ready: float
    """Seconds from the start of the daemon until it answers."""
    resident: float
    """Mebibytes of the daemon that nobody asks for anything."""


def measure() -> list[Row]:
    """Build both, and measure them in turn."""
    with tempfile.TemporaryDirectory(prefix="bench") as folder:
        place = Path(folder)
        programs = {"virtual environment": _environment(place / "venv"), "package": _tree(place / "tree")}
        times: dict[str, dict[str, list[float]]] = {name: {"--version": [], "status": []} for name in programs}
        for _ in range(_ROUNDS):
            for name, program in programs.items():
                for word, found in times[name].items():
                    found.append(_timed(program, word, place))
        rows = []
        for name, program in programs.items():
            size = sum(path.stat().st_size for path in program.parent.parent.rglob("*") if path.is_file()) / 2**20
            middle = {word: statistics.median(found) * 1000 for word, found in times[name].items()}
            rows.append(Row(name, size, middle["--version"], middle["status"], *_daemon(program, place / name)))
        return rows


def section(rows: list[Row]) -> list[str]:
    """Return lines in Markdown: a table of the figures, each with its ratio to the first row's."""
    first = rows[0]
    lines = [
        "The agent in a package against the same agent in a virtual environment; in brackets the ratio:",
        "",
        "| the agent in a | MiB on disk | `--version`, ms | `status`, ms | daemon ready, s | resident, MiB |",
        "| --- | ---: | ---: | ---: | ---: | ---: |",
    ]
    for row in rows:
        cells = [
            f"{found:.{digits}f} ({found / getattr(first, name):.2f})"
            for name, digits in (("size", 0), ("version", 0), ("status", 0), ("ready", 2), ("resident", 1))
            for found in (getattr(row, name),)
        ]
        lines.append(f"| {row.name} | {' | '.join(cells)} |")
    return [*lines, ""]


def _environment(folder: Path) -> Path:
    """Return the program in an environment of the agent's locked packages."""
    subprocess.run([sys.executable, "-m", "venv", folder], check=True)
    pip = [folder / "bin/python", "-m", "pip", "install", "-qq", "--disable-pip-version-check"]
    subprocess.run([*pip, "--require-hashes", "-r", _ROOT / "requirements/agent.txt"], check=True)
    subprocess.run([*pip, "--no-deps", _ROOT], check=True)
    subprocess.run([folder / "bin/python", "-m", "pip", "uninstall", "-qq", "--yes", "pip", "setuptools"], check=True)
    return folder / "bin/licence-agent"


def _tree(folder: Path) -> Path:
    """Return the program as a package brings it."""
    subprocess.run(["make", "--silent", "agent-tree"], cwd=_ROOT, check=True)  # noqa: S607 - by the PATH of who measures
    (archive,) = (_ROOT / "dist").glob("licence-agent-*-linux-*.tar.gz")
    shutil.unpack_archive(archive, folder, filter="data")
    return folder / "opt/licence-agent/bin/licence-agent"


def _timed(program: Path, word: str, home: Path) -> float:
    began = time.perf_counter()
    subprocess.run([program, word], check=True, capture_output=True, env=_surroundings(home / "nobody"))
    return time.perf_counter() - began


def _daemon(program: Path, home: Path) -> tuple[float, float]:
    """Return how long the daemon takes until it answers, in seconds, and what it holds, in mebibytes."""
    home.mkdir()
    (home / "agent.toml").write_text("port = 0\n")
    began = time.perf_counter()
    with subprocess.Popen(
        [program, "run"], env=_surroundings(home), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    ) as agent:
        while not (home / "address.json").exists():
            if agent.poll() is not None:
                raise RuntimeError(f"{program} run ended with exit code {agent.returncode} before it answered")
            time.sleep(0.002)  # another process says by a file that it is ready
        ready = time.perf_counter() - began
        time.sleep(_SETTLE)  # what it holds when it has done what a start brings
        resident = psutil.Process(agent.pid).memory_info().rss / 2**20
        agent.terminate()
    return ready, resident


def _surroundings(home: Path) -> dict[str, str]:
    return {"PATH": os.environ["PATH"], "LICENCE_AGENT_HOME": str(home)}


if __name__ == "__main__":
    print("\n".join(section(measure())))
