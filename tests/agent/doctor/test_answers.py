"""What answers in the licence server's place, and whose server it is."""

import pytest

from tests.agent.doctor.conftest import Told, of
from tests.agent.doctor.patient import Patient
from tests.agent.vendor import Vendor
from tests.faults.oddserver import OddServer, honest, plain, raw


def there(server: OddServer) -> str:
    return of(server, scheme="http")


@pytest.mark.situation("A captive portal answers 200 with a page, or leads to one", says="server-portal")
@pytest.mark.parametrize("status", [200, 302])
def test_a_captive_portal(patient: Patient, server: OddServer, told: Told, status: int) -> None:
    server.answer = plain(status, b"<h1>Sign in</h1>", Content_Type="text/html; charset=utf-8", Location="/login")
    said = told(patient.examined(there(server)))
    assert ("Sign in to the network" in said.remedy, f"HTTP {status}" in said.said) == (True, True)


@pytest.mark.situation("Something else than the licence server answers", says="server-stranger")
@pytest.mark.parametrize("body", [b"", b"{}", b"\xff", b"x" * 70_000])
def test_a_stranger(patient: Patient, server: OddServer, told: Told, body: bytes) -> None:
    server.answer = plain(200, body, Content_Type="application/json")
    told(patient.examined(there(server)))


@pytest.mark.situation("The server, or something on the way, says no", says="server-fault")
@pytest.mark.parametrize("status", [403, 404, 500, 503])
def test_a_no(patient: Patient, server: OddServer, told: Told, status: int) -> None:
    server.answer = plain(status, b"no")
    assert f"HTTP {status}" in told(patient.examined(there(server))).said


@pytest.mark.situation("What answers breaks off", says="server-cut")
@pytest.mark.parametrize("bytes_sent", [b"", b"SSH-2.0-x\r\n"])
def test_a_line_that_breaks(patient: Patient, server: OddServer, told: Told, bytes_sent: bytes) -> None:
    server.answer = raw(bytes_sent)
    told(patient.examined(there(server)))


@pytest.mark.situation("The root file is another vendor's", says="root-mismatch")
def test_another_root(patient: Patient, server: OddServer, told: Told) -> None:
    other = Vendor(patient.clock)
    said = told(patient.examined(there(server), other.trust_document))
    assert other.root.key.kid in said.said


@pytest.mark.situation("The root file is damaged", says="root-spoilt")
def test_a_root_that_is_none(patient: Patient, server: OddServer, told: Told) -> None:
    told(patient.examined(there(server), b"{}"))


@pytest.mark.situation("No root file was given", says="root-first")
def test_nobody_is_pinned(patient: Patient, vendor: Vendor, server: OddServer, told: Told) -> None:
    assert vendor.root.key.kid in told(patient.examined(there(server))).said


def test_an_activated_agent_is_asked_about_itself(patient: Patient, vendor: Vendor, server: OddServer) -> None:
    patient.activate(vendor, there(server))
    vendor.rotate()
    server.answer = honest(vendor)
    patient.environment["NO_PROXY"] = "*"
    found = {each.check: each for each in patient.examined(server.url)}
    assert (found["server"].word, found["root"].word) == ("server-good", "root-good")
    assert "a new trust document is there" in found["server"].said
    server.answer = honest(Vendor(patient.clock))
    found = {each.check: each for each in patient.examined(server.url)}
    assert (found["server"].word, found["root"].word) == ("server-fault", "root-mismatch")
    found = {each.check: each for each in patient.examined()}
    assert found["name"].check == "name", "its own server, by the name that it was activated with"
