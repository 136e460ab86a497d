"""Files that people carry to a ceremony: private keys with a passphrase, public halves, documents."""

import getpass
import os
import sys
from collections.abc import Mapping
from pathlib import Path

from keys.disk import write_whole
from keys.errors import InvalidInputError, MalformedError, StateConflictError
from keys.jws import MAX_BYTES, from_json, to_json
from keys.keyfile import load_key, read_passphrase, save_key
from keys.sentences import phrase
from keys.signing import PublicKey, SoftwareSigner
from keys.trust import Envelope, Trust, pin_trust

PASSPHRASE = "LICENCE_KEYS_PASSPHRASE"  # noqa: S105 - the setting's name
SHORTEST_PASSPHRASE = 16
PUBLIC = 0o644
"""Mode of files that everybody may read."""


def read_document(path: Path) -> bytes:
    """Read a file that holds one document; spaces and line ends around it, which mail and editors add, don't count."""
    with path.open("rb") as file:
        return file.read(2 * MAX_BYTES).strip()


def read_proposal(path: Path) -> tuple[Envelope, Trust]:
    """Read a trust document, signed by enough or not, and what it says. Raises MalformedError, TooLargeError."""
    envelope = Envelope.from_bytes(read_document(path))
    return envelope, Trust.of_payload(envelope.payload)


def read_pinned(path: Path) -> Trust:
    """Read a trust document that enough of its own roots signed. Raises as keys.trust.pin_trust."""
    return pin_trust(read_document(path))


def read_public(path: Path) -> PublicKey:
    """Read a public half. Raises InvalidInputError that names the file."""
    try:
        return PublicKey.from_jwk(dict(from_json(read_document(path))))
    except MalformedError as error:
        raise InvalidInputError(phrase("{path} is no public key (JWK): {error}", path=path, error=error)) from error


def read_private(path: Path, environment: Mapping[str, str]) -> SoftwareSigner:
    """Read a private key, with a passphrase from the settings or the terminal. Raises KeyUnsafeError."""
    return load_key(path, passphrase(environment, confirm=False))


def new_key(path: Path, secret: bytes) -> tuple[SoftwareSigner, Path]:
    """Make a key: its encrypted file, and beside it the public half, whose path is returned.

    Raises:
        InvalidInputError: the passphrase has fewer than 16 characters; a file that is carried off is tried at leisure.
        StateConflictError: one of the files is there already; a key is never overwritten.
    """
    if len(secret) < SHORTEST_PASSPHRASE:
        raise InvalidInputError(
            phrase(
                "A passphrase of a key that is carried has at least {shortest_passphrase} characters.",
                shortest_passphrase=SHORTEST_PASSPHRASE,
            )
        )
    public = path.with_name(f"{path.name}.jwk")
    for file in (path, public):
        if file.exists():
            raise StateConflictError(phrase("{file} is there already; a key is never overwritten.", file=file))
    signer = SoftwareSigner.generate()
    save_key(path, signer, secret)
    write_whole(public, to_json(dict(signer.key.jwk)) + b"\n", PUBLIC)
    return signer, public


def passphrase(environment: Mapping[str, str], *, confirm: bool) -> bytes:
    """Return the passphrase of a key that somebody carries, from the settings or the terminal.

    Args:
        environment: the process's.
        confirm: ask twice, because a typing error would lose the key.

    Raises:
        InvalidInputError: none was given, or the two differ.
        KeyUnsafeError: others can read its file.
    """
    given = read_passphrase(environment, PASSPHRASE)
    if given is not None:
        return given
    if not in_terminal():
        raise InvalidInputError(
            phrase("No passphrase: set {passphrase}_FILE, or run this in a terminal.", passphrase=PASSPHRASE)
        )
    typed = getpass.getpass("Passphrase of the key: ")
    if confirm and typed != getpass.getpass("The same again: "):
        raise InvalidInputError(phrase("The two passphrases differ."))
    if not typed:
        raise InvalidInputError(phrase("The passphrase is empty."))
    return os.fsencode(typed)


def in_terminal() -> bool:
    """Tell whether somebody is there to be asked."""
    return sys.stdin.isatty()
