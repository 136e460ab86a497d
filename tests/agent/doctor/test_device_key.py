"""Where the device key lives, and where the next one will be."""

from collections.abc import Iterator
from dataclasses import replace

import pytest

from agent.doctor.devicekey import key
from keys.checkup import Finding
from tests.agent.doctor.patient import Patient
from tests.agent.vendor import Vendor
from tests.tpm import software_tpm

NOWHERE = "device:/none"


@pytest.fixture(scope="module")
def tcti(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with software_tpm(tmp_path_factory.mktemp("tpm") / "state") as tcti:
        yield tcti


def seen(patient: Patient, tpm: str, device_key="auto") -> Finding:
    patient.settings = replace(patient.settings, tpm=tpm, device_key=device_key)
    return key(patient.subject())


def test_before_an_activation_it_is_said_where_the_key_will_be(patient: Patient, tcti: str) -> None:
    assert seen(patient, tcti).said == "The next activation's device key will be in the TPM."
    assert seen(patient, NOWHERE).said.endswith("in a file. There is no TPM 2.0 (/none).")


def test_of_a_key_in_a_file_it_is_said_how_it_gets_into_the_tpm(patient: Patient, vendor: Vendor, tcti: str) -> None:
    patient.activate(vendor)
    without, may, must = seen(patient, NOWHERE), seen(patient, tcti), seen(patient, tcti, "tpm")
    assert (without.state, without.remedy) == ("ok", "")
    assert (may.state, 'device_key = "tpm"' in may.remedy) == ("ok", True)
    assert (must.state, must.remedy.endswith("licence-agent validate")) == ("warning", True)
    assert "no TPM 2.0" in seen(patient, NOWHERE, "tpm").remedy


def test_a_virtual_tpm_is_said_to_be_weaker_and_a_lost_one_to_be_lost(
    patient: Patient, vendor: Vendor, tcti: str
) -> None:
    seen(patient, tcti)
    patient.activate(vendor)
    well, lost = seen(patient, tcti), seen(patient, NOWHERE)
    assert (well.state, "virtual TPM (IBM)" in well.said, "clone" in well.said) == ("ok", True, True)
    assert (lost.state, "rehost" in lost.said) == ("failed", True)
