"""The console's fonts, styles and scripts: which there are, and whether those of others were installed."""

import hashlib
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import MappingProxyType

from keys.checkup import Finding

FOLDER = Path(__file__).parent / "static"
VENDORED = (
    "bootstrap.css",
    "bootstrap.rtl.css",
    "htmx.js",
    "index.js",
    "qr.js",
    "uplot.css",
    "uplot.js",
    "vazirmatn.woff2",
)
"""Files of others, which are in no repository: ``make assets`` puts them into the folder ``vendor``."""
PRINTED = (FOLDER / "vendor" / "vazirmatn.ttf", FOLDER / "vendor" / "vazirmatn-bold.ttf")
"""Fonts of printed certificates, regular and bold, from the same place."""
REMEDY = "In a clone: make assets. Else install a wheel that was built after it."
_SERVED = (".css", ".js", ".svg", ".woff2")


def missing(folder: Path = FOLDER) -> tuple[str, ...]:
    """Return the files of others that the pages need and that are not there."""
    return tuple(name for name in VENDORED if not (folder / "vendor" / name).is_file())


def check_files(_place: object) -> Finding:
    """Check them for the doctor. Agents are served without them."""
    lacking = missing()
    if lacking:
        said = f"The console shows no pages: {', '.join(lacking)} are missing."
        return Finding("console", "warning", said, REMEDY)
    unprinted = [path.name for path in PRINTED if not path.is_file()]
    if unprinted:
        said = f"No certificate can be printed: {', '.join(unprinted)} are missing."
        return Finding("console", "warning", said, REMEDY)
    return Finding("console", "ok", "The console has its fonts, styles and scripts.")


@dataclass(frozen=True, slots=True)
class Files:
    """The files as they were at the start.

    Args:
        contents: bytes by path, such as ``vendor/htmx.js``.
        version: a digest of them all. It stands in every address, so that a browser may keep what it got for ever.
    """

    contents: MappingProxyType[str, bytes]
    version: str


@cache
def load_files() -> Files:
    """Read the files, once in a process."""
    paths = sorted(path for path in FOLDER.rglob("*") if path.suffix in _SERVED)
    contents = {path.relative_to(FOLDER).as_posix(): path.read_bytes() for path in paths}
    digest = hashlib.sha256()
    for name, content in contents.items():
        digest.update(f"{name}\0{len(content)}\0".encode() + content)
    return Files(MappingProxyType(contents), digest.hexdigest()[:16])
