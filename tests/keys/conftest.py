"""A server's home to hold ceremonies in."""

from pathlib import Path

import pytest

from keys.ceremony import first_trust, signed
from keys.clock import SystemClock
from keys.keyfile import save_key
from tests.keys.samples import (
    ISSUER,
    ROOT_1,
    SIGNING,
)


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A server's home whose only root key is in it, as init makes one."""
    home = tmp_path / "home"
    for folder in ("signing", "root"):
        (home / "keys" / folder).mkdir(parents=True, mode=0o700)
    save_key(home / "keys/signing" / f"{SIGNING.key.kid}.pem", SIGNING, b"kept in the home")
    save_key(home / "keys/root" / f"{ROOT_1.key.kid}.pem", ROOT_1, b"kept in the home")
    document = signed(first_trust(ISSUER, SystemClock().now(), [ROOT_1.key], 1, SIGNING.key), [ROOT_1])
    (home / "keys/trust.json").write_bytes(document)
    (home / "root.json").write_bytes(document)
    return home
