"""The TypeScript client of ``typescript/``: generated from the document, compiled, and run under Node."""

import json
import os
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from tests.contract.npm import packages
from tests.contract.openapi import DOCUMENT

SOURCE = Path(__file__).parent / "typescript"


def build(folder: Path) -> Path:
    """Generate and compile the client in an empty folder; return the program."""
    modules = packages(SOURCE)
    for name in ("client.ts", "tsconfig.json", "package.json"):
        shutil.copy(SOURCE / name, folder)
    (folder / "node_modules").symlink_to(modules)
    run(["node", modules / "openapi-typescript/bin/cli.js", DOCUMENT, "-o", folder / "api.ts"], folder)
    run(["node", modules / "typescript/bin/tsc", "--project", folder], folder)
    return folder / "dist" / "client.js"


def run(command: Sequence[object], folder: Path) -> str:
    """Run a program, which must end well, and return what it prints."""
    environment = os.environ | {"NO_COLOR": "1"}
    done = subprocess.run(
        list(map(str, command)), cwd=folder, env=environment, capture_output=True, text=True, check=False, timeout=100
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def told(text: str) -> Any:
    """The JSON of the last line that a program printed."""
    return json.loads(text.splitlines()[-1])
