"""The server's keys on disk: ``trust.json``, ``signing/<kid>.pem`` and, unless roots live offline, ``root/<kid>.pem``.

A key is written before the trust document that names it, and the trust document in one rename: whatever the moment of a
crash, the document in force has its keys.
"""

import fcntl
import os
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from keys.disk import make_folder, remove, write_whole
from keys.errors import BusyError, InvalidInputError, KeyUnsafeError, NotFoundError
from keys.keyfile import load_key, read_passphrase, save_key
from keys.signing import PublicKey, SoftwareSigner
from keys.trust import Trust, pin_trust, replace_trust

PASSPHRASE = "LICENCE_SERVER_PASSPHRASE"  # noqa: S105 - the setting's name
_PUBLIC = 0o644


@dataclass(frozen=True, slots=True)
class KeyFolder:
    """The folder ``keys`` of one server's home."""

    path: Path
    passphrase: bytes | None

    @classmethod
    def of_home(cls, home: Path, environment: Mapping[str, str]) -> "KeyFolder":
        """Open a home's key folder, with the passphrase from the settings or else from the home's file ``passphrase``.

        Raises:
            KeyUnsafeError: others can read the passphrase.
            InvalidInputError: it is missing or empty.
        """
        if not {PASSPHRASE, f"{PASSPHRASE}_FILE"} & set(environment) and (home / "passphrase").exists():
            environment = {f"{PASSPHRASE}_FILE": str(home / "passphrase")}
        return cls(home / "keys", read_passphrase(environment, PASSPHRASE))

    @property
    def proposal(self) -> Path:
        """Where the next trust document waits for signatures of roots that are not here."""
        return self.path / "proposal.json"

    @contextmanager
    def alone(self) -> Iterator[None]:
        """Keep every other ceremony out: two documents of one version would split the agents.

        Raises:
            NotFoundError: there is no such folder.
            KeyUnsafeError: it belongs to another user, who could not read what we write.
            BusyError: another ceremony is going on.
        """
        if not self.path.is_dir():
            raise NotFoundError(f"{self.path} is no key folder. Is --home right, and was `licence-server init` run?")
        owner = self.path.stat().st_uid
        if owner != os.geteuid():
            raise KeyUnsafeError(
                f"{self.path} belongs to uid {owner}: run this as that user, or it can't read the keys."
            )
        descriptor = os.open(self.path, os.O_RDONLY | os.O_DIRECTORY)
        try:
            _lock(descriptor, self.path)
            yield
        finally:
            os.close(descriptor)

    def trust(self) -> Trust:
        """Return the trust document in force. Raises NotFoundError, MalformedError, TrustRefusedError."""
        path = self.path / "trust.json"
        try:
            return pin_trust(path.read_bytes())
        except FileNotFoundError as error:
            raise NotFoundError(f"There is no {path}. Is --home right, and was `licence-server init` run?") from error

    def roots(self, wanted: Iterable[PublicKey]) -> list[SoftwareSigner]:
        """Return those of the wanted roots whose private keys are here. Raises KeyUnsafeError."""
        paths = {root.kid: self.path / "root" / f"{root.kid}.pem" for root in wanted}
        return [load_key(path, self.passphrase) for path in paths.values() if path.exists()]

    def add_signing_key(self, signer: SoftwareSigner) -> Path:
        """Store a signing key, which counts for nothing until a trust document names it."""
        folder = self.path / "signing"
        make_folder(folder)
        save_key(folder / f"{signer.key.kid}.pem", signer, self.passphrase)
        return folder / f"{signer.key.kid}.pem"

    def propose(self, document: bytes) -> None:
        """Lay a document that still lacks signatures aside; it replaces an earlier one."""
        write_whole(self.proposal, document, _PUBLIC)

    def install(self, document: bytes) -> Trust:
        """Put the next trust document in force, with the copy that agents are given.

        Raises:
            MalformedError, TooLargeError, TrustRefusedError: not the successor of the one in force.
            InvalidInputError: no key that signs now is here, so the server would stand still.
        """
        trust = replace_trust(self.trust(), document)
        if not any((self.path / "signing" / f"{entry.key.kid}.pem").exists() for entry in trust.active):
            raise InvalidInputError(f"{self.path / 'signing'} has none of the keys that sign by this document.")
        write_whole(self.path / "trust.json", document, _PUBLIC)
        pinned = self.path.parent / "root.json"
        if pinned.exists():
            write_whole(pinned, document, _PUBLIC)
        remove(self.proposal)
        return trust


def _lock(descriptor: int, path: Path) -> None:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        raise BusyError(f"Another ceremony is going on in {path}.") from error
