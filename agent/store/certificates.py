"""The files by which the local API is known over TLS: the key, what applications pin, and what is shown to them."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from agent.store.home import Home
from agent.store.jsonfile import read_bytes
from keys.certificate import Authority
from keys.disk import read_secret, write_whole
from keys.errors import StateDamagedError

_FOR_EVERYBODY = 0o644


@dataclass(frozen=True, slots=True)
class TlsFiles:
    """Where the server finds its key and its certificate."""

    key: Path
    shown: Path
    is_anew: bool
    """Whether what applications pinned was damaged, and is another one now."""


def tls_files(home: Home, names: Sequence[str], now: int) -> TlsFiles:
    """Have the files there, for a server of these names, and good for long enough.

    Raises:
        KeyUnsafeError: others can read the key.
        InvalidInputError: a name is none.
        OSError: the disk is full or not writable.
    """
    authority, is_anew = _read(home), False
    if authority is None:
        is_anew = home.tls_key.exists()
        authority = Authority.begin(now)
        write_whole(home.tls_key, authority.key_pem())
    authority = authority.renewed(now)
    pinned = authority.certificate_pem()
    if read_bytes(home.tls_certificate) != pinned:
        write_whole(home.tls_certificate, pinned, _FOR_EVERYBODY)
    write_whole(home.tls_shown, authority.vouch(names, now), _FOR_EVERYBODY)
    return TlsFiles(home.tls_key, home.tls_shown, is_anew)


def _read(home: Home) -> Authority | None:
    try:
        return Authority.read(read_secret(home.tls_key), read_bytes(home.tls_certificate) or b"")
    except (FileNotFoundError, StateDamagedError):
        return None
