"""A backup as a file: a ZIP whose manifest has the size and digest of every member."""

import hashlib
import json
import os
import threading
import zipfile
import zlib
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, NoReturn

from keys.disk import sync_folder
from keys.errors import InvalidInputError, StateConflictError

FORMAT = 1
MANIFEST = "manifest.json"
LARGEST_FILE = 1 << 20
"""Bytes of a manifest, a file of a home, or a row: a small archive may unpack to more than any memory holds."""
_METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
"""Others may ask for gigabytes to unpack with."""
_PIECE = 65_536
_UNREADABLE = (
    zipfile.BadZipFile, zlib.error, AttributeError, EOFError, KeyError, RuntimeError, TypeError, ValueError
)  # fmt: skip


class ArchiveWriter:
    """Writes members one after the other; the manifest comes last."""

    def __init__(self, file: zipfile.ZipFile) -> None:
        self._file = file
        self._members: dict[str, dict[str, object]] = {}

    def add(self, name: str, pieces: Iterable[bytes]) -> None:
        """Write a member as its bytes come."""
        digest, size = hashlib.sha256(), 0
        with self._file.open(name, "w", force_zip64=True) as member:
            for piece in pieces:
                member.write(piece)
                digest.update(piece)
                size += len(piece)
        self._members[name] = {"size": size, "sha256": digest.hexdigest()}

    def finish(self, facts: Mapping[str, object]) -> None:
        """Write the manifest."""
        manifest = {"format": FORMAT, **facts, "members": self._members}
        self._file.writestr(MANIFEST, json.dumps(manifest, indent=2))


@contextmanager
def new_archive(path: Path) -> Iterator[ArchiveWriter]:
    """Write an archive that its owner alone can read, whole or not at all. Raises OSError."""
    draft = path.with_name(f".{path.name}.{os.getpid()}.{threading.get_ident()}.draft")
    descriptor = os.open(draft, os.O_RDWR | os.O_CREAT | os.O_EXCL | getattr(os, "O_NOFOLLOW", 0), 0o600)
    try:
        with os.fdopen(descriptor, "w+b") as file:
            with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
                yield ArchiveWriter(archive)
            file.flush()
            os.fsync(file.fileno())
        draft.replace(path)
    except BaseException:
        with suppress(OSError):
            draft.unlink()
        raise
    sync_folder(path.parent)


class Archive:
    """A backup that was read through once, and is what its manifest says.

    Raises:
        InvalidInputError: no backup, or damaged; the sentence says where.
        StateConflictError: made by a newer version of the program.
    """

    def __init__(self, file: zipfile.ZipFile, path: Path) -> None:
        self._file, self._path = file, path
        try:
            if any(entry.compress_type not in _METHODS for entry in file.infolist()):
                raise ValueError("packed as no backup is")
            manifest = json.loads(self.content(MANIFEST))
            self.facts: Mapping[str, object] = manifest
            self.members: Mapping[str, Mapping[str, object]] = manifest["members"]
            self._check_format(manifest["format"])
            for name, expected in self.members.items():
                self._check(name, expected["size"], expected["sha256"])
        except (*_UNREADABLE, OSError) as error:
            raise InvalidInputError(f"{path} is no backup of a licence server, or it is damaged.") from error

    @property
    def name(self) -> str:
        """The file's path."""
        return str(self._path.absolute())

    def pieces(self, name: str) -> Iterator[bytes]:
        """Yield a member's bytes."""
        with self._file.open(name) as member:
            while piece := member.read(_PIECE):
                yield piece

    def content(self, name: str) -> bytes:
        """Return a member that is a small file. Raises InvalidInputError where it is larger than any of those."""
        with self._file.open(name) as member:
            found = member.read(LARGEST_FILE + 1)
        if len(found) > LARGEST_FILE:
            self._refuse(name)
        return found

    def lines(self, name: str) -> Iterator[list[Any]]:
        """Yield a member's rows. Raises InvalidInputError where one is larger than any that is stored."""
        with self._file.open(name) as member:
            while line := member.readline(LARGEST_FILE + 1):
                if len(line) > LARGEST_FILE:
                    self._refuse(name)
                yield json.loads(line)

    def _check_format(self, found: object) -> None:
        if not isinstance(found, int) or found > FORMAT:
            raise StateConflictError(f"{self._path} was made by a newer version of licence-server: use that one.")

    def _check(self, name: str, size: object, digest: object) -> None:
        seen, length = hashlib.sha256(), 0
        for piece in self.pieces(name):
            seen.update(piece)
            length += len(piece)
        if (length, seen.hexdigest()) != (size, digest):
            self._refuse(name)

    def _refuse(self, name: str) -> NoReturn:
        raise InvalidInputError(f"{self._path} is damaged: {name} is not as it was written. Use another backup.")


@contextmanager
def open_archive(path: Path) -> Iterator[Archive]:
    """Open a backup and check all of it. Raises as Archive."""
    with path.open("rb") as file:  # ZipFile would leave its own one open while rows are half read
        try:
            archive = zipfile.ZipFile(file)
        except (*_UNREADABLE, OSError) as error:
            raise InvalidInputError(f"{path} is no backup of a licence server, or it is damaged.") from error
        with archive:
            yield Archive(archive, path)
