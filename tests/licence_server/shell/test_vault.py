"""The vault: keys that change on disk, and files that must not be believed."""

from pathlib import Path

import pytest

from keys.ceremony import revoked, rotated, signed
from keys.disk import write_whole
from keys.errors import KeyUnsafeError, LicensingError, UnavailableError
from keys.keyfile import save_key
from keys.keyfolder import KeyFolder
from keys.signing import SoftwareSigner
from keys.trust import Trust
from licence_server.storage.vault import FileVault
from tests.licence_server.office import Home


@pytest.fixture
def folder(home: Home) -> KeyFolder:
    return KeyFolder.of_home(home.path, {})


@pytest.fixture
def vault(folder: KeyFolder) -> FileVault:
    return FileVault(folder.path, folder.passphrase)


def put(folder: KeyFolder, trust: Trust) -> None:
    document = signed(trust, folder.roots(folder.trust().roots))
    write_whole(folder.path / "trust.json", document, 0o644)


def test_a_rotation_takes_effect_without_a_restart(home: Home, folder: KeyFolder, vault: FileVault) -> None:
    old, new = vault.signer.key.kid, SoftwareSigner.generate()
    folder.add_signing_key(new)
    assert vault.signer.key.kid == old
    put(folder, rotated(vault.trust, new.key, home.clock.now() + 60))
    assert vault.signer.key.kid == new.key.kid
    assert vault.trust.version == 2
    assert vault.trust_document == (folder.path / "trust.json").read_bytes()


def test_nothing_is_signed_while_the_new_key_is_not_here(home: Home, folder: KeyFolder, vault: FileVault) -> None:
    new = SoftwareSigner.generate()
    put(folder, revoked(vault.trust, vault.signer.key.kid, home.clock.now() + 60, new.key))
    with pytest.raises(UnavailableError):
        _ = vault.signer
    folder.add_signing_key(new)
    assert vault.signer.key.kid == new.key.kid


def test_an_older_trust_document_is_not_taken(home: Home, folder: KeyFolder, vault: FileVault) -> None:
    first = vault.trust_document
    new = SoftwareSigner.generate()
    folder.add_signing_key(new)
    put(folder, rotated(vault.trust, new.key, home.clock.now() + 60))
    assert vault.trust.version == 2
    write_whole(folder.path / "trust.json", first, 0o644)
    with pytest.raises(UnavailableError):
        _ = vault.trust


def test_a_key_file_under_anothers_name(folder: KeyFolder, vault: FileVault) -> None:
    path = folder.path / "signing" / f"{vault.signer.key.kid}.pem"
    save_key(path, SoftwareSigner.generate(), folder.passphrase)
    with pytest.raises(KeyUnsafeError, match="holds another key"):
        FileVault(folder.path, folder.passphrase)


def spoil_mode(path: Path) -> None:
    path.chmod(0o666)


def spoil_bytes(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-20])


def remove(path: Path) -> None:
    path.unlink()


@pytest.mark.parametrize("spoil", [spoil_mode, spoil_bytes, remove])
@pytest.mark.parametrize("name", ["trust.json", "signing/*.pem"])
def test_what_is_not_safe_is_refused(folder: KeyFolder, spoil, name: str) -> None:
    spoil(next(folder.path.glob(name)))
    with pytest.raises(LicensingError):
        FileVault(folder.path, folder.passphrase)
