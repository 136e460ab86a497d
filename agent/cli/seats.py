"""licence-agent seats."""

from typing import Any
from urllib.parse import quote

import click

from agent.cli.local import ask
from agent.cli.opening import moment, open_agent
from keys.command import json_option, show


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
    show({"released": user}, as_json, lambda: f"{user} holds no seat any more.")


def _for_people(said: dict[str, Any]) -> str:
    lines = [f"{name:<9}{_count(said[name])}" for name in ("users", "clients", "service") if name in said]
    if over := said.get("overdraft"):
        lines.append(f"beyond   {over['users']} of {over['allowed']}, {over['days_left']} days left")
    if said.get("waiting"):
        lines.append(f"waiting  {said['waiting']}")
    lines += [f"{seat.get('user', '?'):<24} {seat.get('client', '?')}" for seat in said.get("seats", [])]
    lines += [
        f"{entry['user']:<24} freed; anybody's from {moment(entry['free_at'])}" for entry in said.get("resting", [])
    ]
    return "\n".join(lines)


def _count(count: dict[str, Any]) -> str:
    return f"{count['used']} of {'any number' if count['limit'] is None else count['limit']}"
