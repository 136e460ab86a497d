"""licence-agent status."""

import click

from agent.cli.opening import open_agent, standing_as_json, standing_for_people
from keys.command import json_option, show


@click.command("status")
@json_option
def command(as_json: bool) -> None:
    """Say what the licence allows now, and why.

    Example: licence-agent status --json
    """
    said = standing_as_json(open_agent())
    show(said, as_json, lambda: standing_for_people(said))
