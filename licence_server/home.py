"""The server's home: where its settings, database and keys lie, and how it is made.

Making it is a row of steps, each of which finds out by itself whether it was done. So a second run changes nothing, and
a run that was cut off anywhere is completed by the next one. The password of the first administrator lies in a file of
its own until it has been shown: a crash between storing and showing it locks nobody out.
"""

import fcntl
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from keys.carrying import read_document
from keys.ceremony import first_trust, signed
from keys.clock import Clock
from keys.disk import make_folder, read_secret, remove, write_whole
from keys.errors import BusyError, InvalidInputError, StateConflictError
from keys.identity import Randomness
from keys.jws import encode
from keys.keyfile import load_key, save_key
from keys.keyfolder import PASSPHRASE, KeyFolder
from keys.signing import SoftwareSigner
from keys.trust import Trust, pin_trust
from licence_server.config import DEFAULT_ISSUER, HOME_VARIABLE, Config, check_issuer, load_config, settings_file
from licence_server.domain.password import new_password
from licence_server.services.enrolling import Enrolling
from licence_server.services.ports_access import Passwords
from licence_server.storage.engine import Database
from licence_server.storage.migrate import upgrade
from licence_server.storage.vault import FileVault

ADMINISTRATOR = "admin"
_PUBLIC = 0o644


@dataclass(frozen=True, slots=True)
class Founded:
    """A home that is complete."""

    config: Config
    root: Path
    """The trust document to hand to agents."""
    administrator: str
    password: str | None
    """Of the first administrator, as long as it was not shown."""
    changed: bool
    """False: the home was complete before."""


