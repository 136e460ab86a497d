"""Private keys at rest: PKCS#8, encrypted when there is a passphrase, readable by their owner alone."""

import os
from collections.abc import Mapping
from pathlib import Path

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519

from keys.disk import read_secret, write_whole
from keys.errors import InvalidInputError, KeyUnsafeError
from keys.sentences import phrase
from keys.signing import SoftwareSigner


def save_key(path: Path, signer: SoftwareSigner, passphrase: bytes | None) -> None:
    """Write a private key, whole or not at all, mode 0600; in plain text only where the passphrase is None.

    Raises:
        InvalidInputError: the passphrase is empty, which would protect nothing.
    """
    if passphrase == b"":
        raise InvalidInputError(phrase("The passphrase is empty."))
    protection = serialization.BestAvailableEncryption(passphrase) if passphrase else serialization.NoEncryption()
    pem = signer.private.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, protection)
    write_whole(path, pem)


def load_key(path: Path, passphrase: bytes | None) -> SoftwareSigner:
    """Read a private key.

    Raises:
        KeyUnsafeError: others can read the file, the passphrase is wrong or missing, or it is no key of ours.
        FileNotFoundError: there is no such file.
    """
    return open_key(read_secret(path), passphrase, path)


def open_key(pem: bytes, passphrase: bytes | None, path: Path) -> SoftwareSigner:
    """Open a private key that was read from a file, or would be. Raises KeyUnsafeError as load_key."""
    encrypted = b"ENCRYPTED" in pem
    if encrypted and not passphrase:
        raise KeyUnsafeError(phrase("{path} is encrypted, and no passphrase was given.", path=path))
    try:
        private = serialization.load_pem_private_key(pem, passphrase if encrypted else None)
    except (ValueError, TypeError, UnsupportedAlgorithm) as error:
        raise KeyUnsafeError(
            phrase("{path} can't be opened: wrong passphrase, or not a private key.", path=path)
        ) from error
    if isinstance(private, ed25519.Ed25519PrivateKey):
        return SoftwareSigner(private)
    if isinstance(private, ec.EllipticCurvePrivateKey) and isinstance(private.curve, ec.SECP256R1):
        return SoftwareSigner(private)
    raise KeyUnsafeError(phrase("{path} is neither an Ed25519 nor a P-256 key.", path=path))


def read_passphrase(environment: Mapping[str, str], name: str) -> bytes | None:
    """Return the passphrase from the file that ``<name>_FILE`` names, or from ``<name>``, or None where neither is set.

    Raises:
        KeyUnsafeError: others can read the file.
        InvalidInputError: the file is missing, or the passphrase is empty.
    """
    file = environment.get(f"{name}_FILE")
    if file is None and name not in environment:
        return None
    try:
        content = read_secret(Path(file)) if file is not None else os.fsencode(environment[name])
    except FileNotFoundError as error:
        raise InvalidInputError(
            phrase("{name}_FILE names {file}, which does not exist.", name=name, file=file)
        ) from error
    passphrase = content.rstrip(b"\r\n")
    if not passphrase:
        raise InvalidInputError(phrase("The passphrase in {name} is empty.", name=name))
    return passphrase
