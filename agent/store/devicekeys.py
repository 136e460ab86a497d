"""Device keys: made here, never leaving the machine, one for each activation (protocol, section 3)."""

import os
from pathlib import Path

from agent.store.home import Home
from agent.store.jsonfile import stamp
from keys.disk import make_folder
from keys.errors import KeyUnsafeError, LicensingError
from keys.keyfile import load_key, save_key
from keys.sentences import of, phrase
from keys.signing import Signer, SoftwareSigner


class DeviceKeys:
    """The device keys of one home, in files of mode 0600."""

    def __init__(self, home: Home, passphrase: bytes | None = None) -> None:
        self._home, self._passphrase = home, passphrase
        self._folder = f"{home.keys}{os.sep}"

    def make(self) -> Signer:
        """Make a key and store it before anybody learns of it."""
        make_folder(self._home.keys)
        signer = SoftwareSigner.generate()
        save_key(self._path(signer.key.kid), signer, self._passphrase)
        return signer

    def find(self, thumbprint: str) -> Signer:
        """Return a key. Raises KeyUnsafeError: it is gone, or can't be opened safely."""
        path = self._path(thumbprint)
        try:
            signer = load_key(path, self._passphrase)
        except FileNotFoundError:
            raise KeyUnsafeError(phrase("The device key {path} is not there.", path=path)) from None
        if signer.key.kid != thumbprint:
            raise KeyUnsafeError(phrase("{path} holds another key than the one that it is named for.", path=path))
        return signer

    def stamp(self, thumbprint: str) -> object:
        """Return a value that differs when the key's file was replaced or its permissions changed."""
        return stamp(f"{self._folder}{thumbprint}.pem")

    def flaw(self, thumbprint: str) -> str:
        """Return a sentence on why a key can't be used; empty: it can."""
        try:
            self.find(thumbprint)
        except LicensingError as error:
            return of(error)
        except OSError as error:
            return phrase("The device key can't be read: {reason}.", reason=error.strerror)
        return ""

    def sweep(self, keep: str) -> None:
        """Remove the keys of activations that are over: all but one."""
        for path in self._home.keys.glob("*.pem"):
            if path != self._path(keep):
                self._home.disk.remove(path)

    def _path(self, thumbprint: str) -> Path:
        return self._home.keys / f"{thumbprint}.pem"
