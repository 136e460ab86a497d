"""licence-server exchange."""

from pathlib import Path

import click

from keys.bringing import read_brought
from keys.carried import read_carried
from keys.command import GivenFile, json_option, show
from keys.handing_out import Ways, handing_out
from keys.printing import REPLY
from keys.sentences import together
from licence_server.cli.session import Session, pass_session
from licence_server.cli.text import plain

_PUBLIC = 0o644


@click.command()
@click.argument("file", type=GivenFile())
@handing_out("the answer")
@json_option
@pass_session
def exchange(session: Session, file: Path, ways: Ways, as_json: bool) -> None:
    """Answer the request of an agent without a network, which somebody brought in FILE (-: standard input).

    The answer goes back to that agent (licence-agent import); it is printed unless it is wanted elsewhere. The same
    request gets the same answer, so a lost one is made again by the same command.

    Example: licence-server exchange request.lic -o answer.lic
    """
    answer = session.server.exchanging.exchange(read_brought(file), session.by)
    licence, content = answer.licence, answer.content.decode()
    written = ways.write(read_carried(answer.content), REPLY, session.server.config.issuer, _PUBLIC)
    said = {
        "errand": answer.errand,
        "licence": licence.licence_id,
        "activation": licence.activation_id,
        "status": licence.status,
        "reason": licence.reason,
        **written,
        "answer": content,
    }
    about = (
        f"The {answer.errand} of {licence.licence_id} ({plain(licence.customer.name)}) is answered: {licence.status}."
    )
    people = together(about, *ways.places("The answer is in {file}.")) if ways else content.rstrip()
    show(said, as_json, lambda: people)
    if not as_json:
        ways.draw(written["parts"])
