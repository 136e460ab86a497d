"""docs/commands.md against the programs: every command and option is on the page, and no other command."""

import re
from collections.abc import Iterator
from pathlib import Path

import click
import pytest

from agent.cli.program import main as agent
from agent.doctor.before import BEFORE
from agent.doctor.checks import CHECKS
from keys.cli import main as keys
from licence_server.cli.root import main as server

PAGE = (Path(__file__).parent.parent.parent / "docs" / "commands.md").read_text(encoding="utf-8")
PROGRAMS: dict[str, click.Command] = {"licence-server": server, "licence-agent": agent, "licence-keys": keys}
EVERYWHERE = {"--json", "--help", "--version"}


def commands(command: click.Command, path: str = "") -> Iterator[tuple[str, click.Command]]:
    context = click.Context(command)
    if not isinstance(command, click.Group) or (command.invoke_without_command and path):
        yield path, command
    if isinstance(command, click.Group):
        for name in command.list_commands(context):
            found = command.get_command(context, name)
            assert found is not None
            yield from commands(found, f"{path} {name}".strip())


def section(program: str) -> str:
    found = re.search(rf"^## {program}\n(.*?)(?=^## |\Z)", PAGE, re.MULTILINE | re.DOTALL)
    assert found is not None
    return found[1]


def rows(program: str) -> dict[str, str]:
    """Command (without its arguments) to the row that tells of it."""
    found = {}
    for row in re.findall(r"^\| (`.*)$", section(program), re.MULTILINE):
        names, _, _ = row.partition(" | ")
        for name in re.findall(r"`([^`]+)`", names):
            found[re.sub(r"( [A-Z]+)+$", "", name)] = row
    return found


@pytest.mark.parametrize("program", PROGRAMS)
def test_every_command_is_on_the_page_and_no_other(program: str) -> None:
    assert set(rows(program)) == {path for path, _ in commands(PROGRAMS[program])}


@pytest.mark.parametrize("program", PROGRAMS)
def test_every_option_is_in_its_row(program: str) -> None:
    missing = {
        (path, option)
        for path, command in commands(PROGRAMS[program])
        for parameter in command.params
        if isinstance(parameter, click.Option)
        for option in parameter.opts
        if option.startswith("--") and option not in EVERYWHERE and f"`{option}" not in rows(program)[path]
    }
    assert not missing


@pytest.mark.parametrize("program", PROGRAMS)
def test_every_command_has_an_example(program: str) -> None:
    without = {path for path, command in commands(PROGRAMS[program]) if "Example: " not in (command.help or "")}
    assert not without


def test_every_check_that_scripts_may_look_for_is_in_doctors_row() -> None:
    assert {name for name in {**CHECKS, **BEFORE} if f"`{name}`" not in rows("licence-agent")["doctor"]} == set()
