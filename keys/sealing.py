"""Small secrets at rest in a database: encrypted under the passphrase of the keys, bound to the row they stand in."""

from functools import cached_property

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.scrypt import Scrypt

from keys.errors import KeyUnsafeError, MalformedError
from keys.identity import Randomness
from keys.jws import decode, encode

_VERSION = "1"
_NONCE = 12
_COST = 1 << 15
"""Of scrypt: 32 MiB and a tenth of a second, once in the life of a process."""


class Sealing:
    """Seals with AES-256-GCM under a key that scrypt makes of the passphrase (decision 28).

    Args:
        passphrase: of the key folder; None: there is none, and nothing can be sealed.
        issuer: the salt: two servers with the same passphrase have different keys.
        randomness: for nonces.
    """

    def __init__(self, passphrase: bytes | None, issuer: str, randomness: Randomness) -> None:
        self._passphrase, self._issuer, self._randomness = passphrase, issuer, randomness

    def seal(self, secret: str, place: str) -> str:
        """Return a secret as it may be stored, readable at that place alone. Raises KeyUnsafeError: no passphrase."""
        nonce = self._randomness(_NONCE)
        sealed = nonce + self._cipher.encrypt(nonce, secret.encode(), place.encode())
        return f"{_VERSION}.{encode(sealed).decode()}"

    def open(self, sealed: str, place: str) -> str:
        """Return a secret that was sealed for that place.

        Raises:
            KeyUnsafeError: it was sealed under another passphrase, for another place, or was changed; or there is no
                passphrase.
        """
        version, _, text = sealed.partition(".")
        try:
            raw = decode(text.encode()) if version == _VERSION else b""
            return self._cipher.decrypt(raw[:_NONCE], raw[_NONCE:], place.encode()).decode()
        except (InvalidTag, MalformedError, ValueError) as error:
            raise KeyUnsafeError(
                "A sealed secret can't be opened: the passphrase of the keys was changed since, or the database was."
            ) from error

    @cached_property
    def _cipher(self) -> AESGCM:
        if self._passphrase is None:
            raise KeyUnsafeError(
                "Second factors and webhook secrets are sealed under the passphrase of the server's keys, and there is "
                "none. Name its file in LICENCE_SERVER_PASSPHRASE_FILE, and start the server again."
            )
        salt = b"licence-server sealing\0" + self._issuer.encode()
        return AESGCM(Scrypt(salt=salt, length=32, n=_COST, r=8, p=1).derive(self._passphrase))
