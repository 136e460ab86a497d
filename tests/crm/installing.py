"""Tryton in an environment of its own, from PyPI, and a database with eight people in it: made once, kept in .cache.

Usage: python -m tests.crm.installing [PYTHON]

Nothing here imports Tryton, which is under the GPL: it is installed, configured and asked as any customer's would be.
"""

import fcntl
import hashlib
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).parents[2]
REQUIREMENTS = Path(__file__).with_name("requirements.txt")
DATABASE = "crm"
ADMINISTRATOR, PASSWORD = "admin", "correct horse battery"
PEOPLE = ("sara", "reza", "mina", "omid", "leila", "navid", "parisa", "kaveh")
"""Their logins; everybody's password is the administrator's."""

_CONFIGURATION = """\
[database]
uri = sqlite://
path = {folder}

[web]
num_proxies = {proxies}
"""
_MAKE_PEOPLE = f"""
User = pool.get('res.user')
User.create([{{'name': name.title(), 'login': name, 'password': {PASSWORD!r}}} for name in {PEOPLE!r}])
transaction.commit()
"""


def configuration(folder: Path, *, proxies: int = 0, more: str = "") -> Path:
    """Write a trytond.conf for the database in a folder; ``more``: further sections."""
    path = folder / "trytond.conf"
    path.write_text(_CONFIGURATION.format(folder=folder, proxies=proxies) + more)
    return path


def installed(python: str = sys.executable) -> Path:
    """Return the folder with Tryton's programs; install them when they are not there, as this file pins them."""
    return _made("environment", _wanted(), lambda folder: _install(folder, python)) / "bin"


def database() -> Path:
    """Return an SQLite file with the modules of parties and all people, to be copied."""
    programs = installed()
    wanted = _wanted() + Path(__file__).read_bytes()
    return _made("database", wanted, lambda folder: _build(folder, programs)) / f"{DATABASE}.sqlite"


def _wanted() -> bytes:
    return REQUIREMENTS.read_bytes() + sys.version.encode()


def _made(kind: str, wanted: bytes, make: Callable[[Path], None]) -> Path:
    """Return what was made from exactly what is wanted now; two processes of tests don't make it twice."""
    folder = ROOT / ".cache" / "crm" / f"{kind}-{hashlib.sha256(wanted).hexdigest()[:16]}"
    with _alone(folder.parent):
        if not (folder / "whole").exists():
            shutil.rmtree(folder, ignore_errors=True)
            folder.mkdir()
            make(folder)
            (folder / "whole").touch()
    return folder


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "lock").open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def _install(folder: Path, python: str) -> None:
    _run(python, "-m", "venv", folder)
    pinned = ("--require-hashes", "--requirement", REQUIREMENTS)
    _run(
        folder / "bin" / "python", "-m", "pip", "install", "-qq", "--no-compile", "--disable-pip-version-check", *pinned
    )


def _build(folder: Path, programs: Path) -> None:
    settings = ("-c", configuration(folder), "-d", DATABASE)
    (folder / f"{DATABASE}.sqlite").touch()
    (folder / "password").write_text(PASSWORD + "\n")
    (folder / "people.py").write_text(_MAKE_PEOPLE)
    modules = ("--update", "party", "--activate-dependencies", "--email", "admin@example.com")
    _run(programs / "trytond-admin", *settings, *modules, TRYTONPASSFILE=folder / "password")
    _run(programs / "trytond-console", *settings, "--file", folder / "people.py")


def _run(*words: object, **more: object) -> None:
    environment = os.environ | {name: str(value) for name, value in more.items()}
    subprocess.run([str(word) for word in words], env=environment, stdin=subprocess.DEVNULL, check=True)


if __name__ == "__main__":
    print(database())  # noqa: T201 - it is asked for
