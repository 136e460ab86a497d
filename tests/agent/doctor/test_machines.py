"""What a machine is known by, what it runs in, and who else is on it."""

from dataclasses import replace

import pytest

from agent.doctor.machine import fingerprint, machine, other
from agent.doctor.system import Running, agents
from keys.checkup import Finding, examine
from keys.fingerprint import digest
from tests.agent.doctor.conftest import Told
from tests.agent.doctor.patient import HOST, KERNEL, Patient
from tests.agent.vendor import HARDWARE, ISSUER, Vendor

URL = f"https://{HOST}"


def seen(patient: Patient) -> list[Finding]:
    """Look at the machine as its kernel shows it."""
    subject = patient.subject(URL, agent=patient.real_agent())
    return examine({"fingerprint": fingerprint, "machine": machine}, subject)


@pytest.mark.situation("Too little of the machine can be told from others", says="fingerprint-weak")
def test_no_strong_component(patient: Patient, told: Told) -> None:
    patient.write("sys/class/dmi/id/product_uuid", "00000000-0000-0000-0000-000000000000")
    patient.write("etc/machine-id", "uninitialized")
    said = told(seen(patient))
    assert "/etc/machine-id" in said.remedy


@pytest.mark.situation("A part can't be read just now", says="fingerprint-unreadable")
def test_a_part_that_can_not_be_read(patient: Patient, told: Told) -> None:
    (patient.root / "etc/machine-id").mkdir(parents=True)
    told(seen(patient))


@pytest.mark.situation("Parts of the machine were exchanged", says="fingerprint-drifted")
def test_parts_were_exchanged(patient: Patient, vendor: Vendor, told: Told) -> None:
    patient.activate(vendor)
    patient.hardware = {**HARDWARE, "board_serial": "another"}
    assert "board_serial" in told(examine({"fingerprint": fingerprint}, patient.subject())).said


@pytest.mark.situation("The home was copied to another machine", says="fingerprint-other")
def test_another_machine(patient: Patient, vendor: Vendor, told: Told) -> None:
    patient.activate(vendor)
    patient.hardware = {name: f"other {value}" for name, value in HARDWARE.items()}
    told(examine({"fingerprint": fingerprint}, patient.subject()))
    replacing = replace(patient.subject(), replaces=True)
    assert examine({"fingerprint": fingerprint}, replacing)[0].word == "fingerprint-stand-in"


@pytest.mark.situation("A part reads otherwise each time", says="fingerprint-unsteady")
def test_a_part_that_changes_by_itself(patient: Patient, vendor: Vendor, told: Told) -> None:
    patient.hardware = {"product_uuid": KERNEL["sys/class/dmi/id/product_uuid"], "board_serial": "PF3X"}
    patient.activate(vendor)
    agent = patient.real_agent()
    memory = agent.around.tallies.memory()
    assert memory is not None
    strange = replace(memory.components["board_serial"], digest=digest("another", ISSUER))
    for name in ("etc/machine-id", "proc/cpuinfo"):
        patient.write(name, "")
    agent.around.tallies.keep_memory(replace(memory, components={**memory.components, "board_serial": strange}))
    said = told(examine({"fingerprint": fingerprint}, patient.subject(agent=agent)))
    assert "board_serial" in said.said


def test_a_machine_that_stays_the_same(patient: Patient, vendor: Vendor) -> None:
    assert [each.word for each in seen(patient)] == ["fingerprint-good", "machine-physical"]
    patient.activate(vendor)
    assert examine({"fingerprint": fingerprint}, patient.subject())[0].word == "fingerprint-stand-in"


def test_what_a_virtual_machine_means_is_said(patient: Patient) -> None:
    patient.write("sys/class/dmi/id/sys_vendor", "QEMU")
    found = seen(patient)[1]
    assert (found.word, found.state, "only one of the two may run" in found.means) == ("machine-virtual", "ok", True)


@pytest.mark.situation("A container without the host's identity", says="machine-anonymous")
def test_a_container_without_an_identity(patient: Patient, told: Told) -> None:
    patient.write(".dockerenv", "")
    patient.write("sys/class/dmi/id/product_uuid", "")
    told([each for each in seen(patient) if each.check == "machine"])


@pytest.mark.situation("A container whose home goes with it", says="machine-forgetful")
def test_a_container_without_a_volume(patient: Patient, told: Told) -> None:
    patient.write("run/.containerenv", "")
    patient.write("proc/self/mountinfo", "1 0 0:1 / / rw - overlay overlay rw\n2 1 8:1 / /etc/machine-id ro - x y ro\n")
    told(seen(patient))
    patient.write("proc/self/mountinfo", f"2 1 8:1 / /etc/machine-id ro\n3 1 8:1 / {patient.home} rw\n")
    assert seen(patient)[1].word == "machine-container"


@pytest.mark.situation("Another agent runs on this machine", says="other-runs")
def test_another_agent_runs(patient: Patient, told: Told) -> None:
    patient.agents = [Running(7, str(patient.home), {}), Running(8, "", {}), Running(9, "/var/lib/licence-agent", {})]
    said = told(examine({"other": other}, patient.subject()))
    assert "process 9, in /var/lib/licence-agent" in said.said


@pytest.mark.situation("Another user's agent has a licence on this machine", says="other-home")
def test_another_home_has_a_licence(patient: Patient, told: Told) -> None:
    patient.write("home/sara/.local/share/licence-agent/licence.jws", "x")
    assert "/home/sara/" in told(examine({"other": other}, patient.subject())).said


def test_agents_of_this_machine_are_found_whoever_they_are() -> None:
    assert all(running.pid for running in agents())
