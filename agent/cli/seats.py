"""licence-agent seats."""

from typing import Any
from urllib.parse import quote

import click

from agent.cli.opening import open_agent
from agent.daemon.local import ask
from keys.command import json_option, show
from keys.sentences import Moment, phrase, row

_KINDS = {"users": phrase("users"), "clients": phrase("clients"), "service": phrase("service")}
_SEAT = "{user:<24} {what}"


@click.group("seats", invoke_without_command=True)
@json_option
@click.pass_context
def command(context: click.Context, as_json: bool) -> None:
    """Show who holds what; asks the running agent.

    Example: licence-agent seats --json
    """
    if context.invoked_subcommand is None:
        said = ask(open_agent(), "GET", "/v1/seats")
        show(said, as_json, lambda: _for_people(said))


@command.command("release")
@click.argument("user")
@json_option
def release(user: str, as_json: bool) -> None:
    """Free all seats of USER, and the place of a named user.

    Example: licence-agent seats release sara
    """
    ask(open_agent(), "DELETE", f"/v1/users/{quote(user, safe='')}")
    show({"released": user}, as_json, lambda: phrase("{user} holds no seat any more.", user=user))


def _for_people(said: dict[str, Any]) -> list[str]:
    lines: list[str] = [
        row("{name:<9}{count}", name=name, count=_count(said[kind])) for kind, name in _KINDS.items() if kind in said
    ]
    if over := said.get("overdraft"):
        told = phrase(
            "{users} of {allowed}, {days} days left",
            users=over["users"],
            allowed=over["allowed"],
            days=over["days_left"],
        )
        lines.append(row("{name:<9}{count}", name=phrase("beyond"), count=told))
    if said.get("waiting"):
        lines.append(row("{name:<9}{count}", name=phrase("waiting"), count=said["waiting"]))
    lines += [row(_SEAT, user=seat.get("user", "?"), what=seat.get("client", "?")) for seat in said.get("seats", [])]
    for entry in said.get("resting", []):
        freed = phrase("freed; anybody's from {at}", at=Moment(entry["free_at"]))
        lines.append(row(_SEAT, user=entry["user"], what=freed))
    return lines


def _count(count: dict[str, Any]) -> str:
    if count["limit"] is None:
        return phrase("{used} of any number", used=count["used"])
    return phrase("{used} of {limit}", used=count["used"], limit=count["limit"])
