"""Somebody between customer and vendor who holds a certificate that the customer trusts; and a cable that is pulled."""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from threading import Thread

import pytest

from keys.jws import decode
from tests.faults.authority import Authority
from tests.faults.networks import networks
from tests.stories.parties import HARDWARE
from tests.stories.premises import NAME, House, Site
from tests.stories.processes import pause

pytestmark = pytest.mark.timeout(400)

VENDOR, MALLORY = "10.77.0.1", "10.77.0.66"


class World:
    """A vendor, a customer whose machine trusts an authority of the office, and Mallory, whom it has certified."""

    def __init__(self, folder: Path, machines) -> None:
        vendor, mallory, customer = machines
        self.authority = Authority(folder)
        self.vendor = House(folder / "vendor", vendor, VENDOR, self.authority)
        self.mallory = House(folder / "mallory", mallory, MALLORY, self.authority)
        for house in (self.vendor, self.mallory):
            house.open()
            house.open_front()
        self.folder, self.customer = folder, customer

    def site(self, name: str) -> Site:
        return Site(self.folder / name, self.customer, {"REQUESTS_CA_BUNDLE": self.authority.certificate})

    def lead(self, address: str) -> None:
        """Have the vendor's name mean an address, on the customer's machine."""
        self.customer.know(licences_example_com=address)


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    with networks() as made:
        machines = [made.machine() for _ in range(3)]
        made.join(("10.77.0.", "fd77::"), dict(zip((1, 66, 2), machines, strict=True)))
        yield World(tmp_path_factory.mktemp("world"), machines)


def read_along(heard: bytes) -> bytes:
    """All that was sent, and what is inside of the documents in it."""
    parts = [
        part for line in heard.split(b"\n") if line.count(b".") == 2 and b" " not in line for part in line.split(b".")
    ]
    return heard + b"\n".join(decode(part) for part in parts)


def secrets_of(site: Site) -> list[bytes]:
    """Middles of private keys, tokens, serial numbers, and who works with the CRM."""
    keys = [b"".join(path.read_bytes().splitlines()[1:-1])[:40] for path in (site.home / "keys").glob("*.pem")]
    tokens = [site.token(name).encode() for name in ("application", "administrator")]
    numbers = [f"{value} of {site.folder.name}".encode() for value in HARDWARE.values()]
    assert len(keys) == 1
    return [*keys, *tokens, *numbers, b"sara-of-the-office", b"pc-17"]


def work(world: World, site: Site) -> None:
    """Have somebody work with the CRM, so that there is something to report."""
    site.run()
    seat = json.dumps({"user": "sara-of-the-office", "client": "pc-17", "address": "10.0.0.9"})
    heads = (f"Authorization: Bearer {site.token('application')}", "Content-Type: application/json")
    called = world.customer.run(
        "curl", "-s", "-H", heads[0], "-H", heads[1], "-d", seat, "http://127.0.0.1:7411/v1/seats"
    )
    assert json.loads(called.stdout)["mode"] == "full"


def tampered(world: World, site: Site, tampers: Mapping[str, str]) -> None:
    """Validate while Mallory changes each answer: the agent is not moved, and says what it looks like."""
    before = site.licence
    for tamper, cause in tampers.items():
        world.mallory.order(tamper, VENDOR)
        status, said = site.type("validate")
        assert (status, site.licence) == (3, before), (tamper, said)
        _, said = site.type("status")
        assert (said["mode"], said["last_validation"]["cause"]) == ("full", cause), tamper


TAMPERS = {
    "own key": "unsigned",
    "more seats": "unsigned",
    "forbidden": "forbidden",
    "portal": "page",
    "bit": "unsigned",
}


