"""licence-agent deactivate."""

import click

from agent.cli.opening import open_mended, standing_as_json
from keys.command import json_option, show


@click.command("deactivate")
@json_option
def command(as_json: bool) -> None:
    """Give the licence back: from then on nobody gets in on this server, and a new code can activate another one.

    Example: licence-agent deactivate
    """
    agent = open_mended()
    answer = agent.validating().deactivate(agent.server())
    said = standing_as_json(agent)
    show(said, as_json, lambda: f"The licence {answer.licence_id} is {answer.status}.")
