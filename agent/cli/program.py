"""licence-agent: one command a use case."""

from collections.abc import Mapping
from types import MappingProxyType

import click

from agent.cli.speaking import SpokenCommands
from agent.hardware.machine import agent_version

COMMANDS: Mapping[str, str] = MappingProxyType(
    {
        "install": "agent.cli.install:command",
        "uninstall": "agent.cli.uninstall:command",
        "activate": "agent.cli.activate:command",
        "run": "agent.cli.run:command",
        "status": "agent.cli.status:command",
        "validate": "agent.cli.validate:command",
        "request": "agent.cli.request:command",
        "import": "agent.cli.importing:command",
        "fingerprint": "agent.cli.fingerprint:command",
        "hardware": "agent.cli.hardware:command",
        "seats": "agent.cli.seats:command",
        "token": "agent.cli.token:command",
        "usage": "agent.cli.usage:command",
        "deactivate": "agent.cli.deactivate:command",
        "bundle": "agent.cli.bundle:command",
        "doctor": "agent.cli.doctor:command",
        "support": "agent.cli.support:command",
    }
)


@click.group(
    cls=SpokenCommands, modules=COMMANDS, extra="agent", context_settings={"help_option_names": ["-h", "--help"]}
)
@click.version_option(agent_version(), prog_name="licence-agent")
def main() -> None:
    """Keep this server's licence, and count the seats of the CRM that runs on it.

    Example: licence-agent activate CODE --server https://licences.example.com --root root.json
    """
