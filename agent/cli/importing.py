"""licence-agent import."""

import sys
from pathlib import Path

import click

from agent.cli.opening import open_mended, standing_as_json, standing_for_people
from agent.domain.faults import REFUSED_HERE
from agent.domain.mode import Standing
from keys.bringing import read_brought
from keys.command import REFUSED, GivenFile, json_option, show, tell
from keys.documents.outage import Outage
from keys.sentences import Moment, phrase, together


@click.command("import")
@click.argument("file", type=GivenFile())
@json_option
def command(file: Path, as_json: bool) -> None:
    """Take what somebody brought from the vendor in FILE (-: standard input).

    That is the answer to a request of this server, an outage that the vendor declared, or a newer trust document. What
    was taken before changes nothing. Texts of QR codes, each in a line, are as good as a file: a reader that types them
    as a keyboard does, into this command with -, tells after each what is missing.

    Example: licence-agent import answer.lic
    """
    brought = read_brought(file)
    agent = open_mended()
    taken = agent.importing.take(brought)
    if taken.trust is not None:
        tell(
            phrase(
                "The vendor's keys are those of version {version} of the trust document now.",
                version=taken.trust.version,
            )
        )
    if taken.outage is not None:
        tell(_declared(taken.outage, agent.judging.standing()))
    said = standing_as_json(agent)
    show(said, as_json, lambda: standing_for_people(said))
    if taken.licence is not None and taken.licence.status == "refused":
        tell(phrase("refused: {sentence}", sentence=phrase(REFUSED_HERE, reason=taken.licence.reason)))
        sys.exit(REFUSED)


def _declared(outage: Outage, standing: Standing) -> str:
    when = phrase(
        "The vendor has declared an outage from {begin} until {end}.",
        begin=Moment(outage.from_at),
        end=Moment(outage.until_at),
    )
    until = standing.stretched_at
    if until is not None:
        return together(when, phrase("This licence goes on until {until}.", until=Moment(until)))
    return together(
        when, phrase("It changes nothing here now: it stretches an active licence that would end within it.")
    )
