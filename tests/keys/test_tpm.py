"""Keys in a TPM 2.0: made there, used there, and never to be had from it."""

import subprocess
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from keys.errors import KeyUnsafeError, SignatureInvalidError
from keys.tpm import DEVICE, Tpm, TpmKey, TpmSigner, complaint, read_maker
from tests.tpm import software_tpm

MESSAGE = b"what a device signs"


@pytest.fixture(scope="module")
def tcti(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with software_tpm(tmp_path_factory.mktemp("tpm") / "state") as tcti:
        yield tcti


@pytest.fixture(scope="module")
def made(tcti: str) -> TpmKey:
    return Tpm(tcti).make()


def tools(folder: Path, tcti: str, *words: str) -> subprocess.CompletedProcess[str]:
    """Do what an administrator of the machine can do with the TPM, too."""
    name, *rest = words
    return subprocess.run([name, "-T", tcti, *rest], cwd=folder, capture_output=True, text=True, check=False)


def test_it_signs_es256_that_everybody_can_verify(tcti: str, made: TpmKey) -> None:
    signer = TpmSigner(Tpm(tcti), made)
    assert (signer.key, signer.key.kind) == (made.key, "ES256")
    signer.key.verify(MESSAGE, signer.sign(MESSAGE))
    with pytest.raises(SignatureInvalidError):
        signer.key.verify(MESSAGE + b"!", signer.sign(MESSAGE))


def test_it_tells_who_made_it_and_which_one_it_is(tcti: str, tmp_path: Path) -> None:
    assert (Tpm(tcti).maker(), Tpm(tcti).endorsement()) == ("IBM", Tpm(tcti).endorsement())
    with software_tpm(tmp_path / "other") as other:
        assert Tpm(other).endorsement() != Tpm(tcti).endorsement()


@pytest.mark.threat(1)
def test_whoever_has_its_record_and_the_tpm_can_not_take_the_key_away(tcti: str, made: TpmKey, tmp_path: Path) -> None:
    """TPM2_Duplicate, under a policy that allows all: the key is fixed to its TPM and to its parent."""
    (tmp_path / "key.pub").write_bytes(made.public)
    (tmp_path / "key.priv").write_bytes(made.private)
    for words in (
        ("tpm2_createprimary", "-C", "o", "-G", "ecc", "-c", "parent.ctx"),
        ("tpm2_load", "-C", "parent.ctx", "-u", "key.pub", "-r", "key.priv", "-c", "key.ctx"),
    ):
        assert tools(tmp_path, tcti, *words).returncode == 0
    out = ("-c", "key.ctx", "-G", "null", "-r", "out.priv", "-s", "out.seed")
    refused = tools(tmp_path, tcti, "tpm2_duplicate", "-C", "null", *out)
    assert refused.returncode != 0
    assert "tpm:" in refused.stderr, "the TPM itself said no"
    told = tools(tmp_path, tcti, "tpm2_readpublic", "-c", "key.ctx").stdout
    assert "fixedtpm|fixedparent|sensitivedataorigin|userwithauth|noda|sign" in told


@pytest.mark.threat(1)
def test_its_record_is_worth_nothing_to_another_tpm(tcti: str, made: TpmKey, tmp_path: Path) -> None:
    with software_tpm(tmp_path / "other") as other:
        for use in (lambda: Tpm(other).check(made), lambda: Tpm(other).sign(made, MESSAGE)):
            with pytest.raises(KeyUnsafeError, match=r"another TPM.*rehost.*--replace"):
                use()
    Tpm(tcti).check(made)


def test_a_record_that_was_changed_opens_nothing(tcti: str, made: TpmKey) -> None:
    private = bytearray(made.private)
    private[-1] ^= 1
    with pytest.raises(KeyUnsafeError):
        Tpm(tcti).check(replace(made, private=bytes(private)))


def test_without_a_tpm_or_its_programs_it_is_said_what_to_do(tcti: str, made: TpmKey, tmp_path: Path) -> None:
    assert Tpm(f"device:{tmp_path}/none").obstacle() == f"There is no TPM 2.0 ({tmp_path}/none)."
    assert "tpm2-tools" in Tpm(tcti, str(tmp_path)).obstacle()
    assert (Tpm(tcti).obstacle(), DEVICE) == ("", "device:/dev/tpmrm0")
    with pytest.raises(KeyUnsafeError, match=r"lives in a TPM.*tpm2-tools.*rehost"):
        Tpm(tcti, str(tmp_path)).check(made)
    with pytest.raises(KeyUnsafeError, match="tpm2_getcap, FileNotFoundError"):
        Tpm(tcti, str(tmp_path)).maker()


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ("ERROR: Eys_Load(0x1DF) - tpm:parameter(1):integrity check failed\nERROR: Unable to run load", "another TPM"),
        ("ERROR:tcti:x.c:452:f() Failed to open /dev/tpmrm0: Permission denied \nERROR: Could not", "group"),
        ("WARNING:esys:x\nERROR: in lockout mode\nERROR: Unable to run load", "refused tpm2_load: in lockout mode."),
        ("", "it does not say why"),
        (f"ERROR: {'x' * 1000}", f"{'x' * 300}."),
    ],
)
def test_what_its_programs_complain_of_is_said_in_a_sentence(said: str, told: str) -> None:
    assert told in complaint("tpm2_load", said)


@pytest.mark.parametrize(
    ("said", "maker"),
    [
        ('TPM2_PT_REVISION:\n  raw: 0x74\nTPM2_PT_MANUFACTURER:\n  raw: 0x49424D00\n  value: "IBM"\nTPM2_X:', "IBM"),
        ('TPM2_PT_MANUFACTURER:\n  raw: 0x494E5443\n  value: "INTC"', "INTC"),
        ("TPM2_PT_MANUFACTURER:\n  raw: 0x564D5700", "VMW"),
        ("TPM2_PT_MANUFACTURER:\n  raw: 0xFFFFFFFF", ""),
        ("TPM2_PT_MANUFACTURER:\n  raw: what", ""),
        ("", ""),
    ],
)
def test_the_maker_is_read_from_its_number(said: str, maker: str) -> None:
    assert read_maker(said) == maker
