"""licence-server exchange."""

from pathlib import Path

import click

from keys.carried import LARGEST
from keys.command import GivenFile, NewFile, json_option, read_given, show
from keys.disk import write_whole
from licence_server.cli.session import Session, pass_session
from licence_server.cli.text import plain


@click.command()
@click.argument("file", type=GivenFile())
@click.option(
    "-o", "--output", type=NewFile(in_folder=True), metavar="FILE", help="Write the answer to FILE; else it is printed."
)
@json_option
@pass_session
def exchange(session: Session, file: Path, output: Path | None, as_json: bool) -> None:
    """Answer the request of an agent without a network, which somebody brought in FILE (-: standard input).

    The answer goes back to that agent (licence-agent import). The same request gets the same answer, so a lost one is
    made again by the same command.

    Example: licence-server exchange request.lic -o answer.lic
    """
    answer = session.server.exchanging.exchange(read_given(file, LARGEST), session.by)
    if output is not None:
        write_whole(output, answer.content, 0o644)
    licence = answer.licence
    said = {
        "errand": answer.errand,
        "licence": licence.licence_id,
        "activation": licence.activation_id,
        "status": licence.status,
        "reason": licence.reason,
        "file": None if output is None else str(output.absolute()),
        "answer": answer.content.decode(),
    }
    about = (
        f"The {answer.errand} of {licence.licence_id} ({plain(licence.customer.name)}) is answered: {licence.status}."
    )
    people = answer.content.decode().rstrip() if output is None else f"{about} The answer is in {output}."
    show(said, as_json, lambda: people)
