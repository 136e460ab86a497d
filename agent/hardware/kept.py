"""What only root can read of the hardware, kept by root at every boot for an agent that runs without root.

The kernel shows some serial numbers to root alone. A short command reads them as root (``licence-agent hardware``) and
writes them where nobody else can, together with the id of the boot: of an earlier boot, and so on another machine, the
file counts for nothing.
"""

import os
import stat
from collections.abc import Mapping
from pathlib import Path

from agent.hardware.reading import Reader, read_all
from keys.claims import Reader as Members
from keys.disk import make_folder, write_whole
from keys.errors import LicensingError
from keys.jws import from_json, to_json

KEPT = Path("run/licence-agent-hardware/components.json")
"""Below the root folder; /run is empty after every boot."""
ROOTS_OWN = ("product_uuid", "board_serial")
"""Components that the kernel shows to root alone."""
_VERSION = 1
_LONGEST = 65_536


def keep(readers: Mapping[str, Reader], boot: str, root: Path = Path("/"), group: int = 0) -> Mapping[str, str]:
    """Read what only root can, write it down for a group, and return it.

    Args:
        readers: by the component's name.
        boot: the id of this boot.
        root: the root folder, which tests replace.
        group: number of the group that may read the file, beside root.

    Raises:
        OSError: the file can't be written.
    """
    reading = read_all({name: readers[name] for name in ROOTS_OWN})
    path = root / KEPT
    make_folder(path.parent, 0o755)
    write_whole(path, to_json({"version": _VERSION, "boot": boot, "components": dict(reading.values)}) + b"\n", 0o640)
    os.chown(path, -1, group)
    return reading.values


def kept(boot: str, root: Path, keeper: int = 0) -> Mapping[str, str] | None:
    """Return what root kept at this boot; None: nothing, or nothing to be believed.

    Args:
        boot: the id of this boot.
        root: the root folder.
        keeper: the number of the user who has to own the file.
    """
    try:
        descriptor = os.open(root / KEPT, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    except OSError:
        return None
    with os.fdopen(descriptor, "rb") as file:
        facts = os.fstat(descriptor)
        if not stat.S_ISREG(facts.st_mode) or facts.st_uid != keeper or facts.st_mode & 0o022:
            return None
        content = file.read(_LONGEST)
    try:
        return _of_boot(Members(from_json(content)), boot)
    except LicensingError:
        return None


def _of_boot(members: Members, boot: str) -> Mapping[str, str] | None:
    if members.whole("version") != _VERSION or members.text("boot") != boot:
        return None
    components = members.inner("components")
    return {name: components.text(name) for name in ROOTS_OWN if components.has(name)}
