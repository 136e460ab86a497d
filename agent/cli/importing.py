"""licence-agent import."""

import sys
from pathlib import Path

import click

from agent.cli.opening import moment, open_mended, standing_as_json, standing_for_people
from agent.domain.mode import Standing
from keys.carried import LARGEST
from keys.command import REFUSED, GivenFile, json_option, read_given, show, tell
from keys.documents.outage import Outage


@click.command("import")
@click.argument("file", type=GivenFile())
@json_option
def command(file: Path, as_json: bool) -> None:
    """Take what somebody brought from the vendor in FILE (-: standard input).

    That is the answer to a request of this server, an outage that the vendor declared, or a newer trust document. What
    was taken before changes nothing.

    Example: licence-agent import answer.lic
    """
    agent = open_mended()
    taken = agent.importing.take(read_given(file, LARGEST))
    if taken.trust is not None:
        tell(f"The vendor's keys are those of version {taken.trust.version} of the trust document now.")
    if taken.outage is not None:
        tell(_declared(taken.outage, agent.judging.standing()))
    said = standing_as_json(agent)
    show(said, as_json, lambda: standing_for_people(said))
    if taken.licence is not None and taken.licence.status == "refused":
        tell(f"refused: The licence server refused this server: {taken.licence.reason}.")
        sys.exit(REFUSED)


def _declared(outage: Outage, standing: Standing) -> str:
    when = f"The vendor has declared an outage from {moment(outage.from_at)} until {moment(outage.until_at)}. "
    if standing.stretched_at is not None:
        return f"{when}This licence goes on until {moment(standing.stretched_at)}."
    return f"{when}It changes nothing here now: it stretches an active licence that would end within it."
