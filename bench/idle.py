"""What an idle agent costs: time until it answers, resident memory, and CPU while nobody asks for anything."""

import os
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from dataclasses import dataclass
from pathlib import Path

import psutil

from bench.customers import one_code

BIN = Path(sys.executable).parent
_SETTLE, _WATCH = 3.0, 60.0


@dataclass(frozen=True)
class Idle:
    """Seconds until ready, resident mebibytes, percent of one core."""

    ready: float
    resident: float
    percent: float


def measure(watch: float = _WATCH) -> Idle:
    """Activate an agent at a real licence server, start it, and watch it do nothing."""
    with tempfile.TemporaryDirectory(prefix="bench") as folder:
        environment = {
            **os.environ,
            "LICENCE_SERVER_HOME": f"{folder}/server",
            "LICENCE_AGENT_HOME": f"{folder}/agent",
        }
        code = one_code(Path(folder) / "server")
        port, own = _free_port(), _free_port()
        server = _start("licence-server", "run", "--port", str(port), environment=environment)
        try:
            _answer(f"http://127.0.0.1:{port}/readyz")
            root = f"{folder}/server/root.json"
            activation = ("activate", code, "--server", f"http://127.0.0.1:{port}", "--root", root)
            subprocess.run([BIN / "licence-agent", *activation], check=True, capture_output=True, env=environment)
            return _watch(own, environment, watch)
        finally:
            server.terminate()
            server.wait()


def _watch(port: int, environment: dict[str, str], watch: float) -> Idle:
    began = time.perf_counter()
    agent = _start("licence-agent", "run", "--port", str(port), environment=environment)
    try:
        _answer(f"http://127.0.0.1:{port}/healthz")
        ready = time.perf_counter() - began
        time.sleep(_SETTLE)
        process = psutil.Process(agent.pid)
        before = process.cpu_times()
        time.sleep(watch)
        after = process.cpu_times()
        spent = after.user + after.system - before.user - before.system
        return Idle(ready, process.memory_info().rss / 2**20, spent / watch * 100)
    finally:
        agent.terminate()
        agent.wait()


def _start(*command: str, environment: dict[str, str]) -> "subprocess.Popen[bytes]":
    quiet = subprocess.DEVNULL
    return subprocess.Popen([BIN / command[0], *command[1:]], stdout=quiet, stderr=quiet, env=environment)


def _answer(url: str) -> None:
    while True:
        try:
            with urllib.request.urlopen(url, timeout=2):  # noqa: S310 - our own address
                return
        except (urllib.error.URLError, OSError):
            time.sleep(0.01)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
