"""Real programs on networks of their own: a vendor behind TLS, a customer, and whoever sits between them."""

import json
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from licence_server.cli.root import main as server_program
from tests.faults.authority import Authority
from tests.faults.networks import Machine
from tests.stories.parties import HARDWARE, typed
from tests.stories.processes import BIN, clean_environment, wait_for

NAME = "licences.example.com"


@dataclass
class House:
    """A vendor's home, or that of somebody who plays one, with a server on a machine."""

    folder: Path
    machine: Machine
    address: str
    """Of the machine, on the network where agents look for it."""
    authority: Authority | None = None
    """Who certifies its front; None: it has none."""
    environment: Mapping[str, str] = field(init=False)

    def __post_init__(self) -> None:
        self.folder.mkdir()
        self.environment = clean_environment(LICENCE_SERVER_HOME=self.folder / "home")
        self.ask("init", "--issuer", f"https://{NAME}")

    @property
    def root(self) -> Path:
        return self.folder / "home" / "root.json"

    @property
    def heard(self) -> bytes:
        """All that the front was sent."""
        return (self.folder / "heard").read_bytes()

    def ask(self, *words: object) -> Any:
        return typed(server_program, dict(self.environment), *words)

    def sell(self, *options: object) -> tuple[str, str]:
        """Issue a licence; return its id and its activation code."""
        customer = self.ask("customer", "add", "فولاد پارس")["id"]
        issued = self.ask("licence", "issue", "--customer", customer, "--users", 20, *options)
        return issued["id"], issued["code"]

    def open(self) -> None:
        """Start the server, on all addresses of its machine."""
        words = ("run", "--host", "0.0.0.0", "--port", 7410, "--workers", 1)  # noqa: S104 - of a machine that is its own
        started = self.machine.start(BIN / "licence-server", *words, env=self.environment, log=self.folder / "log")
        assert started.stdout is not None
        assert started.stdout.readline()

    def open_front(self) -> None:
        """Let agents in by TLS, under the vendor's name, whoever this is."""
        self.order("nothing", self.address)
        assert self.authority is not None
        certificate, files = self.authority.certify(NAME), (self.folder / "orders", self.folder / "heard")
        words = ("-m", "tests.faults.front", self.address, 443, certificate, *files)
        started = self.machine.start(sys.executable, *words, log=self.folder / "log")
        assert started.stdout is not None
        assert started.stdout.readline() == "ready\n"

    def order(self, tamper: str, upstream: str) -> None:
        """Tell the front what to do with answers, and whose they are."""
        orders = {"tamper": tamper, "upstream": f"http://{upstream}:7410"}
        (self.folder / "orders").write_text(json.dumps(orders))


@dataclass
class Site:
    """A customer's agent on a machine."""

    folder: Path
    machine: Machine
    settings: Mapping[str, object] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.folder.mkdir()
        hardware = self.folder / "hardware.json"
        hardware.write_text(json.dumps({name: f"{value} of {self.folder.name}" for name, value in HARDWARE.items()}))
        more = {"LICENCE_AGENT_HOME": self.home, "LICENCE_AGENT_HARDWARE": hardware, **self.settings}
        self.environment = clean_environment(**more)

    @property
    def home(self) -> Path:
        return self.folder / "home"

    @property
    def licence(self) -> bytes:
        return (self.home / "licence.jws").read_bytes()

    def type(self, *words: object) -> tuple[int, Any]:
        """Run a command; return its exit code and what it prints for scripts, or what it says."""
        done = self.machine.run(BIN / "licence-agent", *words, "--json", env=self.environment)
        return done.returncode, json.loads(done.stdout) if done.stdout else done.stderr

    def run(self) -> None:
        """Start the daemon, and wait until it listens."""
        words = ("run", "--port", 7411)
        self.machine.start(BIN / "licence-agent", *words, env=self.environment, log=self.folder / "log")
        wait_for("the agent's start", lambda: True if (self.home / "address.json").exists() else None)

    def token(self, name: str) -> str:
        return (self.home / f"{name}.token").read_text().strip()
