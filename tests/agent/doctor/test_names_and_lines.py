"""DNS, routes and firewalls: who is asked, and what is said of silence."""

import errno
import socket

import pytest

from agent.doctor.network import resolve
from agent.doctor.reaching import NOBODY
from tests.agent.doctor.conftest import Told, of
from tests.agent.doctor.patient import HERE, HOST, Patient
from tests.faults.oddserver import OddServer

URL = f"https://{HOST}"


@pytest.mark.situation("DNS is dead, or does not know the server", says="name-dead")
@pytest.mark.parametrize("error", [socket.gaierror(socket.EAI_AGAIN, "Temporary failure"), UnicodeError("label")])
def test_dns_is_dead(patient: Patient, told: Told, error: OSError) -> None:
    patient.names[HOST] = error
    said = told(patient.examined(URL))
    assert said.check == "name"
    assert HOST in said.said


@pytest.mark.situation("DNS answers for every name, as portals do", says="name-hijacked")
def test_dns_is_hijacked(patient: Patient, told: Told, server: OddServer) -> None:
    patient.names[NOBODY] = [HERE]
    assert HERE in told(patient.examined(of(server, scheme="http"))).said


@pytest.mark.situation("The national filter answers in the server's place", says="name-filtered")
def test_the_name_is_filtered(patient: Patient, told: Told) -> None:
    patient.names[HOST], patient.refusal = ["10.10.34.35"], TimeoutError()
    assert "request CODE" in told(patient.examined(URL)).remedy


@pytest.mark.situation("DNS or the hosts file gives an address of this network", says="name-own")
@pytest.mark.parametrize("has_hosts", [True, False])
def test_the_answer_is_an_address_of_ones_own(patient: Patient, told: Told, server: OddServer, has_hosts: bool) -> None:
    patient.write("etc/hosts", f"{HERE} localhost\n{HERE} {HOST} # moved\n" if has_hosts else "")
    said = told(patient.examined(of(server, scheme="http")))
    assert ("/etc/hosts says" in said.said) is has_hosts


def test_an_address_in_place_of_a_name_is_no_riddle(patient: Patient, server: OddServer) -> None:
    found = {each.check: each.word for each in patient.examined(server.url)}
    assert (found["name"], found["connection"]) == ("name-good", "connection-good")


@pytest.mark.situation("There is no route to the internet", says="connection-unroutable")
def test_there_is_no_route(patient: Patient, told: Told) -> None:
    patient.refusal = OSError(errno.ENETUNREACH, "Network is unreachable")
    assert "ip route" in told(patient.examined(URL)).remedy


@pytest.mark.situation("A firewall swallows the packets", says="connection-dropped")
def test_a_firewall_swallows(patient: Patient, told: Told) -> None:
    patient.refusal = TimeoutError("timed out")
    assert f"{HOST}:443" in told(patient.examined(URL)).said


@pytest.mark.situation("The connection is refused", says="connection-refused")
def test_nobody_listens(patient: Patient, told: Told) -> None:
    with socket.socket() as free:
        free.bind((HERE, 0))
        url = f"http://{HOST}:{free.getsockname()[1]}"
    assert told(patient.examined(url)).check == "connection"


def test_what_else_breaks_is_said_in_the_system_s_words(patient: Patient) -> None:
    patient.refusal = OSError(errno.EACCES, "Permission denied")
    found = {each.check: each for each in patient.examined(URL)}
    assert found["connection"].word == "connection-broken"
    assert "Permission denied" in found["connection"].said
    assert found["server"].word == "server-unasked"


def test_the_next_address_is_tried(patient: Patient, server: OddServer) -> None:
    patient.names[HOST] = ["127.0.0.2", HERE]
    found = {each.check: each.word for each in patient.examined(of(server, scheme="http"))}
    assert found["connection"] == "connection-good"


@pytest.mark.parametrize("url", ["https://licences.example.com:99999", "https://licences..example.com"])
def test_what_is_no_address_breaks_nothing(patient: Patient, url: str) -> None:
    found = {each.check: each for each in patient.examined(url)}
    assert found["name"].state == "failed"


def test_this_machine_s_own_name_is_resolved() -> None:
    assert {"127.0.0.1", "::1"} & set(resolve("localhost"))
