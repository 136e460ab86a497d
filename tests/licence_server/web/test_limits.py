"""Guessing is slowed down; whoever is right is never limited by what others do."""

import ipaddress
import os

import pytest

from keys.identity import new_code
from licence_server.web.addresses import Networks, client_address
from tests.licence_server.office import Home, Office, device_at

PROXIES = Networks.of(["10.0.0.0/8", "fd00::/8"])


@pytest.mark.threat(34)
@pytest.mark.parametrize(
    ("peer", "header", "client"),
    [
        ("203.0.113.7", "", "203.0.113.7"),
        ("203.0.113.7", "198.51.100.1", "203.0.113.7"),  # a stranger's word counts nothing
        ("10.0.0.1", "198.51.100.1", "198.51.100.1"),
        ("::ffff:10.0.0.1", "198.51.100.1", "198.51.100.1"),
        ("fd00::1", "2001:db8::1", "2001:db8::1"),
        ("10.0.0.1", "198.51.100.1, 10.0.0.2", "198.51.100.1"),  # two proxies
        ("10.0.0.1", "192.0.2.66, 198.51.100.1", "198.51.100.1"),  # what the client wrote stands further left
        ("10.0.0.1", "nonsense", "10.0.0.1"),
        ("10.0.0.1", "192.0.2.66, 198.51.100.1:4711", "198.51.100.1"),
        ("10.0.0.1", "192.0.2.66, [2001:db8::1]:4711", "2001:db8::1"),
        ("10.0.0.1", "", "10.0.0.1"),
        ("10.0.0.1", "10.0.0.9", "10.0.0.9"),
    ],
)
def test_whom_a_request_comes_from(peer: str, header: str, client: str) -> None:
    assert client_address(peer, header, PROXIES) == ipaddress.ip_address(client)


def guess(office: Office) -> int:
    return office.post("activations", device_at(office).activation_request(new_code(os.urandom))).status_code


@pytest.mark.threat(24)
def test_who_has_a_code_gets_in_beside_somebody_who_guesses(office: Office) -> None:
    assert [guess(office) for _ in range(12)] == [404] * 10 + [429] * 2
    _, code = office.sell()
    device = device_at(office)
    assert device.activate(code).status == "active"
    office.clock.advance(1)
    assert device.validate().status == "active"
    assert guess(office) == 429


@pytest.mark.threat(24)
def test_another_address_has_guesses_of_its_own_and_time_brings_them_back(office: Office) -> None:
    for _ in range(11):
        guess(office)
    office.address = "198.51.100.1"
    assert guess(office) == 404
    office.address = "203.0.113.7"
    office.clock.advance(60)
    assert guess(office) == 404


@pytest.mark.threat(34)
def test_a_forged_header_buys_no_new_guesses(office: Office) -> None:
    document = device_at(office).activation_request(new_code(os.urandom))
    found = [
        office.post("activations", document, **{"X-Forwarded-For": f"198.51.100.{number}"}).status_code
        for number in range(11)
    ]
    assert found == [404] * 10 + [429]


@pytest.mark.threat(34)
def test_behind_a_trusted_proxy_each_client_has_its_own(home: Home) -> None:
    office = Office.of(home, trusted_proxies=("203.0.113.0/24",))
    document = device_at(office).activation_request(new_code(os.urandom))
    for number in range(11):
        header = {"X-Forwarded-For": f"198.51.100.{number}"}
        assert office.post("activations", document, **header).status_code == 404
    office.close()
