"""Installation packages before an installer who reads Persian: the agent's word on them, and what dpkg lets through."""

import os
import pty
import subprocess
from collections.abc import Iterator, Mapping
from itertools import product
from pathlib import Path

import pytest
from click.testing import CliRunner

from agent.cli.languages import obstacle, wanted
from agent.cli.program import main as agent
from licence_server.bundles.scripts import script
from tests.agent.cli.persian import left_in_english
from tests.licence_server.cli.test_bundles import made, started
from tests.licence_server.office import ISSUER, Home
from tests.licence_server.release import archive


def test_an_agent_says_in_persian_that_a_package_is_good(home: Home, tmp_path: Path) -> None:
    words = ("bundle", str(made(home, archive(tmp_path / "agent.tar.gz"))), "--root", str(home.path / "root.json"))
    environment = {"LICENCE_AGENT_HOME": str(tmp_path / "nobody"), "LICENCE_AGENT_LANGUAGE": "fa"}
    done = CliRunner().invoke(agent, words, env=environment)
    assert (done.exit_code, ISSUER in done.stdout, left_in_english(done.output)) == (0, True, [])


@pytest.mark.parametrize(("name", "rest"), [("preinst", "[ -L /opt/licence-agent ]"), ("postinst", "bundle /opt")])
def test_a_package_of_debians_refuses_in_either_language(name: str, rest: str, tmp_path: Path) -> None:
    text = script(f"control/{name}")
    assert rest in text
    (tmp_path / name).write_text(text.replace(rest, "true" if name == "preinst" else "is not there"))
    for language, said in (("fa_IR.UTF-8", "عامل"), ("en_GB.UTF-8", "The agent")):
        words = ("sh", str(tmp_path / name), "configure")
        done = subprocess.run(
            words, capture_output=True, text=True, check=False, env={"PATH": "/bin", "LANG": language}
        )
        assert (done.returncode, said in done.stderr) == (1, True), done.stderr


@pytest.mark.parametrize(
    ("variables", "changed", "unnamed"),
    [
        ({"LANG": "fa_IR.UTF-8"}, "درست نیست", "پوشه"),
        ({"LANG": "fa_IR.UTF-8", "TERM": "linux"}, "درست نیست", "پوشه"),
        ({"LANG": "fa_IR.UTF-8", "LICENCE_AGENT_LANGUAGE": "en"}, "seal of this package", "Name the folder"),
        ({"LANG": "en_GB.UTF-8"}, "seal of this package is not good", "Name the folder"),
    ],
)
def test_the_shell_and_the_agent_of_a_package_speak_one_language(
    home: Home, tmp_path: Path, variables: dict[str, str], changed: str, unnamed: str
) -> None:
    package = made(home, archive(tmp_path / "agent.tar.gz"))
    assert unnamed in started(package, "--unpack", **variables).stderr
    whole = package.read_bytes()
    package.write_bytes(whole[:-4] + bytes([whole[-4] ^ 1]) + whole[-3:])
    refused = started(package, **variables)
    assert (refused.returncode, changed in refused.stderr) == (1, True), refused.stderr


CHOSEN = {
    "LICENCE_AGENT_LANGUAGE": (None, "en", "fa", "xx"),
    "LC_ALL": (None, "", "C.UTF-8", "fa_IR.UTF-8"),
    "LC_MESSAGES": (None, "fa"),
    "LANG": (None, "fa_IR", "fa.UTF-8", "fa@calendar", "fan_GQ", "de_DE.UTF-8"),
}


def environments() -> Iterator[Mapping[str, str]]:
    """Every way in which a person may have chosen, or not."""
    for values in product(*CHOSEN.values()):
        yield {name: value for name, value in zip(CHOSEN, values, strict=True) if value is not None}


def spoken(environment: Mapping[str, str], output: int = subprocess.PIPE) -> str:
    """The language of the scripts; it is told on standard error, since the output may be a terminal."""
    done = subprocess.run(
        ["/bin/sh", "-euc", f"{script('language.sh')}\necho $language >&2"],
        stdout=output, stderr=subprocess.PIPE, text=True, check=True, env=dict(environment),
    )  # fmt: skip
    return done.stderr.strip()


def test_the_scripts_choose_the_language_as_the_agent_does(tmp_path: Path) -> None:
    nobody = {"LICENCE_AGENT_HOME": str(tmp_path)}
    differing = [
        environment for environment in environments() if spoken(environment) != wanted({**environment, **nobody})
    ]
    assert differing == []


@pytest.mark.parametrize("kind", ["linux", "xterm", None])
def test_the_scripts_know_a_terminal_without_persian_as_the_agent_does(kind: str | None) -> None:
    environment = {"LICENCE_AGENT_LANGUAGE": "fa"} | ({} if kind is None else {"TERM": kind})
    ours, terminals = pty.openpty()
    with os.fdopen(ours, "rb"), os.fdopen(terminals, "w", encoding="utf-8") as terminal:
        assert spoken(environment, terminals) == ("en" if obstacle(environment, terminal) else "fa")
    assert spoken(environment) == "fa"
