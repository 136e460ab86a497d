"""The server's keys: the trust document in force and the key that signs licences, reread when they change on disk."""

import os
import threading
from dataclasses import dataclass
from pathlib import Path

from keys.errors import KeyUnsafeError, LicensingError, MalformedError, TrustRefusedError, UnavailableError
from keys.jws import MAX_BYTES
from keys.keyfile import load_key
from keys.signing import SoftwareSigner
from keys.trust import Trust, pin_trust, replace_trust

_RETRY_AFTER = 300

Stamp = tuple[int, int, int]
"""What changes when a file is replaced: inode, modification in nanoseconds, size."""


@dataclass(frozen=True, slots=True)
class _Opened:
    stamp: Stamp
    document: bytes
    trust: Trust
    signer: SoftwareSigner


class FileVault:
    """A desk to sign at (services.ports.Desk) over the folder ``keys`` of a home.

    A rotation or revocation takes effect at the next signature, without a restart. A new trust document has to follow
    the one in hand; until it does, nothing is signed: a key that may have been revoked must not go on signing.

    Args:
        folder: holds ``trust.json`` and ``signing/<kid>.pem``.
        passphrase: of the encrypted keys; None where they are not encrypted.

    Raises:
        KeyUnsafeError: no key that signs now can be opened, or others can read or change the files.
        MalformedError, TrustRefusedError: the trust document is none, or too few of its roots signed it.
    """

    def __init__(self, folder: Path, passphrase: bytes | None) -> None:
        self._folder, self._passphrase = folder, passphrase
        self._file = folder / "trust.json"
        self._turn = threading.Lock()
        self._signers: dict[str, SoftwareSigner] = {}
        self._opened = self._open(None)

    @property
    def trust(self) -> Trust:
        """See Desk. Raises UnavailableError as long as what lies on disk can't be used."""
        return self._current().trust

    @property
    def trust_document(self) -> bytes:
        """See Desk. Raises as trust."""
        return self._current().document

    @property
    def signer(self) -> SoftwareSigner:
        """See Desk. Raises as trust."""
        return self._current().signer

    def _current(self) -> _Opened:
        opened = self._opened
        try:
            if _stamp(self._file.stat()) == opened.stamp:
                return opened
            with self._turn:
                self._opened = self._open(self._opened.trust)
                return self._opened
        except (LicensingError, OSError) as error:
            raise UnavailableError("The licence server's keys can't be used now.", _RETRY_AFTER) from error

    def _open(self, current: Trust | None) -> _Opened:
        path = self._folder / "trust.json"
        try:
            stamp, document = _read(path)
        except FileNotFoundError as error:
            raise KeyUnsafeError(f"{path} is missing. Run: licence-server init") from error
        try:
            trust = pin_trust(document) if current is None else replace_trust(current, document)
        except (MalformedError, TrustRefusedError) as error:
            raise type(error)(f"{path} can't be used: {error} Bring it back from a backup.") from error
        return _Opened(stamp, document, trust, self._signer(trust))

    def _signer(self, trust: Trust) -> SoftwareSigner:
        """Return the youngest active key that is here."""
        wanted = [entry.key.kid for entry in sorted(trust.active, key=lambda entry: entry.from_at, reverse=True)]
        for kid in wanted:
            if kid not in self._signers:
                try:
                    signer = load_key(self._folder / "signing" / f"{kid}.pem", self._passphrase)
                except FileNotFoundError:
                    continue
                if signer.key.kid != kid:
                    raise KeyUnsafeError(f"{self._folder / 'signing' / kid}.pem holds another key, {signer.key.kid}.")
                self._signers[kid] = signer
            return self._signers[kid]
        raise KeyUnsafeError(
            f"{self._folder / 'signing'} has none of the keys that sign by the trust document: {', '.join(wanted)}. "
            "Put one of them there, or make a new one: licence-keys rotate"
        )


def _stamp(facts: os.stat_result) -> Stamp:
    return facts.st_ino, facts.st_mtime_ns, facts.st_size


def _read(path: Path) -> tuple[Stamp, bytes]:
    """Read a file that others may read but not write, together with the stamp that belongs to these very bytes."""
    with path.open("rb") as file:
        facts = os.fstat(file.fileno())
        if facts.st_mode & 0o022:
            raise KeyUnsafeError(f"{path} can be changed by others. Do: chmod 644 {path}")
        return _stamp(facts), file.read(MAX_BYTES + 1)
