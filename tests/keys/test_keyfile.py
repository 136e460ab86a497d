"""Private keys at rest, and the passphrases that protect them."""

from pathlib import Path

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa, x25519

from keys.disk import write_whole
from keys.errors import InvalidInputError, KeyUnsafeError
from keys.keyfile import load_key, read_passphrase, save_key
from keys.signing import SoftwareSigner
from tests.keys.samples import DEVICE, TPM_DEVICE

PEM, PKCS8 = serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "key.pem"


@pytest.mark.parametrize("signer", [DEVICE, TPM_DEVICE], ids=["Ed25519", "ES256"])
@pytest.mark.parametrize("passphrase", [b"correct horse", "گذرواژه".encode(), None], ids=["ascii", "persian", "none"])
def test_a_key_comes_back(file: Path, signer: SoftwareSigner, passphrase: bytes | None) -> None:
    save_key(file, signer, passphrase)
    assert load_key(file, passphrase).key == signer.key
    assert file.stat().st_mode & 0o777 == 0o600
    assert (b"ENCRYPTED" in file.read_bytes()) is (passphrase is not None)


@pytest.mark.parametrize("passphrase", [b"wrong", b"", None])
def test_an_encrypted_key_opens_with_its_passphrase_alone(file: Path, passphrase: bytes | None) -> None:
    save_key(file, DEVICE, b"right")
    with pytest.raises(KeyUnsafeError, match=rf"^{file} "):
        load_key(file, passphrase)


def test_a_key_in_plain_text_needs_no_passphrase_and_minds_none(file: Path) -> None:
    save_key(file, DEVICE, None)
    assert load_key(file, b"of the other keys").key == DEVICE.key


def test_an_empty_passphrase_is_refused_and_writes_nothing(file: Path) -> None:
    with pytest.raises(InvalidInputError, match="empty"):
        save_key(file, DEVICE, b"")
    assert not file.exists()


def test_a_key_that_others_can_read_is_refused(file: Path) -> None:
    save_key(file, DEVICE, None)
    file.chmod(0o640)
    with pytest.raises(KeyUnsafeError, match="chmod 600"):
        load_key(file, None)


def test_a_link_to_a_key_is_refused(file: Path, tmp_path: Path) -> None:
    save_key(tmp_path / "elsewhere.pem", DEVICE, None)
    file.symlink_to(tmp_path / "elsewhere.pem")
    with pytest.raises(KeyUnsafeError):
        load_key(file, None)


@pytest.mark.parametrize(
    "private",
    [
        rsa.generate_private_key(65537, 2048),
        ec.generate_private_key(ec.SECP384R1()),
        x25519.X25519PrivateKey.generate(),
    ],
    ids=["rsa", "p384", "x25519"],
)
def test_a_key_of_another_kind_is_refused(
    file: Path, private: rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey | x25519.X25519PrivateKey
) -> None:
    write_whole(file, private.private_bytes(PEM, PKCS8, serialization.NoEncryption()))
    with pytest.raises(KeyUnsafeError, match="neither"):
        load_key(file, None)


@pytest.mark.parametrize(
    "content", [b"", b"rubbish", b"-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n"]
)
def test_rubbish_is_no_key(file: Path, content: bytes) -> None:
    write_whole(file, content)
    with pytest.raises(KeyUnsafeError, match="can't be opened"):
        load_key(file, None)


def test_a_passphrase_comes_from_a_file_or_the_environment(tmp_path: Path) -> None:
    write_whole(tmp_path / "passphrase", b"from a file\r\n")
    file = {"P_FILE": str(tmp_path / "passphrase")}
    assert read_passphrase(file, "P") == b"from a file"
    assert read_passphrase({"P": "from the environment"}, "P") == b"from the environment"
    assert read_passphrase(file | {"P": "x"}, "P") == b"from a file", "the file is the safer place"
    assert read_passphrase({"Q": "x"}, "P") is None


def test_a_passphrase_that_others_can_read_is_refused(tmp_path: Path) -> None:
    write_whole(tmp_path / "passphrase", b"x", 0o644)
    with pytest.raises(KeyUnsafeError):
        read_passphrase({"P_FILE": str(tmp_path / "passphrase")}, "P")


def test_of_a_passphrase_only_the_line_s_end_is_left_out() -> None:
    assert read_passphrase({"P": " XX spaces belong to it \t\r\n"}, "P") == b" XX spaces belong to it \t"
    assert read_passphrase({"P": "X\n"}, "P") == b"X"


@pytest.mark.parametrize(
    ("environment", "said"),
    [
        ({"P": ""}, "The passphrase in P is empty."),
        ({"P": "\n"}, "The passphrase in P is empty."),
        ({"P_FILE": "/nowhere"}, "P_FILE names /nowhere, which does not exist."),
    ],
)
def test_a_missing_or_empty_passphrase_is_said_to_be(environment: dict[str, str], said: str) -> None:
    with pytest.raises(InvalidInputError) as refusal:
        read_passphrase(environment, "P")
    assert str(refusal.value) == said
