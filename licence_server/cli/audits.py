"""Commands: the record of who did what, and the clock that dates it."""

import json

import click

from keys.command import json_option, show
from keys.errors import AuditBrokenError
from licence_server.cli.parameters import sentence
from licence_server.cli.session import Session, pass_session
from licence_server.cli.text import moment, table

_LARGEST = 2**53


@click.group()
def audit() -> None:
    """The record of who did what."""


@audit.command("list")
@click.option("--subject", metavar="ID", help="Of one licence, customer or operator alone.")
@click.option("--after", type=click.IntRange(0, _LARGEST), default=0, help="Begin after the entry of this number.")
@click.option("--most", type=click.IntRange(1, _LARGEST), help="At most so many entries.")
@json_option
@pass_session
def list_all(session: Session, subject: str | None, after: int, most: int | None, as_json: bool) -> None:
    """List entries, oldest first.

    Example: licence-server audit list --subject lic_4rjw2n3k5m6p7q8r9s0t
    """
    found = session.server.auditing.entries(subject, after, most)
    value = [
        {
            "seq": each.seq,
            "at": each.at,
            "actor": each.actor,
            "event": each.event,
            "subject": each.subject,
            "details": json.loads(each.details),
        }
        for each in found
    ]
    rows = [(str(each.seq), moment(each.at), each.event, each.subject, each.actor) for each in found]
    show(value, as_json, lambda: table(("NO", "AT", "EVENT", "SUBJECT", "BY"), rows))


@audit.command()
@json_option
@pass_session
def verify(session: Session, as_json: bool) -> None:
    """Prove that nothing in the record was changed, removed or reordered; exit 1 at the first place where it was.

    Example: licence-server audit verify
    """
    report = session.server.auditing.verify()
    value = {
        "events": report.events,
        "checkpoints": report.checkpoints,
        "valid": report.valid,
        "problem": report.problem,
    }
    good = f"All {report.events} events are as they were written; {report.checkpoints} checkpoints fit."
    if report.valid or as_json:
        show(value, as_json, lambda: good)
    if not report.valid:
        raise AuditBrokenError(report.problem or "")


@click.group()
def clock() -> None:
    """The server's clock, which must not go back."""


@clock.command()
@click.option(
    "--reason",
    type=sentence,
    required=True,
    metavar="TEXT",
    help="Why it is right now, in a sentence, for the record.",
)
@json_option
@pass_session
def accept(session: Session, reason: str, as_json: bool) -> None:
    """Take the clock as right, though the last document was signed later by it. Look at the clock first.

    Example: licence-server clock accept --reason "the clock was a day ahead until this morning"
    """
    now = session.server.auditing.accept_clock(reason, session.by)
    show({"now": now}, as_json, lambda: f"The server signs again, from {moment(now)} on.")
