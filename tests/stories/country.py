"""A site on its network, and whoever comes to its CRM from elsewhere: a branch, other networks, homes behind NAT.

The CRM has three doors on its server, each a real program on a listener for IPv4 and IPv6 at once: nginx as
deploy/nginx sets it up, our middleware, and a front that asks the agent with all the headers that it gets.
"""

import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.faults.networks import Machine, Networks, networks
from tests.stories.nginx_main import main_configuration
from tests.stories.premises import House, Site
from tests.stories.processes import ROOT, wait_for

NGINX, MIDDLEWARE, ASKING, GULLIBLE = 80, 81, 82, 83
DOORS = {"nginx": NGINX, "middleware": MIDDLEWARE, "asking": ASKING}
LAN, OUT, HOME, BRANCH = (
    ("10.9.0.", "2001:db8:9::"), ("10.8.0.", "2001:db8:8::"), ("10.9.5.", "fd05::"), ("10.5.0.", "fd06::")
)  # fmt: skip
SITE = ("10.9.0.0/16", "2001:db8:9::/48")
PROXY, OTHER = 5, 6
"""Numbers of two proxies on the site's network: one that is trusted, and one that nobody knows."""
VALIDATES = 3
"""Seconds from one validation of the agent to the next, which tells what happened meanwhile."""
TRUSTED = (f"{LAN[0]}{PROXY}/32", f"{LAN[1]}{PROXY}/128")

_CRM = """
    include {folder}/licence/identity.conf;
    include {folder}/licence/agent.conf;
    {trust}
    real_ip_header X-Forwarded-For;
    real_ip_recursive on;
    server {{
        listen [::]:80 ipv6only=off;
        include {folder}/licence/server.conf;
        location / {{
            include {folder}/licence/guard.conf;
            root {folder}/crm;
        }}
    }}
"""
_PROXY = """
    server {{
        listen [::]:{port} ipv6only=off;
        location / {{
            proxy_pass http://{crm}:{port};
            proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;
        }}
    }}
"""


@dataclass
class Country:
    """Machines by name: server, near, proxy, other (proxy), far, home, branch."""

    house: House
    site: Site
    licence: str
    machines: dict[str, Machine]

    def come(self, who: str, door: int, *headers: str, at: int = 1, six: bool = False, user: str = "") -> str:
        """Come to the CRM, or to the proxy at a number; return ``in``, or the word of the refusal.

        A user of another name comes with that one's seat, where the door tells computers apart by name.
        """
        host = f"[{LAN[1]}{at}]" if six else f"{LAN[0]}{at}"
        path = f"{user or who}/{user or who}" if door == ASKING else ""
        given = (f"Cookie: sessionid={user or who}", "Accept: application/json", *headers)
        words = [word for header in given for word in ("-H", header)]
        told = "%{http_code} %header{licence-problem}"
        asked = ("curl", "-s", "-m", 10, *words, "-w", f"\n{told}", f"http://{host}:{door}/{path}")
        said = self.machines[who].run(*asked).stdout.splitlines()
        if not said:
            return "no answer"
        status, word = (said[0] if door == ASKING else said[-1]).split(" ")[:2]
        return "in" if status in {"200", "204"} else word or status

    def let(self, *words: object) -> None:
        """Change the networks of the licence, as the vendor does, and have the agent learn of it."""
        self.house.ask("licence", "networks", self.licence, *words)
        assert self.site.type("validate")[0] == 0


@contextmanager
def country() -> Iterator[Country]:
    """The whole country, gone at the end."""
    with TemporaryDirectory(prefix="country-") as name, networks() as made:
        folder, machines = Path(name), _machines(made)
        server = machines["server"]
        house = House(folder / "vendor", server, "127.0.0.1")
        house.open()
        site = Site(folder / "site", server)
        sites = (word for network in SITE for word in ("--network", network))
        licence, code = house.sell("--interval", VALIDATES, *sites)
        assert site.type("activate", code, "--server", "http://127.0.0.1:7410", "--root", house.root)[0] == 0
        (site.home / "agent.toml").write_text(f"trusted_proxies = {list(TRUSTED)}\n")
        site.run()
        _open_doors(folder, house, site)
        for number, proxy in ((PROXY, "proxy"), (OTHER, "other")):
            forwards = "".join(_PROXY.format(port=port, crm=f"{LAN[0]}1") for port in DOORS.values())
            _nginx(machines[proxy], folder / proxy, forwards, f"{LAN[0]}{number}")
        yield Country(house, site, licence, machines)


