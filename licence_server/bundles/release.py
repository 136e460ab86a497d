"""A release of the agent: the archive of its files that is built once (make agent-tree), and made sure of each time."""

import gzip
import hashlib
import io
import re
import tarfile
import zlib
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import IO

from keys.bundled import LARGEST_FILE
from keys.claims import Reader
from keys.errors import InvalidInputError, MalformedError
from keys.jws import from_json
from licence_server.services.ports_bundle import Release

PLACE = "./opt/licence-agent/"
_UNITS = re.compile(r".*/agent/system/units/[^/]+\.service")
_ABOUT = "release.json"
_NOT_ONE = "{} is not an archive of the agent's files ({}). Build one with `make agent-tree`, and name that."


class ArchiveShelf:
    """Where the archive lies (services.ports_bundle.Shelf)."""

    def __init__(self, path: str) -> None:
        """Read the archive of this path; empty: none is set."""
        self._path = path
        self._known: tuple[str, Release] | None = None

    def release(self) -> Release:
        """See Shelf."""
        if not self._path:
            raise InvalidInputError(
                "No archive of the agent's files is set, from which packages are made. Build one with "
                "`make agent-tree`, and name it as agent_archive in config.toml, or by --archive."
            )
        path = Path(self._path)
        if not path.is_file():
            raise InvalidInputError(f"There is no file {path}. Build it with `make agent-tree`, or mend agent_archive.")
        content = path.read_bytes()
        digest = hashlib.sha256(content).hexdigest()
        known = self._known
        if known is None or known[0] != digest:
            try:
                known = self._known = digest, _read(content)
            except (tarfile.TarError, EOFError, OSError, zlib.error, MalformedError) as error:
                raise InvalidInputError(_NOT_ONE.format(path, error)) from error
        return replace(known[1], archive=content)


def _read(content: bytes) -> Release:
    digests, kept = {}, {}
    with gzip.GzipFile(fileobj=io.BytesIO(content)) as plain:
        for name, file in _files(plain):
            found = file.read()
            digests[name] = hashlib.sha256(found).hexdigest()
            if name == _ABOUT or _UNITS.fullmatch(name):
                kept[name.rpartition("/")[2]] = found
    about = Reader(from_json(kept.pop(_ABOUT, b"")))
    return Release(
        version=about.word("version"),
        platform=about.word("platform"),
        glibc=about.word("glibc"),
        built_at=about.whole("built_at"),
        digests=digests,
        units=kept,
        archive=b"",
    )


def _files(plain: gzip.GzipFile) -> Iterator[tuple[str, IO[bytes]]]:
    """Yield every file with its name below the agent's place. Raises MalformedError where something else is there."""
    with tarfile.open(fileobj=plain, mode="r|") as archive:
        end = 0
        for entry in archive:
            end = entry.offset_data + -(-entry.size // tarfile.BLOCKSIZE) * tarfile.BLOCKSIZE
            if entry.isdir():
                continue
            file = archive.extractfile(entry) if entry.isreg() and entry.size <= LARGEST_FILE else None
            if file is None or not entry.name.startswith(PLACE):
                raise MalformedError(f"{entry.name} does not belong there")
            yield entry.name.removeprefix(PLACE), file
    plain.read()
    if plain.tell() != end:
        raise MalformedError("it has an end, so nothing can follow")
