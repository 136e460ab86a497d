"""Commands: plans, from which licences are issued."""

from dataclasses import asdict
from typing import Any, cast

import click

from keys.command import json_option, show
from licence_server.cli.session import Session, pass_session
from licence_server.cli.terms import lasting_text, said, terms
from licence_server.cli.text import day, facts, table
from licence_server.domain.plan import Changes, Offer, Plan

_ID = click.argument("plan_id", metavar="ID")


@click.group()
def plan() -> None:
    """Plans: what is sold again and again; `licence issue --plan` issues from one."""


@plan.command("add")
@click.argument("name")
@click.option("--users", type=int, required=True, help="Users who may be in at once.")
@terms
@json_option
@pass_session
def add(session: Session, /, *, name: str, as_json: bool, **fields: Any) -> None:  # noqa: ANN401 - see cli.terms
    """Add a plan. What is not said is as `licence issue` has it; without --duration its licences never end.

    Example: licence-server plan add "Standard, a year" --users 25 --duration 12m
    """
    _tell(session.server.planning.add(Offer(name, **said(fields)), session.by), as_json)


@plan.command("list")
@click.option("--all", "is_all", is_flag=True, help="Retired ones, too.")
@json_option
@pass_session
def list_all(session: Session, is_all: bool, as_json: bool) -> None:
    """List the plans that licences can be issued from, oldest first.

    Example: licence-server plan list
    """
    planning = session.server.planning
    found = planning.every_plan() if is_all else planning.plans()
    rows = [
        (
            each.id,
            each.offer.name,
            each.offer.edition or "default",
            str(each.offer.users),
            str(each.offer.clients or "any"),
            lasting_text(each.offer.lasting),
            "-" if each.retired_at is None else day(each.retired_at),
        )
        for each in found
    ]
    headings = ("ID", "NAME", "EDITION", "USERS", "CLIENTS", "LASTS", "RETIRED")
    show([_value(each) for each in found], as_json, lambda: table(headings, rows))


@plan.command("show")
@_ID
@json_option
@pass_session
def show_one(session: Session, plan_id: str, as_json: bool) -> None:
    """Show a plan.

    Example: licence-server plan show pln_4rjw2n3k5m6p7q8r9s0t
    """
    _tell(session.server.planning.one(plan_id), as_json)


@plan.command("change")
@_ID
@click.option("--name")
@click.option("--users", type=int, help="Users who may be in at once.")
@terms
@json_option
@pass_session
def change(session: Session, /, *, plan_id: str, as_json: bool, **fields: Any) -> None:  # noqa: ANN401 - see cli.terms
    """Change what a plan offers from now on; what is not said stays, and so do licences that were issued from it.

    Example: licence-server plan change pln_4rjw2n3k5m6p7q8r9s0t --users 30 --clients any
    """
    changes = cast("Changes", said(fields))
    _tell(session.server.planning.change(plan_id, changes, session.by), as_json)


@plan.command("retire")
@_ID
@json_option
@pass_session
def retire(session: Session, plan_id: str, as_json: bool) -> None:
    """Issue nothing from a plan any more; licences that were issued from it go on.

    Example: licence-server plan retire pln_4rjw2n3k5m6p7q8r9s0t
    """
    _tell(session.server.planning.retire(plan_id, session.by), as_json)


def _tell(found: Plan, as_json: bool) -> None:
    show(_value(found), as_json, lambda: _text(found))


def _value(found: Plan) -> dict[str, object]:
    offer = asdict(found.offer)
    offer["duration"] = offer.pop("lasting")
    return {"id": found.id, **offer, "created_at": found.created_at, "retired_at": found.retired_at}


def _text(found: Plan) -> str:
    offer = found.offer
    clients = "any number of" if offer.clients is None else str(offer.clients)
    overdraft = f"{offer.overdraft_users} users more, on {offer.overdraft_days} of any 30 days"
    pairs = [
        ("Plan", found.id),
        ("Name", offer.name),
        ("Edition", offer.edition or "the vendor's default"),
        ("Seats", f"{offer.users} users, {clients} clients, {offer.model}"),
        ("Integration accounts", str(offer.service or "none")),
        ("Overdraft", overdraft if offer.overdraft_users else "none"),
        ("Lasts", lasting_text(offer.lasting)),
        ("Features", ", ".join(offer.features) or "none"),
        ("Other networks", "refused" if offer.network_policy == "enforce" else "let in, and reported"),
        ("Validation", f"every {_seconds(offer.interval)}, grace {_seconds(offer.grace)}"),
        ("On a suspicion of copies", "suspended" if offer.on_clone == "suspend" else "reported"),
        ("Since", day(found.created_at)),
        ("Retired", day(found.retired_at, "no")),
    ]
    return facts(pairs)


def _seconds(value: int | None) -> str:
    return "the vendor's default" if value is None else f"{value} s"
