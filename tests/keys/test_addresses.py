"""Which hosts are this machine itself, and where a client really came from."""

from ipaddress import IPv4Address, IPv6Address, ip_address
from string import printable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from keys.addresses import Network, client_address, is_in, is_loopback, read_address, read_network
from keys.errors import MalformedError

PROXIES = tuple(map(read_network, ("10.0.0.5/32", "192.0.2.0/28", "2001:db8:ffff::/64", "::ffff:10.0.0.6/128")))
PROXY, OTHER, MAPPED, SIX = "10.0.0.5", "192.0.2.7", "::ffff:10.0.0.5", "2001:db8:ffff::7"
CLIENT, STRANGER = "10.9.0.2", "203.0.113.9"


@pytest.mark.parametrize(
    ("host", "is_own"),
    [("localhost", True), ("127.0.0.1", True), ("127.9.9.9", True), ("::1", True), ("10.0.0.1", False), ("crm", False)],
)
def test_a_host_is_this_machine_or_not(host: str, is_own: bool) -> None:
    assert is_loopback(host) is is_own


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("10.9.0.2", "10.9.0.2"),
        ("0.0.0.1", "0.0.0.1"),
        ("::ffff:10.9.0.2", "10.9.0.2"),
        ("::FFFF:0a09:0002", "10.9.0.2"),
        ("::ffff:10.9.0.2%eth0", "10.9.0.2"),
        ("2001:0DB8:0::0001", "2001:db8::1"),
        ("fe80::1%eth0", "fe80::1"),
        ("::10.9.0.2", "::a09:2"),
        ("64:ff9b::10.9.0.2", "64:ff9b::a09:2"),
    ],
)
def test_an_address_is_read_as_it_is_meant(text: str, meant: str) -> None:
    assert str(read_address(text)) == meant


NO_ADDRESS = [
    "", " ", "unknown", "_hidden", "sara", "10.9.0", "10.9.0.256", "010.9.0.2", "0x0a.9.0.2", "168361986",
    "10.9.0.2/32", "10.9.0.2%eth0", "%eth0", "fe80::1%", ":::", "1::2::3", "g::1", "[::1", "::1]", "[]", "[]:80",
    "[[::1]]", "[::1]:", "[::1]:x", "[::1]x", "10.9.0.2:", "10.9.0.2:x", "10.9.0.2:1:2", ":80", "١٠.٩.٠.٢",
    "10.9.0.2\n", "10.9.0.2\0", "10.9.0.2 10.9.0.3", "fe80::1%" + "x" * 57, '"10.9.0.2"', "for=10.9.0.2", "localhost",
]  # fmt: skip


@pytest.mark.parametrize("text", [*NO_ADDRESS, "10.9.0.2 ", "10.9.0.2:80", "[::1]", "[::1]:80"])
def test_what_is_no_address_is_malformed(text: str) -> None:
    with pytest.raises(MalformedError, match=r"^The address must be an IPv4 or IPv6 address\.$"):
        read_address(text)
    with pytest.raises(MalformedError):
        client_address(text, CLIENT, PROXIES)


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("10.0.0.0/8", "10.0.0.0/8"),
        ("10.0.0.5", "10.0.0.5/32"),
        ("::ffff:10.0.0.0/104", "10.0.0.0/8"),
        ("::ffff:0.0.0.0/96", "0.0.0.0/0"),
        ("::/0", "::/0"),
        ("::/96", "::/96"),
        ("2001:db8::7/128", "2001:db8::7/128"),
    ],
)
def test_a_network_is_read_as_it_is_meant(text: str, meant: str) -> None:
    assert str(read_network(text)) == meant


@pytest.mark.parametrize("text", ["", "10.0.0.1/8", "10.0.0.0/33", "everywhere", "x" * 999])
def test_what_is_no_network_is_malformed(text: str) -> None:
    with pytest.raises(MalformedError, match="CIDR") as refusal:
        read_network(text)
    assert len(str(refusal.value)) < 150


