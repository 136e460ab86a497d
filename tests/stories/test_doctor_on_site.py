"""Doctor on a machine that has no way out, a firewall that swallows, a dead DNS, and a clock that is wrong."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.faults.authority import Authority
from tests.faults.clocks import WallClock
from tests.faults.networks import Networks, networks
from tests.stories.premises import NAME, House, Site

pytestmark = [pytest.mark.long, pytest.mark.timeout(300)]

DAY = 86_400
VENDOR = "10.78.0.1"


@pytest.fixture(scope="module")
def made() -> Iterator[Networks]:
    with networks() as made:
        yield made


def found(site: Site, *words: object) -> dict[str, str]:
    """What doctor finds: words by check; it has to end with a no."""
    status, said = site.type("doctor", "--server", f"https://{NAME}", *words)
    assert status == 1
    return {each["check"]: each["word"] for each in said["checks"]}


def test_what_stands_between_a_site_and_its_vendor_is_told_apart(made: Networks, folder: Path) -> None:
    vendor, customer = made.machine(), made.machine()
    site = Site(folder / "site", customer)
    resolver = Path("/etc/netns") / customer.name / "resolv.conf"
    resolver.write_text("nameserver 127.0.0.1\noptions timeout:1 attempts:1\n")
    assert found(site)["name"] == "name-dead"
    customer.know(licences_example_com=VENDOR)
    assert found(site)["connection"] == "connection-unroutable"

    made.join(("10.78.0.", "fd78::"), {1: vendor, 2: customer})
    assert found(site)["connection"] == "connection-refused"
    vendor.configure("nft", "add table ip f; add chain ip f in { type filter hook input priority 0; policy drop; }")
    assert found(site)["connection"] == "connection-dropped"
    vendor.configure("nft", "delete table ip f")

    authority = Authority(folder)
    house = House(folder / "vendor", vendor, VENDOR, authority)
    house.open()
    house.open_front()
    assert found(site, "--root", house.root)["tls"] == "tls-intercepted"
    trusting = Site(folder / "trusting", customer, {"REQUESTS_CA_BUNDLE": authority.certificate})
    status, said = trusting.type("doctor", "--server", f"https://{NAME}", "--root", house.root)
    assert {each["check"]: each["word"] for each in said["checks"]}["root"] == "root-good", (status, said)

    _, code = house.sell()
    clock = WallClock(folder / "clock")
    clock.turn(5 * DAY)
    wrong = Site(folder / "wrong", customer, {**trusting.settings, **clock.environment})
    words = ("activate", code, "--server", f"https://{NAME}", "--root", house.root)
    status, told = wrong.type(*words)
    assert (status, "The clock is 5 days ahead" in told) == (1, True)
    clock.turn(-5 * DAY)
    assert wrong.type(*words)[0] == 0, "the code is still good"
