"""The configuration of deploy/nginx at work, as a site would install it, in front of a CRM; in a folder of its own."""

import http.client
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from http.cookies import SimpleCookie
from pathlib import Path
from typing import Literal
from urllib.parse import quote

from tests.stories.nginx_main import main_configuration
from tests.stories.parties import Customer, Vendor, customer, vendor
from tests.stories.processes import ROOT, free_port, wait_for

SOURCE = ROOT / "deploy" / "nginx"
_IDENTITY = (SOURCE / "identity.conf").read_text()
BY_SESSION: Mapping[str, str] = {}
"""The files as they are."""


def by_name() -> dict[str, str]:
    """identity.conf as a site has it whose cookies tell names: with the second map in place of the first."""
    first = "map $cookie_sessionid $licence_user {" + _IDENTITY.partition("map $cookie_sessionid $licence_user {")[2]
    second = "map $cookie_sessionid $licence_user { default"
    return {first.partition("}\n")[0] + "}\n": "", f"# {second}": second}


@dataclass
class Front:
    """nginx before a CRM, with an agent that counts what it is asked."""

    folder: Path
    crm: int
    agent: int
    token: str
    changes: Mapping[str, str]
    """What this test has otherwise than the files: old text and new."""
    port: int = field(default_factory=free_port)

    def install(self) -> None:
        """Copy the files as README.md says, with the ports and folders of this test."""
        there = self.folder / "licence"
        shutil.copytree(SOURCE, there)
        changes = {
            "127.0.0.1:7411": f"127.0.0.1:{self.agent}",
            "127.0.0.1:8080": f"127.0.0.1:{self.crm}",
            "listen 80;": f"listen 127.0.0.1:{self.port};",
            "/run/nginx-licence": f"{self.folder}/cache",
            "/etc/nginx/licence": str(there),
            **self.changes,
        }
        files = {path: path.read_text() for path in sorted(there.glob("*.conf"))}
        for old, new in changes.items():
            assert any(old in text for text in files.values()), f"no file has {old}"
            files = {path: text.replace(old, new) for path, text in files.items()}
        for path, text in files.items():
            path.write_text(text)
        (there / "token.conf").write_text(f'proxy_set_header Authorization "Bearer {self.token}";\n')
        (self.folder / "nginx.conf").write_text(main_configuration(self.folder, "include licence/crm.conf;"))

    @property
    def command(self) -> list[str]:
        program = shutil.which("nginx", path=f"{os.environ['PATH']}:/usr/sbin") or "nginx"
        return [program, "-p", str(self.folder), "-c", str(self.folder / "nginx.conf"), "-e", str(self.folder / "log")]

    def answers(self) -> Literal[True] | None:
        try:
            self.browser().get("/static/logo.png")
        except OSError:
            return None
        return True

    def browser(self, address: str = "127.0.0.1") -> "Browser":
        return Browser(self.port, address)


@dataclass(frozen=True)
class Got:
    """What a browser was answered."""

    status: int
    headers: http.client.HTTPMessage
    text: str

    @property
    def problem(self) -> str | None:
        return self.headers["Licence-Problem"]


