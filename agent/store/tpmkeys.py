"""Device keys in a TPM: what lies in the home of them is of use to that TPM alone."""

import errno
from pathlib import Path

from agent.store.home import Home
from agent.store.jsonfile import as_json
from keys.claims import Reader
from keys.clock import Clock
from keys.disk import make_folder, read_secret
from keys.errors import KeyUnsafeError, MalformedError
from keys.jws import decode, encode, from_json
from keys.sentences import marked, phrase, together
from keys.signing import PublicKey, Signer
from keys.tpm import REHOST, Obstacle, Tpm, TpmKey, TpmSigner

_LONGEST = 4096
_ASK_AGAIN = 60
"""Seconds after which a TPM that failed is asked again."""
ASIDE = (
    marked("Keys in a TPM are not used here: this is Windows, or a file stands in for the machine's hardware."),
    "",
)
_NOT_HERE = Obstacle.of("aside", ASIDE)


class TpmKeys:
    """The device keys of one home that live in a TPM."""

    def __init__(self, home: Home, tpm: Tpm | None, clock: Clock) -> None:
        """Take the TPM to use; None: there is none to be used here."""
        self._home, self._tpm, self._clock = home, tpm, clock
        self._ails = False
        self._opened = set[bytes]()

    @property
    def obstacle(self) -> Obstacle | None:
        """Why no key can be made in a TPM, as far as a look tells; None: it may be."""
        return _NOT_HERE if self._tpm is None else self._tpm.obstacle()

    def trial(self) -> Obstacle | None:
        """Return why no key can be made in a TPM, after a try; None: it can be."""
        return _NOT_HERE if self._tpm is None else self._tpm.trial()

    def path(self, thumbprint: str) -> Path:
        """Return where the record of a key lies."""
        return self._home.keys / f"{thumbprint}.tpm"

    def make(self) -> Signer:
        """Make a key and store its record before anybody learns of it. Raises KeyUnsafeError: the TPM does not."""
        if self.obstacle is not None:
            raise KeyUnsafeError(self.obstacle.sentence)
        tpm = self._used()
        maker, made = tpm.maker(), tpm.make()
        content = {
            "version": 1,
            "maker": maker or "?",
            "jwk": dict(made.key.jwk),
            "public": encode(made.public).decode(),
            "private": encode(made.private).decode(),
        }
        make_folder(self._home.keys)
        self._home.disk.write(self.path(made.key.kid), as_json(content))
        return TpmSigner(tpm, made)

    def find(self, thumbprint: str) -> Signer:
        """Return a key. Raises KeyUnsafeError: its record is no good, or no TPM is used here."""
        _, key = self._read(thumbprint)
        return TpmSigner(self._used(), key)

    def check(self, thumbprint: str) -> None:
        """Check that the TPM has the key; asked once, since none is exchanged under a running program.

        So a TPM that fails for a while, or is busy, turns nobody away who is at work. Raises KeyUnsafeError.
        """
        self._ails = True
        _, key = self._read(thumbprint)
        if key.private not in self._opened:
            self._used().check(key)
            self._opened.add(key.private)
        self._ails = False

    def stamp(self) -> int:
        """Return a value that changes now and then while the TPM fails, so that it is asked again."""
        return int(self._clock.boot() // _ASK_AGAIN) if self._ails else -1

    def maker(self, thumbprint: str) -> str:
        """Return who made the TPM of a key. Raises KeyUnsafeError, FileNotFoundError."""
        return self._read(thumbprint)[0]

    def endorsement(self) -> str | None:
        """Return the TPM's own component; None where no key of this home lives in one.

        Raises OSError: it can't be read just now.
        """
        if self._tpm is None or not any(self._home.keys.glob("*.tpm")):
            return None
        try:
            return self._tpm.endorsement()
        except KeyUnsafeError as error:
            raise OSError(errno.EIO, str(error)) from error

    def _used(self) -> Tpm:
        if self._tpm is None:
            raise KeyUnsafeError(_NOT_HERE.sentence)
        return self._tpm

    def _read(self, thumbprint: str) -> tuple[str, TpmKey]:
        path = self.path(thumbprint)
        try:
            reader = Reader(from_json(read_secret(path, _LONGEST)))
            key = PublicKey.from_jwk(reader.raw("jwk"))
            public, private = (decode(reader.text(name, _LONGEST).encode()) for name in ("public", "private"))
            maker = reader.text("maker", 64)
        except MalformedError as error:
            said = phrase("{path} is not what was stored. Restore it from a backup, or:", path=path)
            raise KeyUnsafeError(together(said, REHOST)) from error
        if key.kid != thumbprint:
            raise KeyUnsafeError(phrase("{path} holds another key than the one that it is named for.", path=path))
        return maker, TpmKey(key, public, private)