def test_an_address_is_in_networks_of_its_own_family() -> None:
    networks = (read_network("10.0.0.0/8"), read_network("::/0"))
    assert is_in(IPv4Address("10.1.2.3"), networks)
    assert not is_in(IPv4Address("11.1.2.3"), networks)
    assert is_in(IPv6Address("::1"), networks)
    assert not is_in(IPv6Address("::1"), networks[:1])
    assert not is_in(IPv6Address("::1"), ())


# Transport's address, X-Forwarded-For, the client's address.
WALKS = [
    ("nothing is said", CLIENT, None, CLIENT),
    ("nothing is said by a proxy", PROXY, None, PROXY),
    ("an empty header", PROXY, "", PROXY),
    ("blanks", PROXY, " ,\t, ", PROXY),
    ("a proxy says it", PROXY, CLIENT, CLIENT),
    ("a stranger says it", STRANGER, CLIENT, STRANGER),
    ("a client says it", CLIENT, "10.9.0.3", CLIENT),
    ("a stranger said it to a proxy", PROXY, f"{CLIENT}, {STRANGER}", STRANGER),
    ("and says that proxies are between", PROXY, f"{CLIENT}, {PROXY}, {OTHER}, {STRANGER}", STRANGER),
    ("two proxies", PROXY, f"{STRANGER}, {CLIENT}, {OTHER}", CLIENT),
    ("three, of both families", SIX, f"{STRANGER}, {CLIENT}, {PROXY},{OTHER}", CLIENT),
    ("a proxy that names itself", PROXY, f"{CLIENT}, {PROXY}", CLIENT),
    ("nobody but proxies", PROXY, f"{OTHER}, {PROXY}", OTHER),
    ("a mapped transport's address", MAPPED, CLIENT, CLIENT),
    ("a mapped entry", PROXY, f"{STRANGER}, ::ffff:{OTHER}", STRANGER),
    ("a mapped client", PROXY, f"::ffff:{CLIENT}", CLIENT),
    ("a mapped network of proxies", "10.0.0.6", CLIENT, CLIENT),
    ("a mapped stranger", f"::ffff:{STRANGER}", CLIENT, STRANGER),
    ("a proxy with a zone", f"{SIX}%eth0", CLIENT, CLIENT),
    ("a client with a zone", PROXY, "fe80::1%eth0", "fe80::1"),
    ("a port", PROXY, f"{CLIENT}:4711", CLIENT),
    ("brackets", PROXY, "[2001:db8:9::2]", "2001:db8:9::2"),
    ("brackets and a port", PROXY, "[2001:db8:9::2]:4711", "2001:db8:9::2"),
    ("IPv4 in brackets", PROXY, f"[::ffff:{CLIENT}]:4711", CLIENT),
    ("without brackets it is no port", PROXY, "2001:db8:9::2:4711", "2001:db8:9::2:4711"),
    ("blanks around", PROXY, f" {CLIENT} ,\t {OTHER}\t", CLIENT),
    ("a comma too many on the left", PROXY, f",{CLIENT}", CLIENT),
    ("a comma too many on the right", PROXY, f"{CLIENT},", PROXY),
    ("nobody knows", PROXY, "unknown", PROXY),
    ("nobody knows, in the middle", PROXY, f"{CLIENT}, unknown, {OTHER}", OTHER),
    ("rubbish left of the client", PROXY, f"rubbish, {CLIENT}", CLIENT),
    ("another header's form", PROXY, f"for={CLIENT}", PROXY),
    ("quotes", PROXY, f'"{CLIENT}"', PROXY),
    ("a line break", PROXY, f"{CLIENT}\n", PROXY),
    ("a long entry", PROXY, f"{CLIENT}, {'1' * 99}", PROXY),
    ("a long zone", PROXY, f"{CLIENT}, fe80::1%{'x' * 99}", PROXY),
    ("a megabyte of proxies", PROXY, f"{CLIENT}," + f"{OTHER}," * 100_000 + PROXY, OTHER),
    ("a megabyte of nothing", PROXY, "," * 1_000_000, PROXY),
    ("a megabyte of digits", PROXY, "1" * 1_000_000, PROXY),
    ("sixteen proxies", PROXY, f"{STRANGER}, {CLIENT}" + f", {OTHER}" * 15, CLIENT),
    ("sixteen and a client", PROXY, CLIENT + f", {OTHER}" * 16, OTHER),
    ("seventeen proxies", PROXY, f"{STRANGER}, {CLIENT}" + f", {OTHER}" * 16, OTHER),
]  # fmt: skip


