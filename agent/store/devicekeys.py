"""Device keys: made here, never leaving the machine, one for each activation (protocol, section 3)."""

import os
from contextlib import suppress
from pathlib import Path
from typing import Literal

from agent.domain.keyplace import FILE
from agent.store.home import Home
from agent.store.jsonfile import stamp
from agent.store.tpmkeys import TpmKeys
from keys.disk import make_folder
from keys.errors import KeyUnsafeError, LicensingError
from keys.keyfile import load_key, save_key
from keys.sentences import marked, of, phrase, together
from keys.signing import Signer, SoftwareSigner
from keys.tpm import Obstacle

Wanted = Literal["auto", "file", "tpm"]
"""Where keys are made: in the TPM if it can be used, else in a file; in a file; in the TPM or not at all.

Where only a TPM will do, a key that is in a file moves there, too.
"""


UNASKED = (marked('agent.toml says device_key = "file".'), "")
_BY_WISH = Obstacle.of("unasked", UNASKED)
OR_A_FILE = phrase('Or set device_key = "file" in agent.toml.')


class DeviceKeys:
    """The device keys of one home, in files of mode 0600 or in a TPM."""

    def __init__(self, home: Home, passphrase: bytes | None, tpm: TpmKeys, wanted: Wanted = "auto") -> None:
        self._home, self._passphrase, self._tpm, self._wanted = home, passphrase, tpm, wanted
        self._folder = f"{home.keys}{os.sep}"

    @property
    def obstacle(self) -> Obstacle | None:
        """Why the next key will not be in a TPM, as far as a look tells; None: it will."""
        return _BY_WISH if self._wanted == "file" else self._tpm.obstacle

    def trial(self) -> Obstacle | None:
        """Return why the next key will not be in a TPM, after a try; None: it will."""
        return _BY_WISH if self._wanted == "file" else self._tpm.trial()

    def make(self) -> Signer:
        """Make a key and store it before anybody learns of it. Raises KeyUnsafeError: only a TPM will do, and fails."""
        if self._wanted == "tpm" or self.obstacle is None:
            try:
                return self._tpm.make()
            except KeyUnsafeError as error:
                if self._wanted == "tpm":
                    raise KeyUnsafeError(together(of(error), OR_A_FILE)) from error
        make_folder(self._home.keys)
        signer = SoftwareSigner.generate()
        save_key(self._path(signer.key.kid), signer, self._passphrase)
        return signer

    def find(self, thumbprint: str) -> Signer:
        """Return a key. Raises KeyUnsafeError: it is gone, or can't be opened safely."""
        if self._tpm.path(thumbprint).exists():
            return self._tpm.find(thumbprint)
        path = self._path(thumbprint)
        try:
            signer = load_key(path, self._passphrase)
        except FileNotFoundError:
            raise KeyUnsafeError(phrase("The device key {path} is not there.", path=path)) from None
        if signer.key.kid != thumbprint:
            raise KeyUnsafeError(phrase("{path} holds another key than the one that it is named for.", path=path))
        return signer

    def maker(self, thumbprint: str) -> str:
        """Return who made the TPM that a key lives in; empty: it is in a file. Raises KeyUnsafeError."""
        return self._tpm.maker(thumbprint) if self._tpm.path(thumbprint).exists() else FILE

    def stamp(self, thumbprint: str) -> object:
        """Return a value that differs when the key's file was replaced, or its TPM is to be asked again."""
        return stamp(f"{self._folder}{thumbprint}.pem"), stamp(f"{self._folder}{thumbprint}.tpm"), self._tpm.stamp()

    def flaw(self, thumbprint: str) -> str:
        """Return a sentence on why a key can't be used; empty: it can."""
        try:
            if self._tpm.path(thumbprint).exists():
                self._tpm.check(thumbprint)
            else:
                self.find(thumbprint)
        except LicensingError as error:
            return of(error)
        except OSError as error:
            return phrase("The device key can't be read: {reason}.", reason=error.strerror)
        return ""

    def successor(self, thumbprint: str) -> Signer | None:
        """Make a key in the TPM that shall take the place of one in a file, and store it.

        None where that one is to stay: it is in a TPM, nobody wants it to move, or the TPM fails.
        """
        if self._wanted != "tpm" or self.maker(thumbprint) != FILE:
            return None
        with suppress(KeyUnsafeError):  # the licence goes on with the key that it has
            return self._tpm.make()
        return None

    def sweep(self, *keep: str) -> None:
        """Remove the keys that serve no activation any more: all but those."""
        for path in (*self._home.keys.glob("*.pem"), *self._home.keys.glob("*.tpm")):
            if path.stem not in keep:
                self._home.disk.remove(path)

    def _path(self, thumbprint: str) -> Path:
        return self._home.keys / f"{thumbprint}.pem"
