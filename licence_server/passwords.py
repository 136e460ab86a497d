"""Passwords: hashed with Argon2id (RFC 9106), made from the operating system's randomness."""

from argon2 import PasswordHasher

from keys.identity import ALPHABET, Randomness

_LENGTH = 24
_GROUP = 6


class Argon2Passwords:
    """Hashes passwords with the library's present defaults (64 MiB, 3 passes)."""

    def __init__(self) -> None:
        self._hasher = PasswordHasher()

    def hash(self, password: str) -> str:
        """Return what may be stored, salt and parameters included."""
        return self._hasher.hash(password)


def new_password(randomness: Randomness) -> str:
    """Return a password of 24 letters and digits (120 random bits) in groups that can be read out loud."""
    letters = "".join(ALPHABET[byte & 31] for byte in randomness(_LENGTH)).lower()
    return "-".join(letters[start : start + _GROUP] for start in range(0, _LENGTH, _GROUP))
