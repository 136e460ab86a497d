"""Tryton as a customer runs it: its own application under gunicorn, on loopback, killed as a crash would."""

import os
import shutil
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

from tests.crm.installing import DATABASE, configuration, database, installed
from tests.crm.people import ask
from tests.stories.processes import clean_environment, free_port, wait_for


@dataclass
class Tryton:
    """One installation: a database, a configuration, and the process when it runs."""

    folder: Path
    proxies: int = 0
    """How many proxies stand in front, as Tryton wants to know."""
    more: str = ""
    """Further sections of trytond.conf."""
    environment: dict[str, str] = field(default_factory=dict)
    workers: int = 2
    port: int = field(default_factory=free_port)
    process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start it, and return when it answers."""
        told = {"TRYTOND_CONFIG": configuration(self.folder, proxies=self.proxies, more=self.more)}
        environment = clean_environment(**told, **self.environment, TRYTOND_DATABASE_NAMES=DATABASE)
        serving = ("--bind", f"127.0.0.1:{self.port}", "--workers", str(self.workers), "--threads", "4", "--preload")
        with (self.folder / "crm.log").open("ab") as log:
            self.process = subprocess.Popen(
                [str(installed() / "gunicorn"), *serving, "--no-control-socket", "trytond.application:app"],
                cwd=self.folder,
                env=environment,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        wait_for("Tryton's start", self._version)

    def kill(self) -> None:
        """SIGKILL for all its processes at once."""
        if self.process is not None:
            with suppress(ProcessLookupError):
                os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()
            self.process = None

    def _version(self) -> object:
        assert self.process is not None
        assert self.process.poll() is None, (self.folder / "crm.log").read_text()
        with suppress(OSError):
            return ask(("127.0.0.1", self.port), "/rpc/", "common.server.version").result
        return None


@contextmanager
def tryton(folder: Path, **settings: object) -> Iterator[Tryton]:
    """Have an installation with a database of its own; it isn't started yet."""
    folder.mkdir(exist_ok=True)
    shutil.copy(database(), folder / f"{DATABASE}.sqlite")
    made = Tryton(folder, **settings)  # type: ignore[arg-type]
    try:
        yield made
    finally:
        made.kill()
