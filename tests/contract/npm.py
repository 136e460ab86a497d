"""Programs for Node with what they need of npm, installed by their lock files into a cache."""

import hashlib
import os
import shutil
import subprocess
import tempfile
from pathlib import Path

SOURCE = Path(__file__).parent / "node"
CACHE = Path(__file__).parent.parent.parent / ".cache" / "node"


def installed() -> Path:
    """Return the path of verifier.mjs, ready to run."""
    return _cached(sorted(file for file in SOURCE.iterdir() if file.is_file())) / "verifier.mjs"


def packages(source: Path) -> Path:
    """Return the folder node_modules of what a folder's lock file names."""
    return _cached([source / "package-lock.json", source / "package.json"]) / "node_modules"


def _cached(files: list[Path]) -> Path:
    digest = hashlib.sha256(b"\0".join(file.name.encode() + b"\0" + file.read_bytes() for file in files)).hexdigest()
    folder = CACHE / digest[:16]
    if not folder.exists():
        _install(files, folder)
    return folder


def _install(files: list[Path], folder: Path) -> None:
    CACHE.mkdir(parents=True, exist_ok=True)
    draft = Path(tempfile.mkdtemp(dir=CACHE))
    for file in files:
        shutil.copy(file, draft)
    command = ["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund"]
    done = subprocess.run(command, cwd=draft, capture_output=True, text=True, check=False, timeout=100)
    assert done.returncode == 0, done.stderr
    try:
        os.rename(draft, folder)  # noqa: PTH104 - Path.replace would put it over another worker's
    except OSError:
        shutil.rmtree(draft)
