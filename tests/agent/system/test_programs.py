"""What programs are started with: their own libraries, and no activation code but where it is handed on."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from agent.system.programs import CODE_VARIABLE, run
from keys.errors import StateConflictError

GIVING_WAY = """
from pathlib import Path

from agent.system.programs import give_way

give_way(Path("/usr/bin/env"), ["--", "/usr/bin/env"], {"LICENCE_AGENT_CODE": "handed on"})
"""


@pytest.mark.parametrize(("before", "after"), [("/usr/own", ["LD_LIBRARY_PATH=/usr/own"]), ("", []), (None, [])])
def test_the_systems_programs_see_their_own_libraries_and_no_code(
    monkeypatch: pytest.MonkeyPatch, before: str | None, after: list[str]
) -> None:
    monkeypatch.setenv(CODE_VARIABLE, "a code")
    monkeypatch.setenv("LD_LIBRARY_PATH", "/opt/licence-agent/lib")
    if before is not None:
        monkeypatch.setenv("LD_LIBRARY_PATH_ORIG", before)
    lines = run("env").splitlines()
    assert [line for line in lines if line.startswith((CODE_VARIABLE, "LD_"))] == after
    assert "LC_ALL=C" in lines


def test_a_program_that_fails_says_why_in_its_own_words(tmp_path: Path) -> None:
    (tmp_path / "no-program").touch()
    for command, said in {
        ("no-such-program",): "This system has no no-such-program, which is needed here.",
        (f"{tmp_path}/no-program",): f"{tmp_path}/no-program can't be run: Permission denied.",
        ("false",): "false failed: exit code 1.",
        ("ls", "/no/such"): "ls /no/such failed: ls: cannot access '/no/such': No such file or directory.",
    }.items():
        with pytest.raises(StateConflictError, match=f"^{re.escape(said)}$"):
            run(*command)


def test_a_code_is_handed_on_where_no_argument_shows_it() -> None:
    said = subprocess.run(
        [sys.executable, "-c", GIVING_WAY],
        env={**os.environ, CODE_VARIABLE: "typed"}, capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert f"{CODE_VARIABLE}=handed on" in said.stdout.splitlines()
