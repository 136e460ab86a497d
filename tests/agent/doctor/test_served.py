"""The local API's port and the service that holds it."""

import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from agent.config import Settings
from agent.doctor.service import UNIT
from agent.doctor.system import System, agents, holder_of
from agent.store.locks import hold
from agent.system.owner import acting_as_owner
from keys.checkup import Finding
from keys.errors import StateConflictError
from tests.agent.doctor.conftest import Told
from tests.agent.doctor.patient import HERE, Patient

RUNNING = "LoadState=loaded\nActiveState=active\nSubState=running\nUnitFileState=enabled\n"


@pytest.fixture
def with_systemd(patient: Patient) -> Patient:
    patient.write("run/systemd/system/here", "")
    patient.services = RUNNING
    return patient


def of(check: str, patient: Patient) -> list[Finding]:
    return [each for each in patient.examined() if each.check == check]


@pytest.mark.situation("Another program has the port", says="port-taken")
def test_the_port_is_taken_and_by_whom_is_said(patient: Patient, told: Told) -> None:
    with socket.create_server((HERE, 0)) as taken:
        port = taken.getsockname()[1]
        patient.settings, patient.holder = Settings(port=port), holder_of(port)
        said = told(of("port", patient))
        patient.holder = None
        assert told(of("port", patient)).said.endswith("in use).")
    assert f"process {os.getpid()}, has it" in said.said
    assert holder_of(port) is None


@pytest.mark.situation("The service does not run", says="service-stopped")
def test_a_service_that_ended(with_systemd: Patient, told: Told) -> None:
    with_systemd.services = RUNNING.replace("active\nSubState=running", "failed\nSubState=failed")
    assert "(failed, failed)" in told(of("service", with_systemd)).said


@pytest.mark.situation("The service does not start with the machine", says="service-disabled")
def test_a_service_that_nobody_enabled(with_systemd: Patient, told: Told) -> None:
    with_systemd.home.mkdir()
    with_systemd.services = RUNNING.replace("enabled", "disabled")
    with hold(with_systemd.home / "agent.lock", "runs"):
        told(of("service", with_systemd))
        with_systemd.services = RUNNING
        assert of("service", with_systemd)[0].word == "service-good"
        assert of("port", with_systemd)[0].word == "port-ours"


@pytest.mark.situation("The service runs in another home", says="service-elsewhere")
def test_a_service_of_another_home(with_systemd: Patient, told: Told) -> None:
    told(of("service", with_systemd))


@pytest.mark.situation("systemctl fails or does not end", says="service-unread")
def test_a_service_of_which_systemd_does_not_tell(with_systemd: Patient, told: Told) -> None:
    with_systemd.services = StateConflictError("systemctl did not end within 5 seconds.")
    said = told(of("service", with_systemd))
    assert (said.state, "did not end" in said.said) == ("warning", True)


@pytest.fixture
def without_systemd(patient: Patient) -> Patient:
    """A machine on which the service is a script that starts with the machine."""
    patient.write("etc/init.d/licence-agent", "#!/bin/sh\n")
    patient.write("etc/rc2.d/S01licence-agent", "")
    patient.home.mkdir()
    return patient


@pytest.mark.situation("The service does not run, where there is no systemd", says="service-script-stopped")
def test_a_service_without_systemd_that_ended(without_systemd: Patient, told: Told) -> None:
    root = without_systemd.root
    remedy = f"Do: sudo {root}/etc/init.d/licence-agent start; why it ended: sudo tail {root}/var/log/licence-agent.log"
    assert told(of("service", without_systemd)).remedy == remedy


@pytest.mark.situation("It does not start with the machine, where there is no systemd", says="service-script-disabled")
def test_a_service_without_systemd_that_nobody_enabled(without_systemd: Patient, told: Told) -> None:
    with hold(without_systemd.home / "agent.lock", "runs"):
        assert of("service", without_systemd)[0].word == "service-good"
        (without_systemd.root / "etc/rc2.d/S01licence-agent").unlink()
        told(of("service", without_systemd))


@pytest.mark.situation("There is no service", says="service-missing")
@pytest.mark.parametrize("systemd", [True, False])
def test_no_service(patient: Patient, told: Told, systemd: bool) -> None:
    if systemd:
        patient.write("run/systemd/system/here", "")
        patient.services = "LoadState=not-found\n"
    told(of("service", patient))
    patient.home.mkdir()
    with hold(patient.home / "agent.lock", "runs"):
        assert of("service", patient)[0].word == "service-by-hand"


def test_the_real_machine_can_be_asked(patient: Patient) -> None:
    system = System()
    assert system.ask(sys.executable, "-c", "print('here')") == "here\n"
    assert system.ask("no-such-program-anywhere") == system.ask(sys.executable, "-c", "raise SystemExit(1)") == ""
    assert system.text("no/such/file") == ""
    assert system.has_systemd in {True, False}
    assert UNIT.endswith(".service")


def test_the_machine_tells_root_what_it_would_not_tell_the_agents_user(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without D-Bus systemd answers nobody but root, and the journal is root's to read."""
    monkeypatch.setenv("LD_LIBRARY_PATH", "/of/a/self-contained/program")
    os.chown(tmp_path, 65_534, 65_534)
    with acting_as_owner(tmp_path):
        assert os.geteuid() == 65_534
        assert System().ask("sh", "-c", 'echo "$(id -u) ${LD_LIBRARY_PATH-}"') == "0 \n"


def test_an_agent_that_runs_is_found_with_its_home(patient: Patient) -> None:
    script = "import sys, threading; print('up', flush=True); sys.stdin.read()"
    words = [sys.executable, "-c", script, "-m", "agent", "run"]
    environment = {**os.environ, "LICENCE_AGENT_HOME": str(patient.home)}
    with subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=environment) as process:
        assert process.stdout is not None
        process.stdout.readline()
        found = {running.pid: running for running in agents()}
        assert found[process.pid].home == str(patient.home)
        process.kill()
