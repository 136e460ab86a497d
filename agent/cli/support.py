"""licence-agent support."""

from pathlib import Path

import click

from agent.cli.examining import subject_of
from agent.cli.opening import open_agent, standing_as_json
from agent.doctor.checks import checks_of
from agent.doctor.support import bundle
from agent.system.owner import acting_as_caller
from keys.checkup import examine
from keys.command import NewFile, json_option, show
from keys.disk import write_whole
from keys.sentences import phrase


@click.command("support")
@click.option("-o", "--output", type=NewFile(in_folder=True), metavar="FILE", required=True, help="Write it to FILE.")
@json_option
def command(output: Path, *, as_json: bool) -> None:
    """Write what the vendor's support needs into one ZIP file: findings, status, settings, versions, the log's end.

    No key, token, code, password or name of a user is in it.

    Example: licence-agent support -o support.zip
    """
    agent = open_agent()
    subject = subject_of(agent)
    content = bundle(subject, examine(checks_of(subject), subject), standing_as_json(agent))
    with acting_as_caller():
        write_whole(output, content)
    said = {"file": str(output.absolute()), "bytes": len(content)}
    people = phrase("{file} is for the vendor's support. Look into it before you send it.", file=said["file"])
    show(said, as_json, lambda: people)
