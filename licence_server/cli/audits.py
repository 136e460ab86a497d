"""Commands: the record of who did what, and the clock that dates it."""

import json

import click

from keys.command import json_option, show
from keys.errors import AuditBrokenError
from licence_server.cli.parameters import NEVER, Day, sentence
from licence_server.cli.session import Session, pass_session
from licence_server.cli.text import moment, table
from licence_server.domain.audit import KINDS, Sought
from licence_server.domain.notices import DAY

_LARGEST = 2**53
_KINDS = ", ".join(KINDS)


@click.group()
def audit() -> None:
    """The record of who did what."""


@audit.command("list")
@click.option("--by", default="", metavar="NAME", help="What one person did: at the console, here, and by programs.")
@click.option("--deed", default="", metavar="WORD", help="One kind of event alone, such as licence_revoked.")
@click.option(
    "--of", "--subject", "of", default="", metavar="ID|KIND", help=f"About one thing, or all of a kind: {_KINDS}."
)
@click.option("--since", type=Day(), metavar="DATE", help="From this day on.")
@click.option("--until", type=Day(), metavar="DATE", help="Until this day, and on it.")
@click.option("--after", type=click.IntRange(0, _LARGEST), default=0, help="Begin after the entry of this number.")
@click.option("--most", type=click.IntRange(1, _LARGEST), help="At most so many entries.")
@json_option
@pass_session
def list_all(
    session: Session,
    /,
    *,
    since: int | None,
    until: int | None,
    after: int,
    most: int | None,
    as_json: bool,
    **said: str,
) -> None:
    """List the entries that meet all that is said, oldest first.

    Example: licence-server audit list --by sara --deed licence_revoked --since 2027-03-21
    """
    end = None if until in (None, NEVER) else until + DAY
    found = session.server.auditing.entries(Sought(**said, since=since, until=end), after, most)
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
