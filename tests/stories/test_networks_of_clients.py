"""Who is on the site's network: seen by nginx, by our middleware and by the agent, straight, by proxies, behind NAT."""

import json
from collections.abc import Iterator
from typing import Any

import pytest

from tests.stories.country import ASKING, DOORS, GULLIBLE, LAN, OTHER, OUT, PROXY, Country, country
from tests.stories.processes import wait_for
from tests.threats.plugin import Figure

pytestmark = [pytest.mark.long, pytest.mark.timeout(400), pytest.mark.xdist_group("country")]

OUTSIDE, OUTSIDE_EVENT = "outside-network", "outside_network"
EVERY = pytest.mark.parametrize("door", DOORS.values(), ids=DOORS)


@pytest.fixture(scope="module")
def land() -> Iterator[Country]:
    with country() as made:
        yield made


@EVERY
@pytest.mark.threat(47)
def test_inside_gets_in_and_outside_does_not(land: Country, door: int, figure: Figure) -> None:
    """By IPv4, which the listener for both reports as ::ffff:…, and by IPv6."""
    for six in (False, True):
        assert land.come("near", door, six=six) == "in"
        assert land.come("far", door, six=six) == OUTSIDE
        assert land.come("far", door, six=six, user="near") == OUTSIDE, "a seat is no way in from elsewhere"
        assert land.come("near", door, six=six) == "in", "and nobody loses it by that"
    figure("IPv4, mapped and IPv6, at nginx, middleware and agent: inside let in, outside refused")


@EVERY
@pytest.mark.threat(34)
@pytest.mark.threat(47)
def test_what_a_client_says_of_its_address_counts_for_nothing(land: Country, door: int) -> None:
    inside = f"{LAN[0]}2"
    for said in (inside, f"{inside}, {LAN[0]}{PROXY}", f"::ffff:{inside}", f"[{LAN[1]}2]:80", "unknown", "," * 5000):
        for header in ("X-Forwarded-For", "X-Real-IP"):
            assert land.come("far", door, f"{header}: {said}") == OUTSIDE, (header, said)
    both = (f"X-Forwarded-For: {inside}", f"X-Real-IP: {inside}", f"Forwarded: for={inside}", "Licence-User: near")
    assert land.come("far", door, *both, six=True) == OUTSIDE
    assert land.come("near", door, f"X-Forwarded-For: {OUT[0]}3") == "in"


@EVERY
@pytest.mark.threat(34)
@pytest.mark.threat(47)
def test_only_a_trusted_proxy_says_who_came(land: Country, door: int, figure: Figure) -> None:
    for six in (False, True):
        assert land.come("near", door, at=PROXY, six=six) == "in"
        assert land.come("far", door, at=PROXY, six=six) == OUTSIDE
        assert land.come("far", door, f"X-Forwarded-For: {LAN[0]}2", at=PROXY, six=six) == OUTSIDE
        assert land.come("far", door, f"X-Forwarded-For: {LAN[0]}{PROXY}", at=PROXY, six=six) == OUTSIDE
    lines = (f"X-Forwarded-For: {LAN[0]}2", f"X-Forwarded-For: {OUT[0]}3")
    assert land.come("proxy", door, *lines) == OUTSIDE, "some add a line of their own below the client's"
    assert land.come("proxy", door, *reversed(lines)) == "in"
    claim = f"X-Forwarded-For: {OUT[0]}3"
    assert land.come("other", door, claim) == "in", "a machine of the site that nobody trusts is one of the site"
    figure("proxy of the site: believed where it is trusted, by IPv4 and IPv6; forged X-Forwarded-For without effect")


@EVERY
@pytest.mark.threat(47)
def test_behind_nat_the_outer_address_counts(land: Country, door: int) -> None:
    """The home has addresses of the site's own range, and that is of no use; the branch appears as one of the site."""
    assert land.come("home", door) == OUTSIDE
    assert land.come("home", door, six=True) == OUTSIDE
    assert land.come("branch", door) == "in"
    assert land.come("branch", door, six=True) == "in"


@EVERY
@pytest.mark.threat(47)
def test_behind_a_proxy_that_nobody_trusts_all_are_one(land: Country, door: int) -> None:
    """What can't be told apart; docs/network.md says so."""
    assert land.come("far", door, at=OTHER) == "in"


@pytest.mark.threat(34, control=True)
@pytest.mark.threat(47, control=True)
def test_who_trusts_everybody_lets_everybody_in(land: Country) -> None:
    assert land.come("far", GULLIBLE) == OUTSIDE
    assert land.come("far", GULLIBLE, f"X-Forwarded-For: {LAN[0]}2") == "in"


@pytest.mark.threat(47)
def test_the_licence_may_have_it_reported_instead(land: Country, figure: Figure) -> None:
    """The vendor decides, agents follow at their next validation; the vendor is told how often, and never who."""
    wait_for("earlier reports", lambda: None if untold(land) else True)
    before = told(land)
    land.let("--network-policy", "report")
    for door in DOORS.values():
        is_let_in(land, "far", door)
        is_let_in(land, "home", door, six=True)
    seats = [check_out(land, f"{prefix}3") for prefix in (OUT[0], LAN[0], f"::ffff:{OUT[0]}", OUT[1])]
    assert [bool(seat.get("outside_network")) for seat in seats] == [True, False, True, True]
    times = len(DOORS) * 2 + 3
    assert untold(land) <= times, "and a request that is told of already is not told of again"
    wait_for("the agent's report", lambda: True if told(land) == before + times else None)
    shown = land.house.ask("audit", "list", "--subject", land.licence)
    assert not [word for word in ("sara", "home", OUT[0], OUT[1]) if word in json.dumps(shown)]
    land.let("--network-policy", "enforce")
    assert land.come("far", ASKING) == OUTSIDE, "though a seat is held"
    land.let("--network", "10.8.0.0/24")
    assert [land.come(who, ASKING) for who in ("far", "home", "near")] == ["in", "in", OUTSIDE]
    land.let("--private")
    assert [land.come(who, ASKING) for who in ("far", "near")] == ["in", "in"]
    assert land.come("near", ASKING, six=True) == OUTSIDE, "2001:db8::/32 is no private range"
    figure(f"changed by the vendor to report and back: 3 doors let outsiders in, {times} times, as the vendor is told")


def is_let_in(land: Country, who: str, door: int, *, six: bool = False) -> None:
    """Come until the door has forgotten its last no: nginx remembers one for a second, and asks nobody meanwhile."""
    wait_for(f"door {door}", lambda: land.come(who, door, six=six) == "in" or None)


def check_out(land: Country, address: str) -> Any:
    """Ask the agent itself for a seat."""
    heads = (f"Authorization: Bearer {land.site.token('application')}", "Content-Type: application/json")
    seat = json.dumps({"user": "sara", "client": "pc", "address": address})
    words = ("-H", heads[0], "-H", heads[1], "-d", seat, "http://127.0.0.1:7411/v1/seats")
    return json.loads(land.machines["server"].run("curl", "-s", "-m", 10, *words).stdout)


def told(land: Country) -> int:
    """How many requests from outside the vendor knows of."""
    shown = land.house.ask("licence", "show", land.licence)["reported"]
    return sum(each["count"] for each in shown if each["code"] == OUTSIDE_EVENT)


def untold(land: Country) -> int:
    """How many the next validation will tell of."""
    upcoming = land.site.type("usage", "--next")[1]["events"]
    return sum(each["count"] for each in upcoming if each["code"] == OUTSIDE_EVENT)
