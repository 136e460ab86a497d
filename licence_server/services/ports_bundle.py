"""What making an installation package needs from the outside."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, Protocol, get_args

from keys.errors import NotFoundError

Form = Literal["run", "deb"]
"""A program that unpacks itself, on any Linux; a package of Debian's."""
FORMS: tuple[Form, ...] = get_args(Form)


def form_of(word: str) -> Form:
    """Return a form by its word. Raises NotFoundError: there is none of that word."""
    for form in FORMS:
        if form == word:
            return form
    raise NotFoundError(f"There is no package of this form; there are {' and '.join(FORMS)}.")


@dataclass(frozen=True, slots=True)
class Release:
    """The agent's files, as they were built."""

    version: str
    platform: str
    """What they run on, e.g. ``linux-x86_64``."""
    glibc: str
    """The oldest version of the C library on which they run."""
    built_at: int
    """NumericDate of every file in a package."""
    digests: Mapping[str, str]
    """SHA-256 in hexadecimal of each file, by its name."""
    units: Mapping[str, bytes]
    """The files for systemd among them."""
    archive: bytes
    """All of them, in the form in which packages carry them."""


class Shelf(Protocol):
    """Where the agent's files come from."""

    def release(self) -> Release:
        """Return the release that packages are made from. Raises InvalidInputError: there is none, or it is damaged."""


class Packer(Protocol):
    """Makes packages."""

    def name(self, release: Release, form: Form) -> str:
        """Return what the package's file is called."""

    def pack(self, release: Release, form: Form, files: Mapping[str, bytes], seal_size: int) -> bytes:
        """Return a package up to its seal.

        Args:
            release: the agent's files.
            form: which kind of package.
            files: what the vendor adds to them.
            seal_size: how many bytes the seal at its end will have.

        Raises:
            InvalidInputError: there is no such package for the release's platform.
        """