@dataclass(frozen=True, slots=True)
class Founding:
    """Makes a home.

    Args:
        home: the folder.
        environment: the process's variables.
        clock: the time of the first trust document.
        randomness: for the passphrase, the password and ids.
        passwords: hashes the first administrator's.
    """

    home: Path
    environment: Mapping[str, str]
    clock: Clock
    randomness: Randomness
    passwords: Passwords

    def found(self, issuer: str | None, roots: Path | None, by: str) -> Founded:
        """Make the home, or what is missing of it.

        Args:
            issuer: the server's public URL for ever; None: as it is, or as the roots say, or this machine alone.
            roots: a trust document of an offline ceremony, instead of a root key made here.
            by: who does it, for the audit record.

        Raises:
            InvalidInputError: an issuer or a trust document that can't be used; says what to do.
            StateConflictError: the home belongs to another issuer or to other roots.
            BusyError: another process makes it just now.
        """
        document = None if roots is None else read_document(roots)
        trust = None if document is None else pin_trust(document)
        issuer = self._issuer(issuer, trust)
        if trust is not None and not (self.home / "keys" / "trust.json").exists():
            _check_signing_key(KeyFolder.of_home(self.home, self.environment), trust)
        make_folder(self.home)
        with self._alone():
            changed = [self._settings(issuer), self._passphrase()]
            folder = KeyFolder.of_home(self.home, self.environment)
            changed.append(self._keys(folder, issuer, document))
            changed.append(self._copy(folder))
            config = load_config(self.home, self.environment)
            upgrade(config.database)
            password = self._administrator(config, folder, by)
        return Founded(config, self.root, ADMINISTRATOR, password, any(changed) or password is not None)

    def shown(self) -> None:
        """Forget the first administrator's password: it has been shown."""
        remove(self._password)

    @property
    def root(self) -> Path:
        """The trust document to hand to agents."""
        return self.home / "root.json"

    @property
    def _password(self) -> Path:
        return self.home / "first-password"

    @contextmanager
    def _alone(self) -> Iterator[None]:
        descriptor = os.open(self.home, os.O_RDONLY | os.O_DIRECTORY)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            yield
        except BlockingIOError as error:
            raise BusyError(f"Another process makes {self.home} just now.") from error
        finally:
            os.close(descriptor)

    def _issuer(self, wanted: str | None, trust: Trust | None) -> str:
        present = load_config(self.home, self.environment).issuer if (self.home / "config.toml").exists() else None
        named = [name for name in (wanted, present, None if trust is None else trust.issuer) if name is not None]
        if present is not None and any(name != present for name in named):
            raise StateConflictError(
                f"{self.home} belongs to the issuer {present}, which can't be changed: it stands in its licences. "
                f"For another issuer make another home: set {HOME_VARIABLE}."
            )
        if len(set(named)) > 1:
            raise InvalidInputError(f"The trust document is of {named[-1]}, and --issuer says {named[0]}.")
        try:
            return check_issuer(named[0] if named else DEFAULT_ISSUER)
        except ValueError as error:
            raise InvalidInputError(f"The issuer {error}.") from error

    def _settings(self, issuer: str) -> bool:
        path = self.home / "config.toml"
        if path.exists():
            return False
        write_whole(path, settings_file(issuer).encode())
        return True

    def _passphrase(self) -> bool:
        """Make a passphrase, unless one is set or there are keys already, which it would not open."""
        path = self.home / "passphrase"
        given = {PASSPHRASE, f"{PASSPHRASE}_FILE"} & set(self.environment)
        if given or path.exists() or any((self.home / "keys").glob("*/*.pem")):
            return False
        write_whole(path, encode(self.randomness(32)) + b"\n")
        return True

    def _keys(self, folder: KeyFolder, issuer: str, document: bytes | None) -> bool:
        path = folder.path / "trust.json"
        if path.exists():
            self._check_keys(folder, issuer, document)
            return False
        for name in ("", "root", "signing"):
            make_folder(folder.path / name)
        if document is None:
            root, signing = _key(folder.path / "root", folder), _key(folder.path / "signing", folder)
            trust = first_trust(issuer, self.clock.now(), [root.key], 1, signing.key)
            document = signed(trust, [root])
        write_whole(path, document, _PUBLIC)
        return True

    def _check_keys(self, folder: KeyFolder, issuer: str, document: bytes | None) -> None:
        trust = folder.trust()
        if trust.issuer != issuer:
            raise StateConflictError(f"{folder.path / 'trust.json'} is of {trust.issuer}, and the home is of {issuer}.")
        if document is not None and pin_trust(document) != trust:
            raise StateConflictError(
                f"{folder.path / 'trust.json'} is another trust document already. "
                "A newer one is put in force by the root ceremony: see licence-keys --help"
            )

    def _copy(self, folder: KeyFolder) -> bool:
        document = (folder.path / "trust.json").read_bytes()
        if self.root.exists() and self.root.read_bytes() == document:
            return False
        write_whole(self.root, document, _PUBLIC)
        return True

    def _administrator(self, config: Config, folder: KeyFolder, by: str) -> str | None:
        """Return the first administrator's password as long as nobody saw it."""
        database = Database(config.database, FileVault(folder.path, folder.passphrase))
        try:
            enrolling = Enrolling(
                units=database.unit,
                reading=database.reading,
                clock=self.clock,
                randomness=self.randomness,
                passwords=self.passwords,
            )
            if enrolling.operators():
                return read_secret(self._password).decode() if self._password.exists() else None
            if not self._password.exists():
                write_whole(self._password, new_password(self.randomness).encode())
            password = read_secret(self._password).decode()
            enrolling.add_first(ADMINISTRATOR, password, by)
            return password
        finally:
            database.close()


def _key(folder: Path, keys: KeyFolder) -> SoftwareSigner:
    """Return the key that a run before this one left behind, or a new one."""
    found = sorted(folder.glob("*.pem"))
    if found:
        return load_key(found[0], keys.passphrase)
    signer = SoftwareSigner.generate()
    save_key(folder / f"{signer.key.kid}.pem", signer, keys.passphrase)
    return signer


def _check_signing_key(folder: KeyFolder, trust: Trust) -> None:
    paths = [folder.path / "signing" / f"{entry.key.kid}.pem" for entry in trust.active]
    found = [path for path in paths if path.exists()]
    if not found:
        raise InvalidInputError(
            "No key that signs by this trust document is here. Copy its private half, which "
            f"`licence-keys signing new` made, to {' or '.join(str(path) for path in paths)} (mode 600, folders 700), "
            f"name the file with its passphrase in {PASSPHRASE}_FILE, and run this again."
        )
    for path in found:
        load_key(path, folder.passphrase)
