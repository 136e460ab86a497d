"""licence-agent deactivate."""

import click

from agent.cli.carried import again, carrying, hand_out
from agent.cli.opening import open_mended, standing_as_json
from keys.command import json_option, show
from keys.handing_out import Ways
from keys.sentences import phrase


@click.command("deactivate")
@carrying
@json_option
def command(ways: Ways, evidence: bool, anew: bool, as_json: bool) -> None:
    """Give the licence back: from then on nobody gets in on this server, and a new code can activate another one.

    With -o, --qr or --qr-file nothing is sent: somebody carries the request to the vendor and brings the answer, and
    the licence is in force here until that is imported.

    Example: licence-agent deactivate
    """
    wanted = again(evidence=evidence, anew=anew)
    if wanted is not None and not ways:
        raise click.UsageError(
            phrase("--evidence and --anew are for requests that are carried: give -o FILE, --qr, or --qr-file FILE.")
        )
    agent = open_mended()
    if ways:
        hand_out(agent.validating().prepare("deactivation", wanted), ways, as_json=as_json)
        return
    answer = agent.validating().deactivate(agent.server())
    said = standing_as_json(agent)
    show(
        said,
        as_json,
        lambda: phrase("The licence {licence} is {status}.", licence=answer.licence_id, status=answer.status),
    )
