"""Another user of the agent's machine has no way in; a token left open to everybody is named to who can mend it."""

import http.client
import json
import os
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.agent.cli.program import Program
from tests.agent.web.server import UnixConnection
from tests.threats.plugin import Figure

NOBODY = 65_534
TOKENS = ("application.token", "administrator.token")

pytestmark = pytest.mark.skipif(os.geteuid() != 0, reason="only root can become somebody else")


def as_nobody(probe: Callable[[], Any]) -> Any:
    """Call something in a process of another user, who may not see Python's files; return what it found."""
    "localhost".encode("idna")  # is loaded at its first use
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            os.setgroups([])
            os.setgid(NOBODY)
            os.setuid(NOBODY)
            os.write(writing, json.dumps(probe()).encode())
        except BaseException as error:  # noqa: BLE001 - the parent raises it
            os.write(writing, json.dumps(f"broken: {error!r}").encode())
        finally:
            os._exit(0)
    os.close(writing)
    with os.fdopen(reading) as said:
        found = json.loads(said.read())
    os.waitpid(child, 0)
    assert not str(found).startswith("broken"), found
    return found


def denied(step: Callable[[], Any]) -> str | None:
    """Say with which error the system refuses a step; None: it does not."""
    try:
        step()
    except OSError as error:
        return type(error).__name__
    return None


def asked(line: http.client.HTTPConnection, **headers: str) -> tuple[int, str]:
    """Ask for the licence; return the status and what was said."""
    line.request("GET", "/v1/licence", headers=headers)
    answer = line.getresponse()
    return answer.status, answer.read().decode()


@pytest.fixture
def program() -> Iterator[Program]:
    """An agent in a folder that everybody can reach; pytest closes its own whenever it starts anywhere."""
    with tempfile.TemporaryDirectory(prefix="site-") as folder:
        Path(folder).chmod(0o755)
        yield Program(Path(folder))


@pytest.mark.threat(44)
def test_files_socket_and_port_give_another_user_nothing(program: Program, figure: Figure) -> None:
    with program.running() as daemon:
        port, socket = daemon.said[-1]["port"], program.home / "agent.sock"
        files = [path for path in program.home.rglob("*") if path.is_file()]
        assert {path.name for path in files} >= {*TOKENS, "seats.sqlite3"}

        def probe() -> Any:
            over_tcp = [asked(http.client.HTTPConnection("127.0.0.1", port), **headers) for headers in GUESSES]
            return {
                "files": [denied(path.read_bytes) for path in files],
                "folder": denied(lambda: list(program.home.iterdir())),
                "socket": denied(UnixConnection(socket).connect),
                "port": [status for status, said in over_tcp if "token-invalid" in said],
            }

        outside = as_nobody(probe)
        program.home.chmod(0o755)
        within = as_nobody(probe)
        socket.chmod(0o666)
        spoken_to = as_nobody(lambda: asked(UnixConnection(socket)))
    refused = {"files": ["PermissionError"] * len(files), "socket": "PermissionError", "port": [401] * len(GUESSES)}
    assert outside == {**refused, "folder": "PermissionError"}
    assert within == {**refused, "folder": None}, "each file and the socket are closed by themselves, too"
    assert spoken_to[0] == 403
    assert "not-allowed" in spoken_to[1]
    figure(f"{len(files)} files of the home, socket and port refused to another user")


@pytest.mark.threat(44, control=True)
@pytest.mark.parametrize("name", TOKENS)
def test_a_token_that_everybody_can_read_lets_everybody_in_and_is_told(program: Program, name: str) -> None:
    token = program.home / name
    program.home.mkdir(mode=0o755)
    token.write_text("guessable" * 5)
    token.chmod(0o644)
    with program.running() as daemon:
        line = http.client.HTTPConnection("127.0.0.1", daemon.said[-1]["port"])
        status, _ = as_nobody(lambda: asked(line, Authorization=f"Bearer {token.read_text()}"))
        warned = [line["said"] for line in daemon.said if line["event"] == "check" and line["check"] == "home"]
    assert status == 200
    assert home_s_check(program) == ("failed", f"{token} is readable by others.", f"Do: chmod 640 {token}")
    assert warned == [f"{token} is readable by others."]
    token.chmod(0o640)
    assert home_s_check(program)[0] == "ok"


def home_s_check(program: Program) -> tuple[str, str, str]:
    """What doctor says of the home."""
    checks = {check["check"]: check for check in json.loads(program("doctor", "--json").stdout)["checks"]}
    return checks["home"]["state"], checks["home"]["said"], checks["home"]["remedy"]


GUESSES: list[dict[str, str]] = [
    {},
    {"Authorization": "Bearer"},
    {"Authorization": "Bearer " + "A" * 43},
    {"Authorization": "Basic cm9vdDo="},
]