@pytest.mark.threat(34)
@pytest.mark.threat(47)
@pytest.mark.parametrize(("nearest", "header", "client"), [row[1:] for row in WALKS], ids=[row[0] for row in WALKS])
def test_a_header_counts_as_far_as_trusted_proxies_wrote_it(nearest: str, header: str | None, client: str) -> None:
    assert client_address(nearest, header, PROXIES) == client


@pytest.mark.parametrize("entry", NO_ADDRESS)
def test_an_entry_that_is_no_address_ends_the_walk(entry: str) -> None:
    assert client_address(PROXY, f"{CLIENT}, {entry}, {OTHER}", PROXIES) == OTHER


@pytest.mark.threat(47, control=True)
def test_whoever_trusts_everybody_believes_everything() -> None:
    everybody = (read_network("0.0.0.0/0"),)
    assert client_address(STRANGER, CLIENT, everybody) == CLIENT


ADDRESSES = st.ip_addresses().map(str) | st.sampled_from([PROXY, OTHER, MAPPED, SIX, CLIENT, STRANGER])
ENTRIES = (
    ADDRESSES | ADDRESSES.map("[{}]:80".format) | st.sampled_from(["", "unknown"]) | st.text(printable, max_size=9)
)
HEADERS = st.lists(ENTRIES, max_size=20).map(", ".join)


def trusted(address: str, networks: tuple[Network, ...] = PROXIES) -> bool:
    return is_in(read_address(address), networks)


@given(ADDRESSES, HEADERS)
def test_it_ends_with_somebody_who_was_seen(nearest: str, header: str) -> None:
    """With an address, always: never an error, and never one that nobody wrote."""
    found = client_address(nearest, header, PROXIES)
    assert found == str(ip_address(found))
    written = {entry.strip("[] \t\r\n\x0b\x0c") for entry in f"{nearest},{header}".replace("]:80", "").split(",")}
    assert any(_same(found, entry) for entry in written)


def _same(found: str, entry: str) -> bool:
    try:
        return found == str(read_address(entry.rpartition(":")[0] if entry.count(":") == 1 else entry))
    except MalformedError:
        return False


@given(ADDRESSES.filter(lambda address: not trusted(address)), HEADERS)
def test_nothing_that_an_untrusted_neighbour_sends_counts(nearest: str, header: str) -> None:
    assert client_address(nearest, header, PROXIES) == str(read_address(nearest))


@given(
    claims=HEADERS,
    client=ADDRESSES.filter(lambda address: not trusted(address)),
    proxies=st.lists(st.sampled_from([PROXY, OTHER, MAPPED, SIX]), min_size=1, max_size=12),
)
def test_whatever_a_client_claims_its_own_address_counts(claims: str, client: str, proxies: list[str]) -> None:
    """A chain of trusted proxies, each of which adds whom it heard, as they all do."""
    header, heard = claims, client
    for proxy in proxies:
        header, heard = f"{header}, {heard}" if header else heard, proxy
    assert client_address(heard, header, PROXIES) == str(read_address(client))


@given(ADDRESSES, HEADERS, HEADERS)
def test_who_trusts_fewer_stops_earlier(nearest: str, left: str, right: str) -> None:
    assert client_address(nearest, right, ()) == str(read_address(nearest))
    found = client_address(nearest, right, PROXIES)
    assert trusted(found) or client_address(nearest, f"{left},{right}", PROXIES) == found