def _machines(made: Networks) -> dict[str, Machine]:
    """Put everybody on their networks: ``home`` behind NAT elsewhere, ``branch`` behind NAT on the site's own."""
    names = ("server", "near", "proxy", "other", "router", "far", "box", "home", "office", "branch")
    at = {name: made.machine() for name in names}
    lan = {1: "server", 2: "near", PROXY: "proxy", OTHER: "other", 253: "office", 254: "router"}
    made.join(LAN, {number: at[name] for number, name in lan.items()})
    made.join(OUT, {3: at["far"], 7: at["box"], 254: at["router"]}, lan="out")
    made.join(HOME, {2: at["home"], 254: at["box"]}, lan="house")
    made.join(BRANCH, {2: at["branch"], 254: at["office"]}, lan="floor")
    for name, masquerade in (("router", ""), ("box", "out"), ("office", "lan")):
        at[name].forward(masquerade=masquerade)
    for name, prefixes in (("far", OUT), ("box", OUT), ("home", HOME), ("branch", BRANCH)):
        for prefix in prefixes:
            network = "10.9.0.0/24" if prefix.endswith(".") else "2001:db8:9::/64"
            at[name].route(network, by=f"{prefix}254")
    for name in ("server", "proxy", "other"):
        at[name].route("10.8.0.0/24", by=f"{LAN[0]}254")
        at[name].route("2001:db8:8::/64", by=f"{LAN[1]}254")
    return at


def _open_doors(folder: Path, house: House, site: Site) -> None:
    where = folder / "nginx"
    _install(where, site)
    trust = " ".join(f"set_real_ip_from {network};" for network in TRUSTED)
    _nginx(site.machine, where, _CRM.format(folder=where, trust=trust), "127.0.0.1")
    programs = {
        MIDDLEWARE: ("crm_wsgi", MIDDLEWARE, site.home, house.root, *TRUSTED),
        GULLIBLE: ("crm_wsgi", GULLIBLE, site.home, house.root, "0.0.0.0/0", "::/0"),
        ASKING: ("crm", ASKING, site.home / "application.token", "careful"),
    }
    for program, *words in programs.values():
        started = site.machine.start(sys.executable, "-m", f"tests.stories.{program}", *words, log=folder / "log")
        assert started.stdout is not None
        assert started.stdout.readline() == "ready\n"


def _install(where: Path, site: Site) -> None:
    """Put deploy/nginx where its page says, below a folder of this test's own."""
    shutil.copytree(ROOT / "deploy" / "nginx", where / "licence")
    (where / "crm").mkdir()
    (where / "crm" / "index.html").write_text("welcome")
    bearer = f"Bearer {site.token('application')}"
    (where / "licence" / "token.conf").write_text(f'proxy_set_header Authorization "{bearer}";\n')
    for path in (where / "licence").glob("*.conf"):
        text = path.read_text().replace("/etc/nginx/licence", str(where / "licence"))
        text = text.replace("include licence/", f"include {where}/licence/")
        path.write_text(text.replace("/run/nginx-licence", str(where / "cache")))


def _nginx(machine: Machine, folder: Path, content: str, address: str) -> None:
    """Start nginx on a machine, and wait until it answers at an address of its own."""
    folder.mkdir(exist_ok=True)
    (folder / "nginx.conf").write_text(main_configuration(folder, content))
    machine.start("nginx", "-p", folder, "-c", folder / "nginx.conf", log=folder / "log")
    port = next(port for port in DOORS.values() if f"[::]:{port} " in content)
    asked = ("curl", "-s", "-m", 1, "-o", "/dev/null", f"http://{address}:{port}/nothing")
    wait_for("nginx's start", lambda: True if machine.run(*asked).returncode == 0 else None)
