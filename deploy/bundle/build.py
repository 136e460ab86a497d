"""Build the agent's self-contained tree, and pack it: dist/licence-agent-VERSION-linux-ARCHITECTURE.tar.gz.

The same sources, packages and Python give the same bytes: one moment for everything (SOURCE_DATE_EPOCH), one order, and
no path of this machine. The archive has no end of its own: a bundle goes on where it ends (docs/bundle.md).
"""

import configparser
import json
import os
import platform
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from deploy.bundle.floor import floor, lower
from deploy.bundle.materials import bill_of_materials
from licence_server.bundles.tarball import Item, compress, tar

ROOT = Path(__file__).parent.parent.parent
PLACE = "./opt/licence-agent"
_MACHINE_DEPENDENT = {"direct_url.json", "INSTALLER", "RECORD", "REQUESTED"}
"""What a package's metadata say of the machine where it was installed."""


def main() -> None:
    """Build, and say where the archive is."""
    moment = int(os.environ["SOURCE_DATE_EPOCH"])
    work, dist = ROOT / "build" / "agent-tree", ROOT / "dist"
    shutil.rmtree(work, ignore_errors=True)
    tree = freeze(work)
    lower(tree)
    release = {
        "version": own_version(),
        "platform": f"linux-{platform.machine()}",
        "glibc": floor(tree),
        "built_at": moment,
    }
    materials = bill_of_materials(json.loads((work / "freeze" / "contents.json").read_text()), release)
    items = sorted([*_of_tree(tree), _json("release.json", release), _json("sbom.cdx.json", materials)], key=_by_name)
    dist.mkdir(exist_ok=True)
    archive = dist / f"licence-agent-{release['version']}-{release['platform']}.tar.gz"
    archive.write_bytes(compress(tar(items, moment)))
    print(archive.relative_to(ROOT))


def own_version() -> str:
    """Return the agent's version."""
    setup = configparser.ConfigParser()
    setup.read(ROOT / "setup.cfg", encoding="utf-8")
    return setup["metadata"]["version"]


def freeze(work: Path) -> Path:
    """Let PyInstaller gather the program and all that it needs. Return the folder, which has ``bin`` in it."""
    command = [sys.executable, "-m", "PyInstaller", "--noconfirm", "--log-level", "ERROR"]
    places = ["--distpath", str(work / "tree"), "--workpath", str(work)]
    own = {"PYTHONHASHSEED": "0", "PYINSTALLER_CONFIG_DIR": str(work / "cache"), "AGENT_VERSION": own_version()}
    subprocess.run([*command, *places, str(ROOT / "deploy/bundle/freeze.spec")], env={**os.environ, **own}, check=True)
    return work / "tree"


def _of_tree(tree: Path) -> Iterator[Item]:
    """Return the folders and files of the tree; a link becomes what it leads to, so that each byte has a digest."""
    yield from (Item(f"{name}/", None) for name in (".", "./opt", PLACE))
    for path in tree.rglob("*"):
        if path.parent.suffix == ".dist-info" and path.name in _MACHINE_DEPENDENT:
            continue
        name = f"{PLACE}/{path.relative_to(tree).as_posix()}"
        if path.is_dir():
            yield Item(f"{name}/", None)
        else:
            yield Item(name, path.read_bytes(), is_program=os.access(path, os.X_OK))


def _json(name: str, value: object) -> Item:
    return Item(f"{PLACE}/{name}", json.dumps(value, indent=2, sort_keys=True).encode() + b"\n")


def _by_name(item: Item) -> str:
    return item.name


if __name__ == "__main__":
    main()
