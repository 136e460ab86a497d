"""Guessing is slowed down; whoever is right is never limited by what others do."""

import ipaddress
import os

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from keys.identity import new_code
from licence_server.domain import limits
from licence_server.domain.limits import Guesses, group, normalised
from licence_server.web.addresses import Networks, client_address
from tests.licence_server.office import Home, Office, device_at


def taken(guesses: Guesses, address: str, tries: int, now: float) -> int:
    return sum(guesses.take(address, now) == 0 for _ in range(tries))


@pytest.mark.threat(24)
def test_an_address_has_so_many_guesses_a_minute() -> None:
    guesses = Guesses(10, 1000)
    assert taken(guesses, "a", 50, 0.0) == 10
    assert taken(guesses, "b", 50, 0.0) == 10
    assert taken(guesses, "a", 50, 30.0) == 5


def test_the_wait_is_how_long_it_takes() -> None:
    guesses = Guesses(10, 1000)
    taken(guesses, "a", 10, 0.0)
    assert guesses.take("a", 0.0) == pytest.approx(6.0)
    assert guesses.take("a", 6.0) == 0


def test_what_is_given_back_can_be_taken_again_and_no_more() -> None:
    guesses = Guesses(2, 100)
    for _ in range(20):
        assert guesses.take("a", 0.0) == 0
        guesses.give_back("a")
    assert taken(guesses, "a", 5, 0.0) == 2
    full = Guesses(2, 3)
    for _ in range(5):
        full.give_back("a")
        full.give_back("b")
    assert taken(full, "a", 5, 0.0) == 2
    assert taken(full, "b", 5, 0.0) == 1


@pytest.mark.threat(24)
def test_everybody_together_has_a_limit_too() -> None:
    guesses = Guesses(10, 25)
    assert sum(taken(guesses, str(number), 10, 0.0) for number in range(100)) == 25


def test_memory_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "MOST_ADDRESSES", 100)
    guesses = Guesses(10, 1e9)
    for number in range(1000):
        guesses.take(str(number), 0.0)
    assert len(guesses) == 100


@settings(max_examples=100, deadline=None)
@given(steps=st.lists(st.tuples(st.sampled_from("abc"), st.floats(0, 100)), max_size=200))
def test_no_order_of_guesses_gets_more_than_the_bucket_and_what_flows_in(steps) -> None:
    guesses, now, granted = Guesses(5, 8), 0.0, dict.fromkeys("abc", 0)
    for address, passed in steps:
        now += passed
        granted[address] += guesses.take(address, now) == 0
    assert all(number <= 5 + 5 * now / 60 + 1e-6 for number in granted.values())
    assert sum(granted.values()) <= 8 + 8 * now / 60 + 1e-6


@pytest.mark.parametrize(
    ("text", "bucket"),
    [
        ("203.0.113.7", "203.0.113.7"),
        ("::ffff:203.0.113.7", "203.0.113.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:db8:1:2::1", "2001:db8:1:2::/64"),
        ("fe80::1%eth0", "fe80::/64"),
        ("nonsense", "unknown"),
    ],
)
def test_what_shares_a_bucket(text: str, bucket: str) -> None:
    assert group(normalised(text)) == bucket


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
