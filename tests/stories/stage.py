"""A vendor's server and a customer's servers, as many as a page of docs/recovery names: real processes, one machine."""

import json
import re
import shlex
import shutil
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path

import click
from click.testing import CliRunner

from agent.cli.program import main as agent_program
from keys.fingerprint import COMPONENTS
from licence_server.cli.root import main as server_program
from tests.stories.pages import Said, meant
from tests.stories.parties import HARDWARE, Customer, Vendor, at_customers, customer

WHOLE = {**HARDWARE, "board_serial": "PF3XW02A", "mac": "aa:00:00:00:00:01"}
_COPY = re.compile(r"# a copy of ([a-z]+)")


@dataclass
class Server:
    """A customer's server: a home, hardware, commands, and from its first start on a process."""

    folder: Path
    over: ExitStack
    agent: Customer | None = None

    @property
    def home(self) -> Path:
        return self.folder / "customer"

    @property
    def hardware(self) -> dict[str, str]:
        return dict(json.loads((self.folder / "hardware.json").read_text()))

    @hardware.setter
    def hardware(self, components: Mapping[str, str]) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        (self.folder / "hardware.json").write_text(json.dumps(components))

    def type(self, words: str) -> Said:
        return spoken(agent_program, at_customers(self.folder), words)

    def start(self) -> None:
        if self.agent is None:
            components = self.hardware
            self.agent = self.over.enter_context(customer(self.folder))
            self.hardware = components
        self.agent.start()

    def stop(self) -> None:
        if self.agent is not None:
            self.agent.cradle.kill()


@dataclass
class Stage:
    """Where the commands of a page are typed."""

    folder: Path
    seller: Vendor
    url: str
    over: ExitStack
    servers: dict[str, Server] = field(default_factory=dict)
    _numbers: Iterator[int] = field(default_factory=count)

    def type(self, place: str, command: str) -> Said:
        """Type a command at the vendor's, or at a server of the customer's, which is there from then on."""
        if command.startswith("#"):
            return self._happen(self.server(place), command)
        names = {
            "https://licences.example.com": self.url,
            "/etc/licence-agent/root.json": str(self.seller.home / "root.json"),
            "/var/lib/licence-agent": str(self.server(place).home),
            "/var/lib/licence-server": str(self.seller.home),
            "/mnt": str(self.folder),
            "CUSTOMER": self.seller.customer,
        }
        words = meant(command, names)
        match words.split()[0]:
            case "licence-server":
                return spoken(server_program, self.seller.environment, words)
            case "licence-agent":
                return self.server(place).type(words)
            case "systemctl":
                return self._service(place, words)
            case _:
                done = subprocess.run(["/bin/sh", "-c", words], capture_output=True, text=True, check=False)
                return Said(done.stdout + done.stderr, done.returncode)

    def server(self, name: str) -> Server:
        """Return a server of the customer's, on hardware of its own."""
        if name not in self.servers:
            made = self.servers[name] = Server(self.folder / name, self.over)
            made.hardware = {component: f"{name}-{value}" for component, value in WHOLE.items()}
        return self.servers[name]

    def _happen(self, here: Server, what: str) -> Said:
        """Do what a comment says: a server is cloned, and what it names of the hardware is another one."""
        copied = _COPY.match(what)
        if copied is not None:
            origin = self.server(copied[1])
            shutil.copytree(origin.home, here.home, ignore=shutil.ignore_patterns("agent.sock"))
            here.hardware = origin.hardware
        others = [name for name in re.findall(r"\w+", what) if name in COMPONENTS]
        here.hardware = here.hardware | {name: f"another {name}, {next(self._numbers)}" for name in others}
        return Said()

    def _service(self, place: str, words: str) -> Said:
        _, errand, service = words.split()
        assert errand in {"start", "stop"}, words
        if service == "licence-agent":
            (self.server(place).start if errand == "start" else self.server(place).stop)()
        elif errand == "stop":
            self.seller.cradle.kill()
        else:
            self.seller.start(workers=1, port=int(self.url.rpartition(":")[2]))
        return Said()


def spoken(program: click.Command, environment: dict[str, str], words: str) -> Said:
    """Run a command within this process."""
    result = CliRunner().invoke(program, shlex.split(words)[1:], env=dict[str, str | None](environment))
    return Said(result.output, result.exit_code)