@dataclass
class Browser:
    """A person's browser, with its cookies, at an address of this machine."""

    port: int
    address: str
    cookies: dict[str, str] = field(default_factory=dict)

    def get(self, path: str = "/", **headers: str) -> Got:
        return self.send("GET", path, **headers)

    def send(self, method: str, path: str, body: str | None = None, **headers: str) -> Got:
        """Send a request; underscores in headers' names stand for dashes."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=20, source_address=(self.address, 0))
        sent = {name.replace("_", "-"): value for name, value in headers.items()}
        if self.cookies:
            sent["Cookie"] = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        try:
            connection.request(method, path, body, sent)
            response = connection.getresponse()
            got = Got(response.status, response.headers, response.read().decode())
        finally:
            connection.close()
        for line in got.headers.get_all("Set-Cookie") or ():
            for name, morsel in SimpleCookie(line).items():
                self.cookies[name] = morsel.value
                if morsel["max-age"] == "0":
                    del self.cookies[name]
        return got

    def log_in(self, user: str) -> Got:
        """Log in, and look at the first page."""
        self.get("/login")
        assert self.send("POST", "/login", f"user={quote(quote(user))}").status == 303
        return self.get("/")

    def log_out(self) -> Got:
        return self.get("/logout")


@dataclass
class Site:
    """A customer's server: an agent, a CRM, and nginx as often as wanted."""

    folder: Path
    vendor: Vendor
    customer: Customer
    licence: str
    crm: int
    agent: int

    @contextmanager
    def front(self, changes: Mapping[str, str], token: str | None = None) -> Iterator[Front]:
        """Have nginx run until the test is over."""
        with tempfile.TemporaryDirectory(dir=self.folder) as name:
            front = Front(Path(name), self.crm, self.agent, token or self.customer.token("tokens/nginx"), changes)
            front.install()
            with running(front.command):
                wait_for("the start of nginx", front.answers)
                yield front

    def ask(self, method: str, path: str) -> str:
        """Ask the agent as its administrator."""
        connection = http.client.HTTPConnection("127.0.0.1", self.agent, timeout=10)
        connection.request(method, path, headers={"Authorization": f"Bearer {self.customer.token('administrator')}"})
        content = connection.getresponse().read().decode()
        connection.close()
        return content

    @property
    def holders(self) -> list[tuple[str, str]]:
        """Users and clients that hold a seat."""
        return [(seat["user"], seat["client"]) for seat in json.loads(self.ask("GET", "/v1/seats"))["seats"]]

    @property
    def asked(self) -> int:
        """How often the agent was asked for a seat since it started."""
        counted = re.findall(
            r"^licence_agent_seats_(?:given|renewed|refused)_total (\S+)$", self.ask("GET", "/metrics"), re.MULTILINE
        )
        assert len(counted) == 3
        return int(sum(map(float, counted)))

    def empty(self) -> None:
        """Send everybody home."""
        for user, _ in self.holders:
            self.ask("DELETE", f"/v1/users/{quote(user)}")

    def stop_agent(self) -> None:
        """As a power cut would."""
        self.customer.cradle.kill()

    def start_agent(self) -> None:
        self.customer.start(port=self.agent)


@contextmanager
def site(folder: Path, *order: object, **settings: object) -> Iterator[Site]:
    """Sell a licence, activate it, start the agent and a CRM."""
    with ExitStack() as stack:
        seller, buyer = stack.enter_context(vendor(folder)), stack.enter_context(customer(folder))
        url = seller.start()
        owner = seller.run("customer", "add", "فولاد پارس")["id"]
        issued = seller.run("licence", "issue", "--customer", owner, *order)
        buyer.activate(issued["code"], url, seller.home / "root.json")
        (buyer.home / "agent.toml").write_text("".join(f"{name} = {json.dumps(to)}\n" for name, to in settings.items()))
        made = Site(folder, seller, buyer, issued["id"], free_port(), free_port())
        made.start_agent()
        buyer.run("token", "add", "nginx")
        stack.enter_context(running([sys.executable, "-m", "tests.stories.little_crm", str(made.crm)], "ready"))
        yield made


@contextmanager
def running(command: list[str], ready: str = "", env: Mapping[str, str] | None = None) -> Iterator[None]:
    """Have a program run that says so first, where ``ready`` tells how."""
    with subprocess.Popen(
        command, cwd=ROOT, env=env, stdout=subprocess.PIPE, text=True, start_new_session=True
    ) as process:
        try:
            if ready:
                assert process.stdout is not None
                assert process.stdout.readline() == f"{ready}\n"
            yield
        finally:
            os.killpg(process.pid, signal.SIGTERM)
            process.wait(10)
