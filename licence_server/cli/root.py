"""licence-server: the vendor's signing server at the command line."""

from collections.abc import Mapping
from types import MappingProxyType

import click

from keys.command import LazyCommands

COMMANDS: Mapping[str, str] = MappingProxyType(
    {
        "init": "licence_server.cli.homes:init",
        "run": "licence_server.cli.serve:run",
        "customer": "licence_server.cli.customers:customer",
        "licence": "licence_server.cli.licences:licence",
        "plan": "licence_server.cli.plans:plan",
        "exchange": "licence_server.cli.exchange:exchange",
        "import": "licence_server.cli.imports:importing",
        "outage": "licence_server.cli.outages:outage",
        "bundle": "licence_server.cli.bundles:bundle",
        "export": "licence_server.cli.exports:export",
        "audit": "licence_server.cli.audits:audit",
        "clock": "licence_server.cli.audits:clock",
        "doctor": "licence_server.cli.doctor:doctor",
        "approval": "licence_server.cli.approvals:approval",
        "operator": "licence_server.cli.operators:operator",
        "token": "licence_server.cli.tokens:token",
        "webhook": "licence_server.cli.webhooks:webhook",
        "backup": "licence_server.cli.dumps:backup",
        "restore": "licence_server.cli.dumps:restore",
    }
)


@click.group(
    cls=LazyCommands, modules=COMMANDS, extra="server", context_settings={"help_option_names": ["-h", "--help"]}
)
def main() -> None:
    """The licence server: customers, licences, and the server that agents talk to.

    Its data lies in LICENCE_SERVER_HOME. Every command takes --json.

    Example: licence-server init --issuer https://licences.example.com
    """