@pytest.mark.long
@pytest.mark.threat(18)
@pytest.mark.threat(19)
def test_whoever_opens_tls_learns_the_code_and_moves_nothing(world: World, rounds, figure) -> None:
    site, (licence, code) = world.site("site"), world.vendor.sell("--clients", 30)
    world.lead(MALLORY)
    world.mallory.order("nothing", VENDOR)
    assert site.type("activate", code, "--server", f"https://{NAME}", "--root", world.vendor.root)[0] == 0
    work(world, site)
    assert site.type("validate")[1]["seq"] == 2
    before, some = site.licence, dict(list(TAMPERS.items())[: rounds(len(TAMPERS), sample=2)])
    tampered(world, site, some)
    world.mallory.order("nothing", MALLORY)
    assert site.type("validate")[0] in {1, 3}, "Mallory's own server, under the vendor's name"
    assert (site.type("status")[1]["mode"], site.licence) == ("full", before)
    heard = read_along(world.mallory.heard)
    assert heard.count(code.encode()) == 1, "the control: what was sent was heard"
    assert not [secret for secret in secrets_of(site) if secret in heard]
    world.lead(VENDOR)
    assert site.type("validate")[1]["seq"] == 3
    codes = [event["code"] for event in world.vendor.ask("licence", "show", licence)["events"]]
    assert codes == ["licence_issued", "licence_activated"], "and nobody is accused of anything"
    figure(f"{len(some) + 1} ways to tamper behind a trusted certificate: agent unmoved; one code heard, no secret")


@pytest.mark.long
@pytest.mark.threat(18)
def test_a_fake_vendor_activates_nobody_who_has_the_root(world: World) -> None:
    site, (_, code) = world.site("fresh"), world.mallory.sell()
    world.lead(MALLORY)
    world.mallory.order("nothing", MALLORY)
    status, said = site.type("activate", code, "--server", f"https://{NAME}", "--root", world.vendor.root)
    assert (status, (site.home / "licence.jws").exists()) == (1, False), said
    assert "Nothing was sent" in str(said), "the code is still good"


@pytest.mark.long
@pytest.mark.threat(18, control=True)
def test_a_fake_vendor_activates_whoever_believes_on_first_use(world: World) -> None:
    """The control: the attack works against a customer who was given no root."""
    site, (_, code) = world.site("trusting"), world.mallory.sell()
    world.lead(MALLORY)
    world.mallory.order("nothing", MALLORY)
    status, said = site.type("activate", code, "--server", f"https://{NAME}")
    assert (status, said["mode"]) == (0, "full")


@pytest.mark.long
@pytest.mark.threat(20)
def test_a_cable_that_is_pulled_in_the_middle_of_a_validation(world: World, figure) -> None:
    site, (licence, code) = world.site("cut off"), world.vendor.sell()
    world.lead(VENDOR)
    world.vendor.order("nothing", VENDOR)
    assert site.type("activate", code, "--server", f"https://{NAME}", "--root", world.vendor.root)[0] == 0
    before = site.licence
    world.vendor.order("late", VENDOR)
    said: list[tuple[int, object]] = []
    validating = Thread(target=lambda: said.append(site.type("validate")))
    heard = len(world.vendor.heard)
    validating.start()
    while len(world.vendor.heard) == heard:
        pause(0.01)
    pause(0.3)
    world.customer.plug(plugged=False)
    validating.join()
    world.vendor.order("nothing", VENDOR)
    causes = [site.type("status")[1]["last_validation"]["cause"], site.type("validate")[0]]
    assert ([status for status, _ in said], causes, site.licence) == ([3], ["silence", 3], before)
    assert site.type("status")[1]["last_validation"]["cause"] in {"connection", "silence"}
    world.customer.plug(plugged=True)
    assert site.type("validate")[1]["seq"] == 2
    shown = world.vendor.ask("licence", "show", licence)
    assert shown["activation"]["seq"] == 2, "the request that was answered into the void counted, once"
    assert [event["code"] for event in shown["events"]] == ["licence_issued", "licence_activated"]
    figure("link down for 10 s during a validation: one document, nobody suspected")
