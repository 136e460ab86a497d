"""Who is at the site, and who is on the server: clients of other networks, other users of the machine, web pages."""

import stat
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.faults.networks import Machine, networks
from tests.stories.premises import House, Site

pytestmark = pytest.mark.timeout(400)

CAREFUL, NAIVE = 80, 81
LAN, OUT = ("10.9.0.", "2001:db8:9::"), ("10.8.0.", "2001:db8:8::")


@dataclass
class Town:
    """A site with its server, a client on its network, one on another, and the router between them."""

    site: Site
    server: Machine
    near: Machine
    far: Machine
    router: Machine

    def come(self, client: Machine, where: str = f"{LAN[0]}1", *headers: str, port: int = CAREFUL) -> list[str]:
        """Come to the CRM; return what the agent said, and by which address one was seen."""
        host = f"[{where}]" if ":" in where else where
        more = [word for header in headers for word in ("-H", header)]
        return client.run("curl", "-s", "-m", 5, *more, f"http://{host}:{port}/sara/pc").stdout.split(" ")


@pytest.fixture(scope="module")
def town() -> Iterator[Town]:
    with tempfile.TemporaryDirectory(prefix="town-") as folder, networks() as made:
        server, near, far, router = (made.machine() for _ in range(4))
        made.join(LAN, {1: server, 2: near, 254: router})
        made.join(OUT, {3: far, 254: router}, lan="out")
        router.forward()
        far.route("10.9.0.0/24", by="10.8.0.254")
        far.route("2001:db8:9::/64", by="2001:db8:8::254")
        server.route("10.8.0.0/24", by="10.9.0.254")
        server.route("2001:db8:8::/64", by="2001:db8:9::254")
        yield Town(settled(Path(folder), server), server, near, far, router)


def settled(folder: Path, server: Machine) -> Site:
    """Activate an agent for two networks, and open two CRMs before it."""
    house = House(folder / "vendor", server, "127.0.0.1")
    house.open()
    site = Site(folder / "site", server)
    _, code = house.sell("--network", "10.9.0.0/16", "--network", "2001:db8:9::/48")
    assert site.type("activate", code, "--server", "http://127.0.0.1:7410", "--root", house.root)[0] == 0
    (site.home / "agent.toml").write_text('socket_users = ["nobody"]\n')
    site.run()
    for port, manner in ((CAREFUL, "careful"), (NAIVE, "naive")):
        words = ("-m", "tests.stories.crm", port, site.home / "application.token", manner)
        started = server.start(sys.executable, *words, log=folder / "log")
        assert started.stdout is not None
        assert started.stdout.readline() == "ready\n"
    return site


@pytest.mark.long
@pytest.mark.threat(47)
def test_the_network_that_a_client_comes_from_decides(town: Town, figure) -> None:
    outside = ["403", "outside-network"]
    assert town.come(town.near) == ["204", "", "::ffff:10.9.0.2"], "a mapped address is the IPv4 address in it"
    assert town.come(town.near, "2001:db8:9::1") == ["204", "", "2001:db8:9::2"]
    assert town.come(town.far) == [*outside, "::ffff:10.8.0.3"]
    assert town.come(town.far, "2001:db8:9::1") == [*outside, "2001:db8:8::3"]
    assert town.come(town.server, "127.0.0.1") == [*outside, "::ffff:127.0.0.1"], (
        "the licence names two networks, no more"
    )
    for header in ("X-Real-IP", "X-Forwarded-For", "Forwarded", "True-Client-IP", "X-Client-IP"):
        named = f"{header}: {'for=' if header == 'Forwarded' else ''}10.9.0.2"
        assert town.come(town.far, f"{LAN[0]}1", named)[:2] == outside, header
    figure("two networks, IPv4, mapped and IPv6: inside let in, outside refused, five forged headers without effect")


@pytest.mark.long
@pytest.mark.threat(47, control=True)
def test_a_crm_that_believes_a_header_lets_everybody_in(town: Town) -> None:
    assert town.come(town.far, f"{LAN[0]}1", "X-Real-IP: 10.9.0.2", port=NAIVE)[0] == "204"


@pytest.mark.long
@pytest.mark.threat(47)
def test_behind_an_address_of_the_site_everybody_is_inside(town: Town) -> None:
    """What can't be told apart: a router of the site that translates addresses. The documentation says so."""
    town.router.forward(masquerade="lan")
    assert town.come(town.far) == ["204", "", "::ffff:10.9.0.254"]
    assert town.come(town.far, "2001:db8:9::1") == ["204", "", "2001:db8:9::254"]


def as_user(user: str) -> tuple[str, ...]:
    return ("setpriv", f"--reuid={user}", "--regid=12345", "--clear-groups")


def curl(town: Town, user: str, *words: object) -> str:
    """Ask the agent as another user of the server; return the status, and the word of a refusal."""
    return town.server.run(*as_user(user), "curl", "-s", "-m", 5, "-w", "%{http_code}", *words).stdout


@pytest.mark.long
@pytest.mark.threat(44)
def test_another_user_of_the_server_gets_nothing(town: Town, figure) -> None:
    """Neither by the socket nor by its files nor over TCP; one whom agent.toml names gets seats by the socket."""
    home, url = town.site.home, "http://127.0.0.1:7411/v1/licence"
    by_socket = ("--unix-socket", home / "agent.sock", "http://localhost/v1/licence")
    assert curl(town, "daemon", *by_socket) == curl(town, "nobody", *by_socket) == "000", "not even a connection"
    for folder in (home, home.parent, home.parent.parent):
        folder.chmod(folder.stat().st_mode | stat.S_IXOTH)
    assert curl(town, "nobody", *by_socket).endswith("200"), "the control: whom agent.toml names"
    assert curl(town, "daemon", *by_socket) == "000"
    (home / "agent.sock").chmod(0o666)
    assert curl(town, "daemon", *by_socket).endswith("403"), "nor where somebody opened the socket to all"
    assert "not-allowed" in curl(town, "daemon", *by_socket)
    for name in ("application.token", "administrator.token", "licence.jws", "state.json"):
        assert town.server.run(*as_user("daemon"), "cat", home / name).returncode, name
    assert "token-invalid" in curl(town, "daemon", url)
    assert "token-invalid" in curl(town, "daemon", "-H", "Authorization: Bearer " + "x" * 43, url)
    assert town.come(town.near, f"{LAN[0]}1", port=7411) == [""], "no other machine reaches it"
    figure("two other users of the machine: socket, tokens and TCP refused; another machine: no connection")


@pytest.mark.long
@pytest.mark.threat(44)
def test_no_web_page_gets_through_even_with_the_token(town: Town) -> None:
    bearer = ("-H", f"Authorization: Bearer {town.site.token('application')}")
    url = "http://127.0.0.1:7411/v1/licence"
    assert curl(town, "root", *bearer, url).endswith("200"), "the control"
    rebound = ("--resolve", "rebound.example:7411:127.0.0.1", "http://rebound.example:7411/v1/licence")
    for words in (rebound, ("-H", "Origin: https://page.example", url), ("-H", "Host: page.example", url)):
        assert "origin-refused" in curl(town, "root", *bearer, *words), words
