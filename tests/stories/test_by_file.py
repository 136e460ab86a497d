"""A customer without any network: a year of files between two programs that never meet."""

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest

from licence_server.cli.root import main as server_program
from tests.stories.parties import HARDWARE, Office, typed
from tests.stories.processes import BIN, clean_environment


@pytest.fixture
def office(tmp_path: Path) -> Office:
    """A vendor's home, at which nothing listens."""
    home = tmp_path / "vendor"
    environment = clean_environment(LICENCE_SERVER_HOME=home)
    typed(server_program, environment, "init", "--issuer", "https://licences.example.com")
    return Office(home, environment)


class Shell:
    """Types the installed commands, each as a process of its own."""

    def __init__(self, folder: Path, office: Office) -> None:
        folder.mkdir()
        (folder / "hardware.json").write_text(json.dumps(HARDWARE))
        agent = {"LICENCE_AGENT_HOME": folder / "home", "LICENCE_AGENT_HARDWARE": folder / "hardware.json"}
        unreachable = {"HTTPS_PROXY": "http://127.0.0.1:9", "HTTP_PROXY": "http://127.0.0.1:9"}
        self.folder = folder
        self.environment = clean_environment(**agent, **unreachable, LICENCE_SERVER_HOME=office.home)

    def run(self, *words: object, code: int = 0, said: str = "") -> subprocess.CompletedProcess[str]:
        program, *rest = map(str, words)
        done = subprocess.run(
            [BIN / program, *rest],
            env=self.environment,
            cwd=self.folder,
            input=said,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == code, done.stderr
        return done

    @property
    def status(self) -> Any:
        return json.loads(self.run("licence-agent", "status", "--json").stdout)


def test_a_licence_lives_and_ends_by_files_alone(office: Office, tmp_path: Path) -> None:
    licence, code = office.issue()
    shell, root = Shell(tmp_path / "customer", office), office.home / "root.json"
    for _ in range(2):  # the first file is lost on its way
        shell.run("licence-agent", "request", code, "--root", root, "-o", "request.lic")
    shell.run("licence-server", "exchange", "request.lic", "-o", "lost.lic")
    shell.run("licence-server", "exchange", "request.lic", "-o", "answer.lic")
    assert (shell.folder / "lost.lic").read_bytes() == (shell.folder / "answer.lic").read_bytes()
    shell.run("licence-agent", "import", "answer.lic")
    assert (shell.status["mode"], shell.status["licence"], shell.status["seq"]) == ("full", licence, 1)

    shell.run("licence-agent", "validate", code=3)
    office.run("licence", "seats", licence, "--users", 9)
    shell.run("licence-agent", "request", "--validate", "-o", "request.lic")
    shell.run("licence-server", "exchange", "request.lic", "-o", "answer.lic")
    shell.run("licence-agent", "import", "answer.lic")
    assert (shell.status["seats"]["users"], shell.status["seq"]) == (9, 2)
    assert shell.status["last_validation"]["word"] == "answered"

    other = Shell(tmp_path / "other", office)
    other.run("licence-agent", "request", code, "--root", root, "-o", "request.lic")
    assert other.run("licence-server", "exchange", "request.lic", code=1).stderr.startswith("code-used: ")

    shell.run("licence-agent", "deactivate", "-o", "request.lic")
    shell.run("licence-server", "exchange", "request.lic", "-o", "answer.lic")
    shell.run("licence-agent", "import", "answer.lic")
    assert (shell.status["mode"], shell.status["status"]) == ("blocked", "deactivated")
    fresh = office.run("licence", "code", licence)["code"]
    other.run("licence-agent", "request", fresh, "--root", root, "--replace", "-o", "request.lic")
    other.run("licence-server", "exchange", "request.lic", "-o", "answer.lic")
    other.run("licence-agent", "import", "answer.lic")
    assert (other.status["mode"], office.run("audit", "verify")["valid"]) == ("full", True)


def test_a_file_of_another_vendor_is_refused_on_both_sides(office: Office, tmp_path: Path) -> None:
    shell = Shell(tmp_path / "customer", office)
    shell.run("licence-agent", "request", office.issue()[1], "--root", office.home / "root.json", "-o", "request.lic")
    foreign = Office(tmp_path / "foreign", clean_environment(LICENCE_SERVER_HOME=tmp_path / "foreign"))
    foreign.run("init", "--issuer", "https://other.example")
    shell.environment["LICENCE_SERVER_HOME"] = str(foreign.home)
    said = shell.run("licence-server", "exchange", "request.lic", code=1).stderr
    assert said.startswith("malformed: The request is meant for another licence server than https://other.example")
    assert (
        shell.run("licence-agent", "import", "request.lic", code=1).stderr.splitlines()[-1].startswith("invalid-input")
    )
