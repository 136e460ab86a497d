"""licence-agent deactivate."""

from pathlib import Path

import click

from agent.cli.carried import again, carrying, hand_out
from agent.cli.opening import open_mended, standing_as_json
from keys.command import json_option, show
from keys.sentences import phrase


@click.command("deactivate")
@carrying
@json_option
def command(output: Path | None, qr: bool, evidence: bool, anew: bool, as_json: bool) -> None:
    """Give the licence back: from then on nobody gets in on this server, and a new code can activate another one.

    With -o or --qr nothing is sent: somebody carries the request to the vendor and brings the answer, and the licence
    is in force here until that is imported.

    Example: licence-agent deactivate
    """
    wanted = again(evidence=evidence, anew=anew)
    if wanted is not None and output is None and not qr:
        raise click.UsageError(
            phrase("--evidence and --anew are for requests that are carried: give -o FILE, or --qr.")
        )
    agent = open_mended()
    if output is not None or qr:
        hand_out(agent.validating().prepare("deactivation", wanted), output, qr=qr, as_json=as_json)
        return
    answer = agent.validating().deactivate(agent.server())
    said = standing_as_json(agent)
    show(
        said,
        as_json,
        lambda: phrase("The licence {licence} is {status}.", licence=answer.licence_id, status=answer.status),
    )
