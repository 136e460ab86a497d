"""licence-agent validate."""

import sys

import click

from agent.cli.opening import open_mended, standing_as_json, standing_for_people
from agent.domain.faults import REFUSED_HERE
from keys.command import REFUSED, json_option, show, tell
from keys.sentences import phrase


@click.command("validate")
@json_option
def command(as_json: bool) -> None:
    """Validate the licence now, whether it is time or not. Safe while the daemon runs.

    Example: licence-agent validate
    """
    agent = open_mended()
    answer = agent.validating().validate(agent.server())
    said = standing_as_json(agent)
    show(said, as_json, lambda: standing_for_people(said))
    if answer.status == "refused":
        tell(phrase("refused: {sentence}", sentence=phrase(REFUSED_HERE, reason=answer.reason)))
        sys.exit(REFUSED)
