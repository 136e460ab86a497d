"""The tokens of the local API: two that are made once and kept as long as the home, and one for each application."""

import re
from base64 import urlsafe_b64encode
from pathlib import Path

from agent.store.home import Home
from agent.store.jsonfile import read_bytes
from keys.disk import make_folder
from keys.errors import InvalidInputError, NotFoundError, StateDamagedError
from keys.identity import Randomness
from keys.sentences import phrase

_BYTES = 32
_NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,63}")
_FOLDER = 0o711
"""An application that knows its name may open its file, if that lets it."""
_TOKEN = re.compile(r"[A-Za-z0-9_-]{32,}")
"""Also what a person put there; a file of NULs, as a power cut may leave, is no secret."""


def application_token(home: Home, randomness: Randomness) -> str:
    """Return what the CRM shows; the installer may let the CRM's group read the file. Raises StateDamagedError."""
    return _token(home, home.application_token, randomness)


def administrator_token(home: Home, randomness: Randomness) -> str:
    """Return what the administrator's commands show. Raises StateDamagedError."""
    return _token(home, home.administrator_token, randomness)


class ApplicationTokens:
    """The tokens of further applications, one file for each; what is removed opens nothing from then on."""

    def __init__(self, home: Home, randomness: Randomness) -> None:
        self._home, self._randomness = home, randomness
        self._seen: tuple[int, int] | None = None
        self._tokens: tuple[bytes, ...] = ()

    def __call__(self) -> tuple[bytes, ...]:
        """Return all of them. A look at the folder tells whether any came or went, so this is cheap."""
        try:
            facts = self._home.tokens.stat()
        except OSError:
            self._seen, self._tokens = None, ()
            return ()
        seen = (facts.st_ino, facts.st_mtime_ns)
        if seen != self._seen:
            self._tokens = tuple(token.encode() for name in self.names() if (token := self._read(name)))
            self._seen = seen
        return self._tokens

    def names(self) -> list[str]:
        """Return whose they are."""
        return sorted(path.stem for path in self._home.tokens.glob("*.token") if _NAME.fullmatch(path.stem))

    def path(self, name: str) -> Path:
        """Return where a token lies. Raises InvalidInputError: that is no name."""
        if _NAME.fullmatch(name) is None:
            raise InvalidInputError(phrase("{name} is no name: 1 to 64 of a-z, 0-9, _ and -.", name=repr(name[:64])))
        return self._home.tokens / f"{name}.token"

    def add(self, name: str) -> Path:
        """Make a token and return where it lies. Raises InvalidInputError: there is one of that name."""
        path = self.path(name)
        if path.exists():
            raise InvalidInputError(
                phrase("There is a token {name} already. Remove it first for a new one.", name=name)
            )
        make_folder(self._home.tokens, _FOLDER)
        self._home.disk.write(path, f"{_new(self._randomness)}\n".encode())
        return path

    def remove(self, name: str) -> None:
        """Have a token open nothing any more. Raises NotFoundError."""
        path = self.path(name)
        if not path.exists():
            raise NotFoundError(phrase("There is no token {name}.", name=name))
        self._home.disk.remove(path)

    def _read(self, name: str) -> str | None:
        """Return a token; None: it is gone, or no token, and then it opens nothing."""
        try:
            return read_token(self.path(name))
        except (OSError, StateDamagedError):
            return None


def _new(randomness: Randomness) -> str:
    return urlsafe_b64encode(randomness(_BYTES)).rstrip(b"=").decode()


def _token(home: Home, path: Path, randomness: Randomness) -> str:
    token = read_token(path)
    if token is None:
        token = _new(randomness)
        home.disk.write(path, f"{token}\n".encode())
    return token


def read_token(path: Path) -> str | None:
    """Return the token of a file, None where there is no file. Raises StateDamagedError: that is no token."""
    content = read_bytes(path)
    if content is None:
        return None
    token = content.decode("ascii", "replace").strip()
    if _TOKEN.fullmatch(token) is None:
        raise StateDamagedError(
            phrase("{path} is no token. Remove it: a new one is made at the next start.", path=path)
        )
    return token
