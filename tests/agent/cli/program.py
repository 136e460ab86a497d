"""licence-agent as its users meet it: in this process for answers, as a process of its own for the daemon."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from click.testing import CliRunner, Result

from agent.cli.program import main
from tests.agent.vendor import HARDWARE


@dataclass(slots=True)
class Program:
    """The command line with a home and hardware of its own."""

    folder: Path
    more: dict[str, str] = field(default_factory=dict)
    """Variables of its environment beside the usual ones."""

    def __post_init__(self) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        self.hardware(HARDWARE)

    @property
    def home(self) -> Path:
        return self.folder / "home"

    @property
    def environment(self) -> dict[str, str]:
        return {
            "LICENCE_AGENT_HOME": str(self.home),
            "LICENCE_AGENT_HARDWARE": str(self.folder / "hardware.json"),
            "PATH": os.environ["PATH"],
            "NO_PROXY": "127.0.0.1",
            **self.more,
        }

    def hardware(self, values: dict[str, str]) -> None:
        """Exchange the machine's parts."""
        (self.folder / "hardware.json").write_text(json.dumps(values))

    def __call__(self, *words: str) -> Result:
        return CliRunner().invoke(main, words, env=self.environment)

    def json(self, *words: str) -> Any:
        """Run a command that must succeed, and read what it prints."""
        result = self(*words, "--json")
        assert result.exit_code == 0, result.stderr
        return json.loads(result.stdout)

    @contextmanager
    def running(self, *words: str) -> Iterator["Daemon"]:
        """A daemon as a process, ready to be asked."""
        process = subprocess.Popen(
            [sys.executable, "-m", "agent", "run", "--port", "0", *words],
            env=self.environment,
            stderr=subprocess.PIPE,
            text=True,
            cwd=Path(__file__).parents[3],
        )
        daemon = Daemon(process)
        try:
            daemon.until("ready")
            yield daemon
        finally:
            if process.poll() is None:
                process.kill()
            process.wait()
            assert process.stderr is not None
            process.stderr.close()


class Daemon:
    """A running agent."""

    def __init__(self, process: "subprocess.Popen[str]") -> None:
        self.process = process
        self.said: list[dict[str, Any]] = []

    def until(self, event: str) -> dict[str, Any]:
        """Read the log until it says something; whatever is no JSON is a fault, save the loud warning."""
        assert self.process.stderr is not None
        for line in self.process.stderr:
            if line.startswith("WARNING"):
                continue
            self.said.append(json.loads(line))
            if self.said[-1]["event"] == event:
                return self.said[-1]
        raise AssertionError(f"the agent ended without saying {event}: {self.said}")

    def end(self, how: signal.Signals = signal.SIGTERM) -> int:
        self.process.send_signal(how)
        return self.process.wait(10)
