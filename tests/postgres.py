"""A PostgreSQL server of the tests' own: made from nothing, reached through a socket in its folder, then gone."""

import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4

import psycopg
from psycopg import sql

DEBIAN = Path("/usr/lib/postgresql")
SETTINGS = {
    "listen_addresses": "",  # the socket alone: no port to choose, none to collide
    "max_connections": "200",
    "shared_buffers": "32MB",
    "synchronous_commit": "on",
    "log_min_messages": "fatal",
}
ACCOUNTS = ("postgres", "nobody")


class PostgresMissingError(Exception):
    """The machine has no PostgreSQL server programs."""


@dataclass(frozen=True, slots=True)
class Postgres:
    """A running server; whoever reaches its folder may do anything in it."""

    folder: Path

    @contextmanager
    def database(self) -> Iterator[str]:
        """Give the SQLAlchemy URL of a new, empty database; drop it afterwards with all its connections."""
        name = f"test_{uuid4().hex}"
        self._run("CREATE DATABASE {}", name)
        try:
            yield f"postgresql+psycopg://tests@/{name}?host={self.folder}&port=5432"
        finally:
            self._run("DROP DATABASE {} WITH (FORCE)", name)

    def _run(self, statement: str, name: str) -> None:
        with psycopg.connect(
            host=str(self.folder), port=5432, user="tests", dbname="postgres", autocommit=True
        ) as link:
            link.execute(sql.SQL(statement).format(sql.Identifier(name)))


@contextmanager
def running() -> Iterator[Postgres]:
    """Make a server in a temporary folder, start it, and take it away again.

    Raises:
        PostgresMissingError: no server programs were found; says what to install.
    """
    programs = find_programs()
    folder = Path(tempfile.mkdtemp(prefix="pg-"))
    account = _account()
    if account is not None:
        shutil.chown(folder, account.pw_uid, account.pw_gid)
    data = folder / "data"
    try:
        _call(account, programs / "initdb", "-D", data, "-U", "tests", "-A", "trust", "-E", "UTF8", "--locale=C")
        options = " ".join(f"-c {name}='{value}'" for name, value in SETTINGS.items())
        options = f"-k '{folder}' -p 5432 {options}"
        _call(account, programs / "pg_ctl", "-D", data, "-l", folder / "log", "-w", "-o", options, "start")
        try:
            yield Postgres(folder)
        finally:
            _call(account, programs / "pg_ctl", "-D", data, "-w", "-m", "immediate", "stop")
    finally:
        shutil.rmtree(folder)


def find_programs() -> Path:
    """Return the folder of initdb and pg_ctl: Debian's newest version, else wherever PATH has them."""
    versions = sorted(DEBIAN.glob("*/bin/initdb"), key=lambda path: int(path.parts[-3]))
    found = versions[-1] if versions else shutil.which("initdb")
    if found is None:
        raise PostgresMissingError(
            "The tests run on SQLite and on PostgreSQL, and this machine has no PostgreSQL server programs. "
            "Install them (Debian: apt-get install postgresql); the tests start a server of their own."
        )
    return Path(found).resolve().parent


def _account() -> pwd.struct_passwd | None:
    """Return whom to run the server as: PostgreSQL refuses root."""
    if os.geteuid() != 0:
        return None
    known = {entry.pw_name: entry for entry in pwd.getpwall()}
    return next(known[name] for name in ACCOUNTS if name in known)


def _call(account: pwd.struct_passwd | None, *words: str | Path) -> None:
    """Run one of the server's programs, which must succeed. Output goes to a file: the server inherits it."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("PG")}
    with tempfile.TemporaryFile() as output:
        done = subprocess.run(
            [str(word) for word in words],
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            env=environment,
            cwd="/",
            check=False,
            user=None if account is None else account.pw_uid,
            group=None if account is None else account.pw_gid,
            extra_groups=None if account is None else [],
        )
        if done.returncode != 0:
            output.seek(0)
            raise AssertionError(f"{words[0]} failed:\n{output.read().decode(errors='replace')}")
