"""Passwords: hashed with Argon2id (RFC 9106), and refused when they are easily guessed."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from zxcvbn import zxcvbn

from keys.errors import UnavailableError

AT_ONCE = 2
"""Hashes in one process at a time: each takes 64 MiB and all of a processor."""
_PATIENCE = 5.0
"""Seconds that a hash waits for its turn."""
_RETRY_AFTER = 5
_STRONG = 3
"""Of zxcvbn's 0 to 4: more than 10^8 guesses by somebody who knows the usual ways to make passwords."""
_LOOKED_AT = 72
"""Characters: what comes after them only makes a password better."""
_NOBODY = "$argon2id$v=19$m=65536,t=3,p=4$2yxKVI8eClbQgRBKBVlCdA$Kf88LcLHqAoT8sx3yAR8/Oq1gNgfIAfCwMIvS2iA0IU"
"""A hash that is no operator's, with the present parameters: an unknown name costs the same work as a known one."""


class Argon2Passwords:
    """Hashes passwords with the library's present defaults (64 MiB, 3 passes), few at a time.

    Args:
        at_once: hashes at a time.
        patience: seconds that one more waits for its turn before it is refused (UnavailableError).
    """

    def __init__(self, at_once: int = AT_ONCE, patience: float = _PATIENCE) -> None:
        self._hasher = PasswordHasher()
        self._places, self._patience = threading.BoundedSemaphore(at_once), patience
        self._judging = threading.Lock()

    def hash(self, password: str) -> str:
        """Return what may be stored, salt and parameters included."""
        with self._place():
            return self._hasher.hash(password)

    def verify(self, stored: str | None, password: str) -> bool:
        """Tell whether a password is the stored one; None is nobody's, and takes as long to find out."""
        with self._place():
            try:
                self._hasher.verify(_NOBODY if stored is None else stored, password)
            except (VerificationError, InvalidHashError):
                return False
        return stored is not None

    def needs_rehash(self, stored: str) -> bool:
        """Tell whether it was hashed with weaker parameters than the present ones."""
        return self._hasher.check_needs_rehash(stored)

    def weakness(self, password: str, words: tuple[str, ...]) -> str | None:
        """Return in a sentence why a password is easily guessed; None: it is not.

        Args:
            password: at most as long as passwords are.
            words: what a guesser would try first, such as the operator's name.
        """
        with self._judging:  # the library keeps the words in a dictionary that all threads share
            found = zxcvbn(password[:_LOOKED_AT], user_inputs=list(words))
        if found["score"] >= _STRONG:
            return None
        return str(found["feedback"]["warning"] or "It is like many others.")

    @contextmanager
    def _place(self) -> Iterator[None]:
        if not self._places.acquire(timeout=self._patience):
            raise UnavailableError("Many people sign in at this moment.", _RETRY_AFTER)
        try:
            yield
        finally:
            self._places.release()
