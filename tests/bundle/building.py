"""The agent's files for machines without Python: built once for every test that wants them; and other releases."""

import fcntl
import json
import subprocess
import tarfile
from pathlib import Path

from licence_server.bundles.tarball import Item, compress, tar
from tests.stories.processes import ROOT, clean_environment

PLACE = "./opt/licence-agent"
_RELEASE = f"{PLACE}/release.json"
_METADATA = f"{PLACE}/bin/_internal/onpremise_licensing.dist-info/METADATA"


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


def another_release(archive: Path, path: Path, version: str, *, damaged: str = "") -> Path:
    """Write the archive of another release: the same files under another version.

    Args:
        archive: the release that was built.
        path: where to write the other one.
        version: its version, which its program tells, too.
        damaged: how the name of a file begins that is no good in it.
    """
    with tarfile.open(archive) as packed:
        found = {entry.name: (entry, packed.extractfile(entry)) for entry in packed}
        contents = {name: None if file is None else file.read() for name, (_, file) in found.items()}
    about = json.loads(contents[_RELEASE] or b"")
    contents[_RELEASE] = json.dumps({**about, "version": version}).encode()
    contents[_METADATA] = (contents[_METADATA] or b"").replace(about["version"].encode(), version.encode())
    for name in [name for name in contents if damaged and name.startswith(f"{PLACE}/{damaged}")]:
        contents[name] = b"damaged"
    items = [
        Item(f"{name}/" if content is None else name, content, bool(found[name][0].mode & 0o100))
        for name, content in contents.items()
    ]
    path.write_bytes(compress(tar(items, about["built_at"])))
    return path
