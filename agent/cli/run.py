"""licence-agent run."""

import sys
from dataclasses import replace

import click

from agent.cli.opening import open_agent
from agent.config import check
from agent.daemon.log import Log
from agent.daemon.serving import Daemon
from agent.doctor import OWN_STATE
from keys.checkup import examine


@click.command("run")
@click.option("--host", help="Loopback address to listen on, instead of the one in agent.toml (default 127.0.0.1).")
@click.option("--port", type=click.IntRange(0, 65_535), help="Port; 0: any free one. Default: agent.toml, or 7411.")
def command(host: str | None, port: int | None) -> None:
    """Run the agent: the local API for the CRM, and validation on time. Stops on SIGTERM; may be killed at any moment.

    Example: licence-agent run --port 7411
    """
    agent = open_agent()
    settings = agent.config.settings
    host, port = settings.host if host is None else host, settings.port if port is None else port
    settings = check(replace(settings, host=host, port=port), "--host")
    log = Log(sys.stderr, agent.around.clock)
    Daemon(agent, settings.host, settings.port, log, lambda: examine(OWN_STATE, agent)).run()
