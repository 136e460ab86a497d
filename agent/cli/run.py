"""licence-agent run."""

import os
import sys
from dataclasses import replace

import click

from agent.cli.opening import open_to_stay
from agent.config import check
from agent.daemon.log import Log, goes_to_journal
from agent.daemon.serving import Daemon
from agent.daemon.supervised import Supervision
from agent.doctor.checks import OWN_STATE
from agent.doctor.network import Network
from agent.doctor.subject import Subject
from agent.doctor.system import System
from keys.checkup import examine


@click.command("run")
@click.option("--host", help="Loopback address to listen on, instead of the one in agent.toml (default 127.0.0.1).")
@click.option("--port", type=click.IntRange(0, 65_535), help="Port; 0: any free one. Default: agent.toml, or 7411.")
def command(host: str | None, port: int | None) -> None:
    """Run the agent: the local API for the CRM, and validation on time. Stops on SIGTERM; may be killed at any moment.

    Example: licence-agent run --port 7411
    """
    agent = open_to_stay()
    settings = agent.config.settings
    host, port = settings.host if host is None else host, settings.port if port is None else port
    settings = check(replace(settings, host=host, port=port), "--host")
    subject = Subject(agent, Network(os.environ), System())
    clock = agent.around.clock
    log = Log(sys.stderr, clock, to_journal=goes_to_journal(sys.stderr, os.environ))
    Daemon(
        agent,
        settings.host,
        settings.port,
        log,
        look=lambda: examine(OWN_STATE, subject),
        supervision=Supervision(os.environ, clock),
    ).run()
