"""Archives whose bytes follow from their content alone: no owner, no moment but the one given, one order."""

import gzip
import io
import tarfile
from collections.abc import Iterable
from dataclasses import dataclass

END = bytes(2 * tarfile.BLOCKSIZE)
"""What tells a reader of an archive that nothing follows."""
_PROGRAM, _FILE, _FOLDER, _LINK = 0o755, 0o644, 0o755, 0o777


@dataclass(frozen=True, slots=True)
class Item:
    """A file, a folder or a link of an archive."""

    name: str
    """Where it goes, beginning with ``./``."""
    content: bytes | None
    """None: it is a folder, or a link."""
    is_program: bool = False
    target: str = ""
    """Where a link leads; empty: it is none."""


def tar(items: Iterable[Item], moment: int) -> bytes:
    """Return an archive of items in the order given, all of one moment, without its end."""
    written = io.BytesIO()
    archive = tarfile.TarFile(fileobj=written, mode="w", format=tarfile.GNU_FORMAT)
    for item in items:
        entry = tarfile.TarInfo(item.name)
        entry.mtime = moment
        if item.content is not None:
            entry.size, entry.mode = len(item.content), _PROGRAM if item.is_program else _FILE
        elif item.target:
            entry.type, entry.mode, entry.linkname = tarfile.SYMTYPE, _LINK, item.target
        else:
            entry.type, entry.mode = tarfile.DIRTYPE, _FOLDER
        archive.addfile(entry, io.BytesIO(item.content or b""))
    return written.getvalue()


def compress(content: bytes) -> bytes:
    """Return a gzip member. Members after one another are one file to every reader (RFC 1952, section 2.2)."""
    return gzip.compress(content, mtime=0)
