"""licence-agent import."""

import sys
from pathlib import Path

import click

from agent.cli.opening import open_mended, standing_as_json, standing_for_people
from keys.carried import LARGEST
from keys.command import REFUSED, GivenFile, json_option, read_given, show, tell


@click.command("import")
@click.argument("file", type=GivenFile())
@json_option
def command(file: Path, as_json: bool) -> None:
    """Take what somebody brought from the vendor in FILE (-: standard input).

    That is the answer to a request of this server, or a newer trust document. What was taken before changes nothing.

    Example: licence-agent import answer.lic
    """
    agent = open_mended()
    taken = agent.importing.take(read_given(file, LARGEST))
    if taken.trust is not None:
        tell(f"The vendor's keys are those of version {taken.trust.version} of the trust document now.")
    said = standing_as_json(agent)
    show(said, as_json, lambda: standing_for_people(said))
    if taken.licence is not None and taken.licence.status == "refused":
        tell(f"refused: The licence server refused this server: {taken.licence.reason}.")
        sys.exit(REFUSED)
