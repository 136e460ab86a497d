"""licence-agent token."""

import click

from agent.cli.opening import open_agent
from agent.store.tokens import ApplicationTokens
from keys.command import json_option, show
from keys.sentences import phrase, row


@click.group("token")
def command() -> None:
    """Tokens for further applications that use the local API, one for each.

    Example: licence-agent token add reports
    """


@command.command("add")
@click.argument("name")
@json_option
def add(name: str, as_json: bool) -> None:
    """Make a token for the application NAME and tell where it lies; it works at once.

    Example: licence-agent token add reports
    """
    agent = open_agent()
    agent.home.prepare()
    path = ApplicationTokens(agent.home, agent.around.randomness).add(name)
    show(
        {"name": name, "path": str(path)},
        as_json,
        lambda: phrase("The token of {name} lies in {path}.", name=name, path=path),
    )


@command.command("list")
@json_option
def list_(as_json: bool) -> None:
    """Show which applications have tokens.

    Example: licence-agent token list --json
    """
    agent = open_agent()
    tokens = ApplicationTokens(agent.home, agent.around.randomness)
    found = [{"name": name, "path": str(tokens.path(name))} for name in tokens.names()]
    rows = [row("{name:<24} {path}", name=one["name"], path=one["path"]) for one in found]
    show(found, as_json, lambda: rows or phrase("There are none."))


@command.command("remove")
@click.argument("name")
@json_option
def remove(name: str, as_json: bool) -> None:
    """Take the token of the application NAME back; it opens nothing from then on.

    Example: licence-agent token remove reports
    """
    agent = open_agent()
    ApplicationTokens(agent.home, agent.around.randomness).remove(name)
    show({"removed": name}, as_json, lambda: phrase("The token of {name} opens nothing any more.", name=name))
