"""The agent's tree for a machine without Python: this Python, the agent's packages, and what both load."""

import importlib.metadata
import json
import re
import shutil
import subprocess
import sys
import sysconfig
from collections.abc import Iterator
from pathlib import Path

from packaging.requirements import Requirement

from tests.stories.processes import ROOT

_SYSTEMS_OWN = re.compile(r"(ld-linux.*|libc|libm|libdl|libpthread|librt|libutil|libresolv|linux-vdso)\.so\b.*")
_UNUSED = ("test", "idlelib", "tkinter", "ensurepip", "lib2to3", "turtledemo", "site-packages", "dist-packages")
_START = """#!/bin/sh
tree=$(dirname "$(dirname "$(readlink -f "$0")")")
export LD_LIBRARY_PATH_ORIG="${LD_LIBRARY_PATH:-}" LD_LIBRARY_PATH="$tree/lib"
export PYTHONHOME="$tree" PYTHONPATH="$tree/packages"
export PYTHONDONTWRITEBYTECODE=1
exec "$tree/bin/python" "$tree/bin/start.py" "$@"
"""
_ENTRY = """import sys

from agent.entry import main

sys.argv[0] = sys.argv[0].replace("start.py", "licence-agent")
main()
"""


def make_tree(tree: Path, server: str, root: Path) -> Path:
    """Make a tree that asks a server and believes a root, and return it."""
    stdlib = Path(sysconfig.get_path("stdlib"))
    ignored = shutil.ignore_patterns("__pycache__", "config-*", "_tkinter*", *_UNUSED)
    shutil.copytree(stdlib, tree / "lib" / stdlib.name, ignore=ignored)
    (tree / "bin").mkdir()
    shutil.copy(Path(sys.executable).resolve(), tree / "bin/python")
    packages = tree / "packages"
    for name in ("keys", "agent"):
        shutil.copytree(ROOT / name, packages / name, ignore=shutil.ignore_patterns("__pycache__"))
    (packages / "agent/CUSTOMER_BUILD").touch()
    for name in _needed("onpremise-licensing", "agent"):
        _copy(name, packages)
    for library in sorted(_libraries(tree)):
        shutil.copy(library, tree / "lib")
    program = tree / "bin/licence-agent"
    program.write_text(_START)
    (tree / "bin/start.py").write_text(_ENTRY)
    program.chmod(0o755)
    (tree / "vendor.json").write_text(json.dumps({"server": server, "root": "root.json"}))
    shutil.copy(root, tree / "root.json")
    return tree


def _needed(name: str, extra: str) -> set[str]:
    """The packages that one needs with an extra, and itself, by name."""
    found, waiting = set[str](), [(name, extra)]
    while waiting:
        name, extra = waiting.pop()
        if name not in found:
            found.add(name)
            wanted = map(Requirement, importlib.metadata.requires(name) or ())
            waiting += [(each.name, "") for each in wanted if not each.marker or each.marker.evaluate({"extra": extra})]
    return found


def _copy(name: str, packages: Path) -> None:
    distribution = importlib.metadata.distribution(name)
    for file in distribution.files or ():
        source = Path(str(distribution.locate_file(file)))
        if ".." not in file.parts and source.suffix not in {".pyc", ".pth"} and source.is_file():
            target = packages / file
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(source, target)


def _libraries(tree: Path) -> Iterator[str]:
    """The shared libraries that anything in the tree loads, but for the C library's, which every Linux has."""
    loading = [tree / "bin/python", *tree.rglob("*.so"), *tree.rglob("*.so.*")]
    ldd = str(shutil.which("ldd"))
    said = subprocess.run([ldd, *map(str, loading)], capture_output=True, text=True, check=False).stdout
    found = {path for path in re.findall(r"=> (/\S+)", said) if not _SYSTEMS_OWN.fullmatch(Path(path).name)}
    yield from (path for path in found if tree not in Path(path).parents)
