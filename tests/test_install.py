"""Installing from a clone: each side gets what it needs, and says what is missing."""

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from licence_server.web.console.files import missing
from tests.stories.processes import ROOT, clean_environment

pytestmark = pytest.mark.long

PACKAGES = ("keys", "agent", "licence_server")
CONSOLE = ROOT / "licence_server/web/console"
BROUGHT = {".css", ".html", ".js", ".po", ".py", ".svg", ".woff2"}
SERVERS_OWN = {"sqlalchemy", "alembic", "psycopg", "pydantic", "argon2-cffi"}


class Machine:
    """An empty environment, and a clone to install from."""

    def __init__(self, folder: Path) -> None:
        self.clone, self.place, self.home = folder / "clone", folder / "venv", folder / "home"
        self.clone.mkdir()
        for name in ("setup.cfg", "pyproject.toml", "README.md"):
            shutil.copy(ROOT / name, self.clone)
        for name in PACKAGES:
            shutil.copytree(ROOT / name, self.clone / name, ignore=shutil.ignore_patterns("__pycache__"))
        self.run(sys.executable, "-m", "venv", str(self.place))

    def run(self, *command: str, code: int = 0) -> str:
        """Run a command outside of the repository; return what it printed, errors too."""
        variables = {name: value for name, value in clean_environment().items() if not name.startswith("PYTHON")}
        done = subprocess.run(
            command,
            env={**variables, "LICENCE_SERVER_HOME": str(self.home), "LICENCE_AGENT_HOME": str(self.home)},
            cwd=self.clone.parent,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
        assert done.returncode == code, done.stdout
        return done.stdout

    def install(self, extra: str = "") -> set[str]:
        """Install from the clone; return the names of all that is there then."""
        self.run(
            str(self.place / "bin/pip"), "install", "--quiet", "--disable-pip-version-check", f"{self.clone}{extra}"
        )
        listed = self.run(str(self.place / "bin/pip"), "list", "--format=json", "--disable-pip-version-check")
        return {package["name"].lower() for package in json.loads(listed)}

    def type(self, command: str, *arguments: str, code: int = 0) -> str:
        return self.run(str(self.place / "bin" / command), *arguments, code=code)


@pytest.mark.timeout(300)
def test_each_side_gets_what_it_needs(tmp_path: Path) -> None:
    machine = Machine(tmp_path)
    bare = machine.install()
    assert bare >= {"onpremise-licensing", "click", "cryptography", "joserfc"}
    assert not bare & (SERVERS_OWN | {"flask", "requests", "psutil", "uvicorn", "waitress"})
    assert "Example: licence-keys" in machine.type("licence-keys", "--help")
    for command in ("licence-server init", "licence-server licence list", "licence-agent status", "licence-agent run"):
        program, *words = command.split()
        said = machine.type(program, *words, code=1).splitlines()
        assert len(said) == 1, said
        assert f"onpremise-licensing[{program.removeprefix('licence-')}]" in said[0]
    persian = ("env", "LICENCE_AGENT_LANGUAGE=fa", str(machine.place / "bin/licence-agent"), "status")
    assert "onpremise-licensing[agent]" in machine.run(*persian, code=1)
    agents = machine.install("[agent]")
    assert agents >= {"httptools", "requests", "psutil", "uvicorn"}
    assert not agents & (SERVERS_OWN | {"flask", "waitress"})
    assert "این سرور هنوز پروانه ندارد" in machine.run(*persian)
    assert '"reason": "no_licence"' in machine.type("licence-agent", "status", "--json")
    assert not machine.home.exists()


def test_a_wheel_brings_the_consoles_pages_and_the_scripts_of_packages(tmp_path: Path) -> None:
    machine = Machine(tmp_path)
    machine.install()
    (console,) = machine.place.glob("lib/*/site-packages/licence_server/web/console")
    there = {path.relative_to(console) for path in console.rglob("*") if path.suffix in BROUGHT}
    assert there == {path.relative_to(CONSOLE) for path in CONSOLE.rglob("*") if path.suffix in BROUGHT}
    assert missing(console / "static") == ()
    scripts = console.parents[1] / "bundles"
    assert {path.name for path in scripts.rglob("*") if not path.suffix} >= {"postinst", "preinst", "prerm", "postrm"}
    assert {path.name for path in scripts.glob("*.sh")} == {"carrier.sh", "language.sh"}
