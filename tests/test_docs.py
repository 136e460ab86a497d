"""The documentation says what is there: its commands run, every word and setting is in it, every link resolves."""

import ast
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import fields
from pathlib import Path
from urllib.parse import unquote

import click
import pytest

from agent.config import Settings
from keys.errors import all_refusals
from licence_server.config import Config
from tests.stories.commands import PROGRAMS, commands
from tests.stories.processes import BIN, ROOT, clean_environment, free_port

PAGES = (ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md")))
COMMANDS = (ROOT / "docs/commands.md").read_text()
EVERYTHING = "\n".join(page.read_text() for page in PAGES)
_BLOCK = re.compile(r"^<!-- run -->\n```console\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_LINK = re.compile(r"(?<!!)\[[^\]\n]*\]\(([^)\s]+)\)")
_SETTING = re.compile(r"LICENCE_(?:SERVER|AGENT|KEYS|TRACEBACK)[A-Z_]*")

STRICT = 'curl() { command curl --fail --silent --show-error "$@"; }'


@pytest.fixture
def folder() -> Iterator[Path]:
    """An empty folder with a short name: the path of a Unix socket has at most 107 bytes."""
    with tempfile.TemporaryDirectory(prefix="readme-") as name:
        yield Path(name)


def blocks() -> list[str]:
    """What README.md tells people to type and marks as what has to run."""
    found = _BLOCK.findall((ROOT / "README.md").read_text())
    return ["\n".join(line[2:] for line in block.splitlines() if line.startswith("$ ")) for block in found]


def test_the_commands_of_the_readme_run(folder: Path) -> None:
    """In one shell, one block after the other, on ports of this run's own."""
    assert blocks()
    bash = shutil.which("bash")
    assert bash, "the commands are for bash"
    script = "\n".join((STRICT, *blocks()))
    for program, port in (("licence-server", "7410"), ("licence-agent", "7411")):
        free = str(free_port())
        script = script.replace(port, free).replace(f"{program} run", f"{program} run --port {free}")
    homes = {"LICENCE_SERVER_HOME": folder / "server", "LICENCE_AGENT_HOME": folder / "agent"}
    with (folder / "said").open("w+") as said:
        shell = subprocess.Popen(
            [bash, "-eux", "-o", "pipefail", "-c", script],
            env=clean_environment(**homes, PATH=f"{BIN}:{os.environ['PATH']}"),
            cwd=folder,
            stdin=subprocess.DEVNULL,
            stdout=said,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        try:
            status: int | str = shell.wait(90)
        except subprocess.TimeoutExpired:
            status = "not at an end after 90 seconds"
        finally:
            os.killpg(shell.pid, signal.SIGKILL)
            shell.wait()
        said.seek(0)
        assert status == 0, said.read()


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_links_lead_somewhere(page: Path) -> None:
    for link in _LINK.findall(page.read_text()):
        if re.match(r"[a-z]+:", link):
            continue
        path, _, heading = unquote(link).partition("#")
        target = page if not path else page.parent / path
        assert target.exists(), link
        if heading:
            assert heading in headings(target), link


def headings(page: Path) -> set[str]:
    """The anchors that a page's headings have."""
    titles = re.findall(r"^#+ (.*)$", page.read_text(), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", title.lower()).strip().replace(" ", "-") for title in titles}


def test_every_refusal_is_in_the_readme() -> None:
    table = (ROOT / "README.md").read_text().partition("\n## When it refuses\n")[2].partition("\n## ")[0]
    documented = re.findall(r"`([a-z-]+)`", "\n".join(_first_columns(table)))
    assert set(documented) == set(all_refusals())


def test_every_command_is_documented() -> None:
    for words in commands():
        _, *path = words.split()
        assert re.search(rf"`{re.escape(' '.join(path))}[` ]", COMMANDS), words


def test_every_option_is_documented_with_its_command() -> None:
    for words, command in commands().items():
        row = row_of(words)
        for parameter in command.params:
            if isinstance(parameter, click.Option) and parameter.name not in {"as_json", "help"}:
                assert any(option in row for option in parameter.opts), f"{words} {parameter.opts}"


def row_of(words: str) -> str:
    """The row of a command in docs/commands.md; one that says "as above" with the rows before it."""
    program, *path = words.split()
    section = COMMANDS.partition(f"\n## {program}\n")[2].partition("\n## ")[0]
    rows = [row for row in section.splitlines() if row.startswith("|")]
    place = next(
        number
        for number, row in enumerate(rows)
        if re.search(rf"`{re.escape(' '.join(path))}[` ]", row.split(" | ")[0])
    )
    return "\n".join(rows[: place + 1]) if "as above" in rows[place] else rows[place]


def test_no_command_is_documented_that_is_not_there() -> None:
    for program in PROGRAMS:
        section = COMMANDS.partition(f"\n## {program}\n")[2].partition("\n## ")[0]
        documented = re.findall(r"`([a-z][a-z ]*?)(?: [A-Z]+)*`", "\n".join(_first_columns(section)))
        there = {words.partition(" ")[2] for words in commands() if words.startswith(program)}
        assert set(documented) == there


def _first_columns(section: str) -> Iterator[str]:
    for line in section.splitlines():
        if line.startswith("| `"):
            yield line.split(" | ")[0]


def test_every_variable_is_documented() -> None:
    for name in sorted(variables()):
        assert f"`{name}`" in COMMANDS, name


def variables() -> set[str]:
    """Every setting of the environment that our code names, in a string of its own."""
    found = set()
    for package in ("keys", "agent", "licence_server"):
        for path in (ROOT / package).rglob("*.py"):
            for node in ast.walk(ast.parse(path.read_text())):
                if isinstance(node, ast.Constant) and isinstance(node.value, str) and _SETTING.fullmatch(node.value):
                    found.add(node.value)
    return found


def test_the_variables_are_found() -> None:
    assert {"LICENCE_SERVER_HOME", "LICENCE_AGENT_HOME", "LICENCE_SERVER_DATABASE"} <= variables()


@pytest.mark.parametrize(
    ("file", "names"),
    [
        ("config.toml", tuple(Config.model_fields)),
        ("agent.toml", tuple(field.name for field in fields(Settings))),
    ],
)
def test_every_setting_of_a_file_is_in_the_readme(file: str, names: tuple[str, ...]) -> None:
    table = (ROOT / "README.md").read_text().partition(f"| `{file}` of the ")[2].partition("\n\n")[0]
    documented = re.findall(r"`([a-z_]+)`", "\n".join(_first_columns(table)))
    assert set(documented) == set(names)


def test_nothing_of_this_machine_is_in_the_documentation() -> None:
    for place in (ROOT, sys.prefix):
        assert f"{place}/" not in EVERYTHING
