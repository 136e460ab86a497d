"""A release of the agent that is small: its program is this repository's, started by the Python of these tests."""

import json
import os
import sys
from pathlib import Path

from licence_server.bundles.tarball import END, Item, compress, tar
from tests.stories.processes import ROOT

MOMENT = 1_790_000_000
PLACE = "./opt/licence-agent"
ABOUT = {"version": "1.2.3", "platform": f"linux-{os.uname().machine}", "glibc": "2.31", "built_at": MOMENT}
PROGRAM = f"""\
#!/bin/sh
if [ "$1" = install ]; then echo "installed $*"; exit; fi
PYTHONPATH={ROOT} exec {sys.executable} -m agent "$@"
"""
SCRIPT_END = b"\nexit\n}\n"
"""How the script ends that begins a package of the form ``run``."""
FILES = {
    f"{PLACE}/bin/_internal/agent/system/units/licence-agent.service": b"[Unit]\nDescription=Licence agent\n",
    f"{PLACE}/bin/_internal/libz.so.1": b"a library",
    f"{PLACE}/bin/licence-agent": PROGRAM.encode(),
}


def archive(path: Path, *, end: bytes = b"", more: tuple[Item, ...] = (), **about: object) -> Path:
    """Write an archive of the agent's files, as ``make agent-tree`` does."""
    files = {**FILES, f"{PLACE}/release.json": json.dumps({**ABOUT, **about}).encode()}
    folders = [Item(f"{name}/", None) for name in (".", "./opt", PLACE, f"{PLACE}/bin")]
    items = [*folders, *(Item(name, files[name], name.endswith("/licence-agent")) for name in sorted(files)), *more]
    path.write_bytes(compress(tar(items, MOMENT) + end))
    return path


def ended(path: Path) -> Path:
    """Write an archive behind which nothing can follow."""
    return archive(path, end=END)
