"""The files of a home that belong into a backup, and their way back."""

import re
from collections.abc import Iterator, Mapping
from pathlib import Path

from keys.disk import make_folder, remove, write_whole
from keys.errors import InvalidInputError, KeyUnsafeError, StateConflictError
from keys.keyfile import open_key, read_passphrase
from keys.keyfolder import PASSPHRASE as VARIABLE
from keys.trust import pin_trust
from licence_server.storage.archive import Archive

PASSPHRASE = "passphrase"  # noqa: S105 - a file's name
TRUST = "keys/trust.json"
UNFINISHED = "restore-unfinished"
"""A file that lies in a home while a restore replaces its keys and its database; it names the backup."""
_KEY = r"(root|signing)/[A-Za-z0-9_-]{1,128}\.pem"
_KNOWN = re.compile(rf"config\.toml|root\.json|passphrase|keys/(trust\.json|{_KEY})")
_PUBLIC = {"root.json": 0o644, TRUST: 0o644}


def files_of(home: Path, *, with_passphrase: bool) -> Iterator[tuple[str, bytes]]:
    """Yield names and contents: settings, trust document, keys as they lie there, encrypted."""
    for path in sorted([*home.glob("*"), *home.glob("keys/*"), *home.glob("keys/*/*.pem")]):
        name = path.relative_to(home).as_posix()
        if _KNOWN.fullmatch(name) and path.is_file() and (with_passphrase or name != PASSPHRASE):
            yield name, path.read_bytes()


def put_back(archive: Archive, home: Path, environment: Mapping[str, str], *, force: bool) -> bool:
    """Put settings and keys into a home that has no keys, and tell whether that was done.

    A home that has keys keeps its own, which may be newer than the backup's; ``force`` replaces them all the same.
    From the first change on a file says that the restore is not finished: see finished.

    Raises:
        InvalidInputError: the backup has files that no home has.
        StateConflictError: the backup belongs to another issuer.
        KeyUnsafeError: the keys can't be opened with the passphrase at hand; nothing was changed.
    """
    names = [name for name in archive.members if not name.startswith("tables/")]
    strange = [name for name in names if not _KNOWN.fullmatch(name)]
    if strange or TRUST not in names:
        raise InvalidInputError(f"The backup has no keys, or files that no home has: {', '.join(strange)[:200]}")
    present = home / TRUST
    theirs = pin_trust(archive.content(TRUST)).issuer
    if present.exists() and pin_trust(present.read_bytes()).issuer != theirs:
        raise StateConflictError(f"The backup is of the issuer {theirs}, and {home} is of another one.")
    if present.exists() and not force and unfinished(home) is None:
        return False
    _check_keys_open(archive, home, environment)
    make_folder(home)
    make_folder(home / "keys")
    write_whole(home / UNFINISHED, archive.name.encode())
    # The trust document comes last: a home without one counts as empty, so a restore that was cut off can be repeated.
    for name in sorted(names, key=lambda name: name == TRUST):
        path = home / name
        make_folder(path.parent)
        write_whole(path, archive.content(name), _PUBLIC.get(name, 0o600))
    return True


def finished(home: Path) -> None:
    """Note that a restore is finished: keys and database belong together again."""
    remove(home / UNFINISHED)


def unfinished(home: Path) -> str | None:
    """Return the backup of a restore that was cut off; None: there was none."""
    path = home / UNFINISHED
    return path.read_text(encoding="utf-8", errors="replace") if path.exists() else None


def _check_keys_open(archive: Archive, home: Path, environment: Mapping[str, str]) -> None:
    """Try the keys that sign with the passphrase that will be used for them, before anything is changed."""
    passphrase = _passphrase(archive, home, environment)
    for entry in pin_trust(archive.content(TRUST)).active:
        name = f"keys/signing/{entry.key.kid}.pem"
        if name in archive.members:
            try:
                open_key(archive.content(name), passphrase, Path(name))
            except KeyUnsafeError as error:
                raise KeyUnsafeError(
                    f"{error} Nothing was changed. Copy the backup's passphrase to {home / PASSPHRASE} (mode 600, its "
                    f"folder 700), or name its file in {VARIABLE}_FILE, and run this again."
                ) from error


def _passphrase(archive: Archive, home: Path, environment: Mapping[str, str]) -> bytes | None:
    """Return the passphrase that will be used once the backup's files lie in the home."""
    if {VARIABLE, f"{VARIABLE}_FILE"} & set(environment):
        return read_passphrase(environment, VARIABLE)
    if PASSPHRASE in archive.members:
        return b"".join(archive.pieces(PASSPHRASE)).rstrip(b"\r\n")
    beside = home / PASSPHRASE
    return read_passphrase({f"{VARIABLE}_FILE": str(beside)}, VARIABLE) if beside.exists() else None
