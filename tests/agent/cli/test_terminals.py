"""Which language a reader is spoken to in, and what is done where a terminal can't show it."""

import io
import json
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from agent.cli.languages import obstacle, wanted
from agent.cli.program import main
from tests.agent.cli.persian import Persians
from tests.agent.cli.program import Program
from tests.agent.vendor import CODE, Vendor


@pytest.fixture
def program(tmp_path) -> Persians:
    return Persians(tmp_path / "one")


@pytest.mark.parametrize(
    ("environment", "language"),
    [
        ({}, "en"),
        ({"LANG": "fa_IR.UTF-8"}, "fa"),
        ({"LANG": "fa_IR.UTF-8", "LC_ALL": "C.UTF-8"}, "en"),
        ({"LANG": "de_DE", "LC_MESSAGES": "fa"}, "fa"),
        ({"LANG": "fa_IR.UTF-8", "LICENCE_AGENT_LANGUAGE": "en"}, "en"),
        ({"LICENCE_AGENT_LANGUAGE": "fa"}, "fa"),
        ({"LICENCE_AGENT_LANGUAGE": "xx", "LANG": "C"}, "en"),
    ],
)
def test_the_environment_chooses(environment: dict[str, str], language: str, tmp_path) -> None:
    assert wanted({"LICENCE_AGENT_HOME": str(tmp_path), **environment}) == language


def test_agent_toml_chooses(tmp_path) -> None:
    (tmp_path / "agent.toml").write_text('language = "fa"\n')
    home = {"LICENCE_AGENT_HOME": str(tmp_path), "LANG": "C.UTF-8"}
    assert (wanted(home), wanted({**home, "LICENCE_AGENT_LANGUAGE": "en"})) == ("fa", "en")
    (tmp_path / "agent.toml").write_text("language = 3\n")
    assert wanted(home) == "en"


class _Terminal(io.TextIOWrapper):
    def __init__(self, encoding: str) -> None:
        super().__init__(io.BytesIO(), encoding)

    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize(
    ("encoding", "environment", "is_able"),
    [
        ("utf-8", {"TERM": "xterm-256color"}, True),
        ("UTF8", {}, True),
        ("ascii", {"TERM": "xterm"}, False),
        ("cp1256", {}, False),
        ("utf-8", {"TERM": "linux"}, False),
    ],
)
def test_a_terminal_can_show_persian_or_not(encoding: str, environment: dict[str, str], is_able: bool) -> None:
    piped = io.TextIOWrapper(io.BytesIO(), "utf-8")
    for outputs in ((_Terminal(encoding),), (piped, _Terminal(encoding)), (_Terminal(encoding), piped)):
        assert (obstacle(environment, *outputs) == "") == is_able
    assert obstacle({"TERM": "linux"}, piped, piped) == "", "a file may be in Persian, wherever it is written"


def test_where_persian_cannot_be_shown_it_is_said_once(program: Persians) -> None:
    result = CliRunner(charset="ascii").invoke(main, ["status"], env=program.environment)
    assert result.stderr.count("This terminal can't show Persian") == 1
    assert "blocked (no_licence)" in result.stdout


@pytest.mark.parametrize(
    ("settings", "is_persian"),
    [({"LANG": "C"}, True), ({"LANG": "C", "PYTHONIOENCODING": "latin-1"}, False)],
)
def test_without_a_locale_letters_are_those_of_utf_8(tmp_path, settings: dict[str, str], is_persian: bool) -> None:
    """As PEP 538 and 540 have it; sudo and cron leave no other locale."""
    environment = {"PATH": "", "LICENCE_AGENT_LANGUAGE": "fa", "LICENCE_AGENT_HOME": str(tmp_path), **settings}
    words = (sys.executable, "-m", "agent", "status")
    done = subprocess.run(words, env=environment, capture_output=True, check=False, cwd=Path(__file__).parents[3])
    assert (done.returncode, "پروانه".encode() in done.stdout) == (0, is_persian)
    assert (b"This terminal can't show Persian" in done.stderr) != is_persian


def test_letters_that_a_terminal_has_not_are_shown_by_number(vendor: Vendor, tmp_path) -> None:
    program, root, request = Program(tmp_path / "one"), tmp_path / "root.json", tmp_path / "درخواست.lic"
    root.write_bytes(vendor.trust_document)
    words = ("request", CODE, "--root", str(root), "-o", str(request))
    said, as_json = (
        CliRunner(charset="latin-1").invoke(main, each, env=program.environment) for each in (words, (*words, "--json"))
    )
    assert (said.exit_code, r"\u062f\u0631" in said.stdout) == (0, True), said.output
    assert json.loads(as_json.stdout)["file"] == str(request)


def test_where_no_code_can_be_drawn_a_picture_is_offered(program: Persians) -> None:
    done = CliRunner(charset="latin-1").invoke(main, ["request", CODE, "--qr"], env=program.environment)
    assert (done.exit_code, "--qr-file FILE.png" in done.stderr, program.home.exists()) == (2, True, False)
