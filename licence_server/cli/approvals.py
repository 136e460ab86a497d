"""Commands: what waits for a second person."""

import json

import click

from keys.command import json_option, show
from licence_server.cli.session import Session, pass_session
from licence_server.cli.text import moment, plain, table
from licence_server.domain.approval import APPROVAL_STATES, OPEN, Approval
from licence_server.domain.paging import every

_ID = click.argument("approval_id", metavar="ID")


@click.group()
def approval() -> None:
    """Four eyes: what one person asked for and another has to allow."""


@approval.command("list")
@click.option("--all", "is_all", is_flag=True, help="Those that were decided or have lapsed, too.")
@json_option
@pass_session
def list_all(session: Session, is_all: bool, as_json: bool) -> None:
    """List what waits for a second person, or was granted and not used yet; newest first.

    Example: licence-server approval list
    """
    now, states = session.clock.now(), APPROVAL_STATES if is_all else OPEN
    found = list(every(lambda place: session.server.approving.approvals(states, place)))
    headings = ("ID", "STATE", "WHAT", "ABOUT", "ASKED BY", "AT", "TERMS")
    rows = [
        (
            each.id,
            each.state_at(now),
            each.deed,
            each.subject,
            each.asked_by,
            moment(each.asked_at),
            plain(json.dumps(dict(each.terms), ensure_ascii=False)),
        )
        for each in found
    ]
    show([_value(each, now) for each in found], as_json, lambda: table(headings, rows))


@approval.command()
@_ID
@json_option
@pass_session
def grant(session: Session, approval_id: str, as_json: bool) -> None:
    """Allow what somebody else asked for: they, or anybody, can do it once then, within a week of having asked.

    Example: licence-server approval grant apr_4rjw2n3k5m6p7q8r9s0t
    """
    _tell(session, session.server.approving.grant(approval_id, session.by), as_json)


@approval.command()
@_ID
@click.option("--reason", required=True, metavar="TEXT", help="Why not, in a sentence.")
@json_option
@pass_session
def refuse(session: Session, approval_id: str, reason: str, as_json: bool) -> None:
    """Refuse what somebody else asked for.

    Example: licence-server approval refuse apr_4rjw2n3k5m6p7q8r9s0t --reason "the order was for 50 users"
    """
    _tell(session, session.server.approving.refuse(approval_id, reason, session.by), as_json)


def _tell(session: Session, decided: Approval, as_json: bool) -> None:
    now = session.clock.now()
    what = f"{decided.deed} for {decided.subject}, asked for by {plain(decided.asked_by)}"
    show(_value(decided, now), as_json, lambda: f"{decided.id} is {decided.state_at(now)}: {what}.")


def _value(found: Approval, now: int) -> dict[str, object]:
    return {
        "id": found.id,
        "state": found.state_at(now),
        "deed": found.deed,
        "subject": found.subject,
        "terms": dict(found.terms),
        "asked_by": found.asked_by,
        "asked_at": found.asked_at,
        "decided_by": found.decided_by,
        "decided_at": found.decided_at,
        "reason": found.reason,
        "used_at": found.used_at,
    }
