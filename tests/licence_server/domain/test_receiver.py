"""Where messages may be sent: no address inside, however it is written."""

import ipaddress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from keys.addresses import read_address, read_network
from keys.errors import InvalidInputError
from licence_server.domain.receiver import LONGEST_URL, Receivers, Target

pytestmark = pytest.mark.threat(53)
PUBLIC = Receivers()
LONGEST = "https://a.example/".ljust(LONGEST_URL, "x")
INHOUSE = Receivers((read_network("10.1.0.0/16"), read_network("127.0.0.0/8"), read_network("fd00:1::/32")))


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1", "127.8.8.8", "0.0.0.1", "10.1.2.3", "172.16.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1",
        "192.0.0.1", "192.0.2.1", "198.18.0.1", "224.0.0.1", "239.1.1.1", "255.255.255.255", "240.0.0.1",
        "::", "::1", "::127.0.0.1", "::ffff:127.0.0.1", "::ffff:10.1.2.3", "64:ff9b::10.1.2.3", "64:ff9b:1::1",
        "2002:7f00:1::", "2002:a01:203::1", "2001:0:4136:e378:8000:63bf:f5fe:fdfc", "fe80::1", "fc00::1", "fd00:1::1",
        "fec0::1", "ff02::1", "100::1", "2001:db8::1",
    ],
)  # fmt: skip
def test_what_is_inside_is_not_called(address: str) -> None:
    assert not PUBLIC.admits(read_address(address))


@pytest.mark.parametrize(
    "address",
    ["1.1.1.1", "93.184.216.34", "2606:4700::1111", "64:ff9b::1.1.1.1", "2002:101:101::1", "::ffff:1.1.1.1"],
)  # fmt: skip
def test_what_is_public_is(address: str) -> None:
    assert PUBLIC.admits(read_address(address))


@given(st.ip_addresses())
def test_settings_add_networks_and_take_none_away(address: ipaddress.IPv4Address | ipaddress.IPv6Address) -> None:
    assert INHOUSE.admits(address) >= PUBLIC.admits(address)
    assert not (PUBLIC.admits(address) and address.is_private)


@pytest.mark.parametrize(
    ("url", "target"),
    [
        ("https://crm.example.com", Target("https", "crm.example.com", 443, "/")),
        ("https://CRM.example.com:8443/a/b?c=d", Target("https", "crm.example.com", 8443, "/a/b?c=d")),
        ("https://[2606:4700::1111]/x", Target("https", "2606:4700::1111", 443, "/x")),
        ("https://1.1.1.1/", Target("https", "1.1.1.1", 443, "/")),
        ("https://a.example/!~", Target("https", "a.example", 443, "/!~")),
        (LONGEST, Target("https", "a.example", 443, LONGEST.removeprefix("https://a.example"))),
    ],
)
def test_addresses_are_taken_apart(url: str, target: Target) -> None:
    assert PUBLIC.target(url) == target


@pytest.mark.parametrize(
    ("target", "said"),
    [
        (Target("https", "a.example", 443, "/"), "a.example"), (Target("https", "a.example", 80, "/"), "a.example:80"),
        (Target("http", "::1", 80, "/"), "[::1]"), (Target("http", "::1", 81, "/"), "[::1]:81"),
    ],
)  # fmt: skip
def test_what_the_host_header_says(target: Target, said: str) -> None:
    assert target.authority == said


@pytest.mark.parametrize(
    "url",
    [
        "", "crm.example.com", "ftp://crm.example.com/", "file:///etc/passwd", "https://", "https:///x",
        "https://me@crm.example.com/", "https://me:secret@crm.example.com/", "https://@crm.example.com/",
        "https://crm.example.com/#a", "https://crm.example.com/#", "https://crm.example.com/a b",
        "https://crm.example.com/\r\nX: y", "https://crm.example.com\\@10.0.0.1/", "https://crm.example.com/a\\b", "https://crm.example.com:99999/",
        "https://crm.example.com:x/", "https://شرکت.example/", "https://[::1", "https://-x/",
        "https://a/" + "x" * LONGEST_URL,
    ],
)  # fmt: skip
def test_what_is_no_address_is_refused(url: str) -> None:
    with pytest.raises(InvalidInputError, match="is like https://"):
        PUBLIC.target(url)


@pytest.mark.parametrize("url", ["http://crm.example.com/", "http://10.1.2.3/", "http://1.1.1.1/"])
def test_plain_http_is_for_this_machine(url: str) -> None:
    with pytest.raises(InvalidInputError, match="begins with https"):
        INHOUSE.target(url)


@pytest.mark.parametrize(
    "url",
    ["https://10.1.2.3/", "https://localhost/", "http://127.0.0.1:8000/", "http://[::1]/", "https://169.254.169.254/x"],
)
def test_what_is_inside_is_refused_at_once_and_the_setting_named(url: str) -> None:
    with pytest.raises(InvalidInputError, match="webhook_networks"):
        PUBLIC.target(url)


@pytest.mark.parametrize("url", ["https://10.1.2.3/", "http://localhost:8000/", "http://127.0.0.1/"])
def test_what_the_settings_name_is_taken(url: str) -> None:
    INHOUSE.target(url)
