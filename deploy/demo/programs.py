"""The real programs, as processes in a folder of their own; what was started here ends here."""

import json
import os
import random
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from narrator import Narrator, StoryError

BIN = Path(sys.executable).parent
_PATIENCE = 20.0


@dataclass
class Programs:
    """Runs commands and keeps processes."""

    folder: Path
    narrator: Narrator
    running: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)

    @property
    def server_home(self) -> Path:
        """The vendor's data."""
        return self.folder / "vendor"

    @property
    def agent_home(self) -> Path:
        """The customer's data."""
        return self.folder / "customer"

    def environment(self, **more: str) -> dict[str, str]:
        """Return the variables under which both programs find their homes, and no setting of somebody else's."""
        kept = {name: value for name, value in os.environ.items() if not name.startswith("LICENCE_")}
        homes = {"LICENCE_SERVER_HOME": str(self.server_home), "LICENCE_AGENT_HOME": str(self.agent_home)}
        return {**kept, **homes, **more}

    def run(self, command: str, *arguments: str, code: int = 0, **more: str) -> dict[str, Any]:
        """Run a command with ``--json`` and return that; ``said``: what it told people; ``code``: the exit wanted."""
        shown = " ".join(f'"{each}"' if " " in each else each for each in (command, *arguments))
        self.narrator.typed(shown.replace(f"{self.folder}/", ""))
        result = subprocess.run(
            [str(BIN / command), *arguments, "--json"],
            capture_output=True,
            check=False,
            env=self.environment(**more),
            timeout=60,
        )
        said = result.stderr.decode().strip()
        if result.returncode != code:
            raise StoryError(f"{command} {arguments[0]} ended with {result.returncode}, not {code}: {said}")
        found: dict[str, Any] = json.loads(result.stdout or b"{}")
        return {**found, "said": said}

    def start(self, name: str, *command: str) -> subprocess.Popen[bytes]:
        """Start a process that goes on; its log is a file in the folder."""
        with (self.folder / f"{name}.log").open("ab") as log:
            process = subprocess.Popen(
                [str(BIN / command[0]), *command[1:]],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE if name == "crm" else log,
                stderr=log,
                env=self.environment(),
                start_new_session=True,
            )
        self.running[name] = process
        return process

    def kill(self, name: str) -> None:
        """End a process as a power cut would: SIGKILL, no farewell."""
        process = self.running.pop(name)
        process.kill()
        process.wait()

    def stop_all(self) -> None:
        """End every process that was started here, politely."""
        for process in self.running.values():
            process.send_signal(signal.SIGTERM)
        for process in self.running.values():
            try:
                process.wait(30)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()

    def wait_for(self, url: str) -> float:
        """Wait until an address answers, and return the seconds that it took."""
        began = time.perf_counter()
        while time.perf_counter() - began < _PATIENCE:
            try:
                with urllib.request.urlopen(url, timeout=2):  # noqa: S310 - our own address
                    return time.perf_counter() - began
            except (urllib.error.URLError, OSError):
                time.sleep(0.05)
        raise StoryError(f"{url} did not answer within {_PATIENCE:.0f} seconds; see the logs in {self.folder}")


def free_port() -> int:
    """Return a port of this machine that nobody uses, below those that the system gives to outgoing connections."""
    for port in random.sample(range(20_000, 32_000), 100):
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port
    raise StoryError("none of a hundred ports of this machine is free")
