"""The network check (T5, T6)."""

import pytest

from agent.domain.network import _parsed, check_address
from keys.errors import MalformedError, OutsideNetworkError

SITE = ("10.9.0.0/16", "2001:db8:9::/48")


@pytest.mark.threat(47)
@pytest.mark.parametrize(
    "address", ["10.9.0.2", "10.9.255.255", "2001:db8:9::1", "::ffff:10.9.0.2", "2001:db8:9::1%eth0"]
)
def test_an_address_of_the_site_is_inside(address: str) -> None:
    check_address(address, SITE)


@pytest.mark.threat(47)
@pytest.mark.parametrize("address", ["10.8.0.2", "192.168.0.1", "127.0.0.1", "2001:db8:8::1", "::ffff:10.8.0.2", "::1"])
def test_any_other_address_is_outside_where_the_licence_names_networks(address: str) -> None:
    with pytest.raises(OutsideNetworkError):
        check_address(address, SITE)


@pytest.mark.threat(47)
@pytest.mark.parametrize(
    "address",
    [
        "10.0.0.1",
        "172.16.0.1",
        "172.31.9.9",
        "192.168.1.1",
        "127.0.0.1",
        "169.254.3.4",
        "::1",
        "fd00::1",
        "fe80::1%0",
    ],
)
def test_without_networks_private_addresses_are_inside(address: str) -> None:
    check_address(address, ())


@pytest.mark.threat(47)
@pytest.mark.parametrize(
    "address", ["8.8.8.8", "172.32.0.1", "100.64.0.1", "2001:db8::1", "::ffff:8.8.8.8", "0.1.2.3", "::", "fec0::1"]
)
def test_without_networks_public_addresses_are_outside(address: str) -> None:
    with pytest.raises(OutsideNetworkError):
        check_address(address, ())


@pytest.mark.threat(47)
def test_a_mapped_network_means_the_ipv4_network() -> None:
    _parsed.cache_clear()
    check_address("10.1.2.3", ("::ffff:10.0.0.0/104",))
    check_address("1.2.3.4", ("::ffff:0.0.0.0/96",))
    with pytest.raises(OutsideNetworkError):
        check_address("11.1.2.3", ("::ffff:10.0.0.0/104",))
    check_address("2001:db8::7", ("2001:db8::7/128",))


@pytest.mark.parametrize("address", ["", "sara", "10.9.0.256", "10.9.0.2/32", "10.9.0.2:80", "%eth0", "010.9.0.2"])
def test_what_is_no_address_is_malformed(address: str) -> None:
    with pytest.raises(MalformedError, match=r"^The address must be an IPv4 or IPv6 address\.$"):
        check_address(address, SITE)


def test_a_refusal_names_the_address_as_it_was_understood() -> None:
    with pytest.raises(OutsideNetworkError) as refusal:
        check_address("::ffff:11.1.2.3", SITE)
    assert str(refusal.value) == "11.1.2.3 is outside the network that the licence was bought for."
