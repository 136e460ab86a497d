"""Where the device key lives, what keeps it from the TPM, and where the next one will be."""

import os
import subprocess
from dataclasses import replace
from pathlib import Path
from shutil import which

import pytest

from agent.doctor.devicekey import key
from agent.system.owner import acting_as_owner
from keys.checkup import Finding
from keys.tpm import Tpm
from tests.agent.doctor.patient import Patient
from tests.agent.vendor import Vendor
from tests.tpm import software_tpm

NOWHERE = "device:/none"
NOBODY = 65_534


def seen(patient: Patient, tpm: str, device_key="auto") -> Finding:
    patient.settings = replace(patient.settings, tpm=tpm, device_key=device_key)
    return key(patient.subject())


def test_before_an_activation_it_is_said_where_the_key_will_be(patient: Patient, tcti: str) -> None:
    assert (seen(patient, tcti).word, seen(patient, tcti, "file").word) == ("key-new", "key-unasked")
    none, must = seen(patient, NOWHERE), seen(patient, NOWHERE, "tpm")
    assert (none.state, none.word, none.said) == ("ok", "key-none", "There is no TPM 2.0 (/none).")
    assert "will be in a file" in none.means
    assert (must.state, must.word, "nothing can be activated" in must.means) == ("failed", "key-none", True)
    assert 'device_key = "file"' in must.remedy


@pytest.mark.situation("A TPM 1.2, or a kernel without its resource manager", says="key-unmanaged")
def test_a_tpm_of_the_old_kind(patient: Patient, tmp_path: Path) -> None:
    (tmp_path / "tpm0").touch()
    assert seen(patient, f"device:{tmp_path}/tpmrm0").word == "key-unmanaged"


@pytest.mark.situation("The agent's user may not use the TPM", says="key-closed")
def test_a_tpm_of_another_group(patient: Patient, public_path: Path) -> None:
    device = public_path / "tpmrm0"
    device.touch(mode=0o600)
    (public_path / "nobody").mkdir()
    os.chown(public_path / "nobody", NOBODY, NOBODY)
    subject = patient.subject()
    subject.agent.keys._tpm._tpm = Tpm(f"device:{device}")
    with acting_as_owner(public_path / "nobody"):
        found = subject.agent.keys.trial()
    assert found is not None
    assert found.word == "closed"
    assert seen(patient, f"device:{device}").word == "key-failing", "root may, and it is no TPM"


@pytest.mark.situation("A TPM, but no tpm2-tools", says="key-toolless")
def test_a_tpm_without_its_programs(patient: Patient, tcti: str, tmp_path: Path) -> None:
    subject = patient.subject()
    subject.agent.keys._tpm._tpm = Tpm(tcti, str(tmp_path))
    assert key(subject).word == "key-toolless"


@pytest.mark.situation("Somebody else owns the TPM", says="key-owned")
def test_a_tpm_whose_owner_has_a_password_and_the_key_that_lives_in_it(
    patient: Patient, vendor: Vendor, tmp_path: Path
) -> None:
    with software_tpm(tmp_path / "owned") as tcti:
        seen(patient, tcti)
        tool = which("tpm2_changeauth")
        assert tool is not None, "make system installs it"
        subprocess.run([tool, "-T", tcti, "-c", "o", "secret"], check=True)
        owned = seen(patient, tcti)
        assert (owned.state, owned.word, "tpm2_changeauth" in owned.remedy) == ("ok", "key-owned", True)
        patient.activate(vendor)
        assert seen(patient, tcti).said.startswith("The device key is in a file")


@pytest.mark.situation("The TPM fails", says="key-failing")
def test_a_tpm_that_fails_stops_no_activation(patient: Patient, vendor: Vendor) -> None:
    assert seen(patient, "swtpm:port=1").word == "key-failing"
    patient.activate(vendor)
    assert seen(patient, "swtpm:port=1").word == "key-good"


@pytest.mark.situation("The device key is to move into the TPM, and has not", says="key-waits")
def test_of_a_key_in_a_file_it_is_said_how_it_gets_into_the_tpm(patient: Patient, vendor: Vendor, tcti: str) -> None:
    patient.activate(vendor)
    without, may, must = seen(patient, NOWHERE), seen(patient, tcti), seen(patient, tcti, "tpm")
    assert (without.state, without.remedy) == ("ok", "")
    assert (may.state, 'device_key = "tpm"' in may.remedy) == ("ok", True)
    assert (must.state, must.remedy.endswith("licence-agent validate")) == ("warning", True)
    assert "no TPM 2.0" in seen(patient, NOWHERE, "tpm").means


@pytest.mark.situation("The device key lives in a virtual TPM", says="key-virtual")
@pytest.mark.situation("The TPM of the device key is away, cleared, or another machine's", says="key-lost")
def test_a_virtual_tpm_is_said_to_be_weaker_and_a_lost_one_to_be_lost(
    patient: Patient, vendor: Vendor, tcti: str
) -> None:
    seen(patient, tcti)
    patient.activate(vendor)
    well, lost = seen(patient, tcti), seen(patient, NOWHERE)
    assert (well.state, "virtual TPM (IBM)" in well.said, "clone" in well.said) == ("ok", True, True)
    assert (well.word, well.means.startswith("Weaker")) == ("key-virtual", True)
    assert (lost.state, lost.word, "rehost" in lost.said) == ("failed", "key-lost", True)
