"""The vendor and a customer, each with a home and a program to start."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import click
from click.testing import CliRunner

from agent.cli.program import main as agent_program
from licence_server.cli.root import main as server_program
from tests.stories.processes import Cradle, clean_environment, cradle, wait_for

HARDWARE = {
    "product_uuid": "4c4c4544-0042-3510-8052-b4c04f4e3132",
    "machine_id": "8d6a6a5e0b7c4f0f9d3f0a6a3b1c2d4e",
    "disk_serial": "S3Z9NB0K",
    "cpu": "a vendor and a model",
}
ISSUER = "https://licences.example.com"
SERVER_MODULES = ("licence_server.cli.root", "sqlalchemy.dialects.postgresql.psycopg")
AGENT_MODULES = ("agent.cli.program",)


def typed(program: click.Command, environment: dict[str, str], *arguments: object) -> Any:
    """Run a command within this process, and return what it prints for scripts."""
    result = CliRunner().invoke(program, [*map(str, arguments), "--json"], env=dict[str, str | None](environment))
    assert result.exit_code == 0, result.output
    return json.loads(result.stdout)


@dataclass
class Office:
    """A licence server's home and its commands."""

    home: Path
    environment: dict[str, str]
    customer: str = ""

    def run(self, *arguments: object) -> Any:
        return typed(server_program, self.environment, *arguments)

    def issue(self, users: int = 3, clients: int = 4) -> tuple[str, str]:
        """Issue a licence; return its id and its activation code."""
        self.customer = self.customer or self.run("customer", "add", "فولاد پارس")["id"]
        order = ("--customer", self.customer, "--users", users, "--clients", clients)
        issued = self.run("licence", "issue", *order)
        return issued["id"], issued["code"]


@dataclass
class Vendor(Office):
    """An office with a process that serves."""

    cradle: Cradle = field(kw_only=True)

    def start(self, *, as_command: bool = False, workers: int = 2, port: int = 0) -> str:
        """Start the server, and return its address when it is ready."""
        self.cradle.start("run", "--port", str(port), "--workers", str(workers), as_command=as_command)
        return wait_for("the server's start", self.announced)

    def announced(self) -> str | None:
        """Return the address that a server which is being started has printed, if it has."""
        said = self.cradle.out.read_text() if self.cradle.out.exists() else ""
        return said.split()[-1] if said.endswith("\n") else None


@contextmanager
def vendor(
    folder: Path, program: str = SERVER_MODULES[0], issuer: object = ISSUER, **settings: object
) -> Iterator[Vendor]:
    """A licence server with a home of its own; ``settings``: more variables of its environment."""
    folder.mkdir(exist_ok=True)
    home = folder / "vendor"
    environment = clean_environment(LICENCE_SERVER_HOME=home, **settings)
    with cradle(folder, "licence-server", environment, program, *SERVER_MODULES) as made:
        found = Vendor(home, environment, cradle=made)
        found.run("init", "--issuer", issuer)
        yield found


@dataclass
class Customer:
    """An agent's home, its commands and its process."""

    home: Path
    environment: dict[str, str]
    cradle: Cradle

    def run(self, *arguments: object) -> Any:
        return typed(agent_program, self.environment, *arguments)

    def refused(self, *arguments: object) -> str:
        """Run a command that has to be refused, and return what it says."""
        result = CliRunner().invoke(
            agent_program, list(map(str, arguments)), env=dict[str, str | None](self.environment)
        )
        assert result.exit_code != 0, result.output
        return result.stderr

    def activate(self, code: str, server: str, root: Path) -> None:
        said = self.run("activate", code, "--server", server, "--root", root)
        assert said["mode"] == "full"

    def start(self, *, as_command: bool = False, port: int = 0) -> tuple[str, int]:
        """Start the agent, and return where it listens when it is ready."""
        pid = self.cradle.start("run", "--port", str(port), as_command=as_command)

        def listening() -> tuple[str, int] | None:
            path = self.home / "address.json"
            where = json.loads(path.read_bytes()) if path.exists() else {}
            return (where["host"], where["port"]) if where.get("pid") == pid else None

        return wait_for("the agent's start", listening)

    def token(self, name: str) -> str:
        return (self.home / f"{name}.token").read_text().strip()


@contextmanager
def customer(folder: Path, program: str = AGENT_MODULES[0], **settings: object) -> Iterator[Customer]:
    """An agent with a home of its own, on hardware of its own."""
    folder.mkdir(exist_ok=True)
    (folder / "hardware.json").write_text(json.dumps(HARDWARE))
    environment = at_customers(folder, **settings)
    with cradle(folder, "licence-agent", environment, program, *AGENT_MODULES) as made:
        yield Customer(folder / "customer", environment, made)


def at_customers(folder: Path, **settings: object) -> dict[str, str]:
    """The environment of an agent's commands in a folder: its home, and the file that stands in for the hardware."""
    home, hardware = folder / "customer", folder / "hardware.json"
    return clean_environment(LICENCE_AGENT_HOME=home, LICENCE_AGENT_HARDWARE=hardware, **settings)
