"""Who opens TLS on the way is recognised and named, whether or not this machine trusts him."""

import socket
from pathlib import Path

import pytest

from tests.agent.doctor.conftest import Told, of
from tests.agent.doctor.patient import HERE, HOST, Patient
from tests.agent.vendor import Vendor
from tests.faults.authority import Authority
from tests.faults.oddserver import OddServer, behind_tls, honest, plain


@pytest.fixture
def office(folder: Path) -> Authority:
    """The authority of a proxy that opens TLS."""
    (folder / "office").mkdir()
    return Authority(folder / "office", "FortiGate CA of Pars Steel")


@pytest.mark.situation("A proxy opens TLS, under an authority that is not trusted here", says="tls-intercepted")
def test_an_intercepting_proxy_is_named(patient: Patient, authority: Authority, office: Authority, told: Told) -> None:
    assert authority.name != office.name
    with behind_tls(office.context(HOST)) as server:
        said = told(patient.examined(of(server)))
        assert {path for _, path, _, _ in server.asked} <= {"/agent/v1/trust"}, "only what is public was asked for"
    assert '"FortiGate CA of Pars Steel"' in said.said
    assert "That is Fortinet, which opens TLS." in said.said


@pytest.mark.situation("A proxy opens TLS, under an authority in this machine's store", says="tls-stored")
def test_an_intercepting_proxy_that_the_store_trusts_is_told_apart(
    patient: Patient, authority: Authority, office: Authority, told: Told
) -> None:
    patient.store = office.certificate
    with behind_tls(office.context(HOST)) as server:
        said = told(patient.examined(of(server)))
    assert str(office.certificate) in said.remedy
    assert "The agent does not look into that store" in said.means


@pytest.mark.situation("A proxy opens TLS, and REQUESTS_CA_BUNDLE says to trust it", says="tls-opened")
def test_an_intercepting_proxy_that_is_trusted_on_purpose_is_told(
    patient: Patient, vendor: Vendor, authority: Authority, office: Authority, told: Told
) -> None:
    patient.environment["REQUESTS_CA_BUNDLE"] = str(office.certificate)
    with behind_tls(office.context(HOST)) as server:
        server.answer = honest(vendor)
        found = patient.examined(of(server), vendor.trust_document)
    said = told(found)
    assert (said.state, "A licence can't be changed on the way" in said.means) == ("warning", True)
    assert {each.check: each.word for each in found}["root"] == "root-good"


@pytest.mark.situation("The server's certificate is over", says="tls-expired")
def test_a_certificate_that_is_over(patient: Patient, vendor: Vendor, authority: Authority, told: Told) -> None:
    with behind_tls(authority.context(HOST, days_ago=5)) as server:
        server.answer = honest(vendor)
        said = told(patient.examined(of(server)))
    assert "5 days ago" in said.said


@pytest.mark.situation("The server's certificate has not begun", says="tls-early")
def test_a_certificate_that_has_not_begun(patient: Patient, vendor: Vendor, authority: Authority, told: Told) -> None:
    with behind_tls(authority.context(HOST, days_ago=-5)) as server:
        server.answer = honest(vendor)
        assert "days" in told(patient.examined(of(server))).said


@pytest.mark.situation("The certificate is for another name", says="tls-name")
def test_a_certificate_of_somebody_else(patient: Patient, authority: Authority, told: Told) -> None:
    with behind_tls(authority.context("www.example.net")) as server:
        assert "www.example.net" in told(patient.examined(of(server))).said


@pytest.mark.situation("What answers speaks no TLS", says="tls-broken")
def test_no_tls(patient: Patient, server: OddServer, told: Told) -> None:
    assert "the port" in told(patient.examined(of(server))).remedy


def test_a_public_authority_is_named(patient: Patient, vendor: Vendor, authority: Authority) -> None:
    with behind_tls(authority.context(HOST)) as server:
        server.answer = honest(vendor)
        found = {each.check: each for each in patient.examined(of(server), vendor.trust_document)}
    assert (found["tls"].word, found["server"].word) == ("tls-good", "server-good")
    assert "An authority of one's own" in found["tls"].said


def test_a_line_that_dies_after_its_first_word(patient: Patient, authority: Authority) -> None:
    with behind_tls(authority.context(HOST)) as server:
        server.answer = plain(200, b"{}", Content_Type="application/json")
        found = {each.check: each for each in patient.examined(of(server))}
    assert (found["tls"].word, found["server"].word) == ("tls-good", "server-stranger")
    with socket.socket() as deaf:
        deaf.bind((HERE, 0))
        deaf.listen()
        patient.refusal = ConnectionResetError()
        found = {each.check: each for each in patient.examined(f"https://{HOST}:{deaf.getsockname()[1]}")}
    assert found["tls"].word == "tls-untried"
