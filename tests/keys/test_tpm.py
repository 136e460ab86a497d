"""Keys in a TPM 2.0: made there, used there, and never to be had from it."""

import os
import subprocess
from dataclasses import replace
from pathlib import Path

import pytest

from keys.errors import KeyUnsafeError, SignatureInvalidError
from keys.tpm import DEVICE, Tpm, TpmKey, TpmSigner, complaint, read_maker
from tests.tpm import software_tpm

MESSAGE = b"what a device signs"
PARENT = "restricted|decrypt|fixedtpm|fixedparent|sensitivedataorigin|userwithauth|noda"
NOBODY = 65_534


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
        ("tpm2_createprimary", "-C", "o", "-G", "ecc", "-c", "parent.ctx", "-a", PARENT),
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
    assert said(Tpm(f"device:{tmp_path}/none")) == ("none", f"There is no TPM 2.0 ({tmp_path}/none).")
    assert said(Tpm(tcti, str(tmp_path)))[0] == "toolless"
    assert (Tpm(tcti).obstacle(), Tpm(tcti).trial(), DEVICE) == (None, None, "device:/dev/tpmrm0")
    with pytest.raises(KeyUnsafeError, match=r"lives in a TPM.*tpm2-tools.*rehost"):
        Tpm(tcti, str(tmp_path)).check(made)
    with pytest.raises(KeyUnsafeError, match="tpm2_getcap, FileNotFoundError"):
        Tpm(tcti, str(tmp_path)).maker()


def said(tpm: Tpm) -> tuple[str, str]:
    """What a look and a try agree on: its word, and what people read."""
    seen, tried = tpm.obstacle(), tpm.trial()
    assert seen == tried
    assert seen is not None
    return seen.word, seen.sentence


def test_what_a_look_can_tell_of_the_kernels_device(public_path: Path) -> None:
    """A TPM 1.2 has no resource manager; a device that is there may be another group's."""
    (public_path / "tpm0").touch()
    word, told = said(Tpm(f"device:{public_path}/tpmrm0"))
    assert (word, "TPM 1.2" in told, told.endswith("newer kernel.")) == ("unmanaged", True, True)
    (public_path / "tpmrm0").touch(0o600)
    assert Tpm(f"device:{public_path}/tpmrm0").obstacle() is None
    os.seteuid(NOBODY)
    try:
        word, told = said(Tpm(f"device:{public_path}/tpmrm0"))
    finally:
        os.seteuid(0)
    assert (word, "Debian: tss" in told) == ("closed", True)


def test_who_has_an_owner_is_told_by_a_try_and_its_keys_wait_for_the_password(tmp_path: Path) -> None:
    with software_tpm(tmp_path / "owned") as tcti:
        made = Tpm(tcti).make()
        assert tools(tmp_path, tcti, "tpm2_changeauth", "-c", "o", "secret").returncode == 0
        assert Tpm(tcti).obstacle() is None
        found = Tpm(tcti).trial()
        assert found is not None
        assert (found.word, "tpm2_changeauth" in found.do) == ("owned", True)
        for use in (Tpm(tcti).make, lambda: Tpm(tcti).sign(made, MESSAGE)):
            with pytest.raises(KeyUnsafeError, match="has an owner"):
                use()
        assert tools(tmp_path, tcti, "tpm2_changeauth", "-c", "o", "-p", "secret").returncode == 0
        assert len(Tpm(tcti).sign(made, MESSAGE)) == 64


@pytest.mark.long
def test_what_locks_others_out_locks_no_key_of_ours(tmp_path: Path) -> None:
    """Wrong passwords for other keys make a TPM refuse all that are guarded against guessing (part 1, section 19.8)."""
    with software_tpm(tmp_path / "locked") as tcti:
        before = Tpm(tcti).make()
        limits = ("--max-tries=1", "--recovery-time=1000", "--lockout-recovery-time=1000")
        assert tools(tmp_path, tcti, "tpm2_dictionarylockout", "--setup-parameters", *limits).returncode == 0
        assert tools(tmp_path, tcti, "tpm2_createprimary", "-C", "o", "-c", "p.ctx", "-p", "right").returncode == 0
        wrong = ("tpm2_create", "-C", "p.ctx", "-P", "wrong", "-u", "k.pub", "-r", "k.priv")
        assert "lockout mode" in [tools(tmp_path, tcti, *wrong).stderr for _ in range(2)][1]
        tpm = Tpm(tcti)
        for key in (before, tpm.make()):
            key.key.verify(MESSAGE, tpm.sign(key, MESSAGE))
        assert (tpm.trial(), len(tpm.endorsement())) == (None, 43)


def test_programs_that_do_not_answer_or_fail_are_told_by_a_try(tmp_path: Path) -> None:
    found = [Tpm("swtpm:port=1").trial()]
    (tmp_path / "tpm2_createprimary").write_text("no program")
    (tmp_path / "tpm2_createprimary").chmod(0o755)
    found.append(Tpm("swtpm:port=1", str(tmp_path)).trial())
    assert [each.word for each in found if each] == ["failing", "failing"]
    assert "refused tpm2_createprimary" in str(found[0] and found[0].said)
    assert "does not answer" in str(found[1] and found[1].said)


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
