"""Who may open the socket of the local API: whom the kernel lets through before anybody asks who it is."""

import os
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from agent.web.unixsocket import listen_unix
from tests.contract.serving import in_memory

NAMED, ANOTHER, STRANGER = 33, 34, 65_534


@pytest.fixture
def path() -> Iterator[Path]:
    """A socket's place in a home that everybody may pass through."""
    with in_memory() as folder:
        folder.chmod(0o711)
        yield folder / "agent.sock"


def opens(path: Path, user: int) -> bool:
    """Whether a user, in no group of ours, can connect."""
    child = os.fork()
    if child == 0:
        os.setgroups([])
        os.setresgid(12_345, 12_345, 12_345)
        os.setresuid(user, user, user)
        with socket.socket(socket.AF_UNIX) as caller:
            os._exit(caller.connect_ex(str(path)) != 0)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0


@pytest.mark.threat(44)
def test_who_is_named_opens_the_socket_and_nobody_else(path: Path) -> None:
    with listen_unix(path, 5, {ANOTHER, NAMED, 0, os.geteuid()}):
        assert [opens(path, user) for user in (NAMED, ANOTHER, STRANGER)] == [True, True, False]
        assert path.stat().st_mode & 0o777 == 0o660
    with listen_unix(path, 5):
        assert not opens(path, NAMED), "the one before has left nothing"


def test_where_no_access_list_can_be_written_the_log_says_so(path: Path, caplog: pytest.LogCaptureFixture) -> None:
    with listen_unix(path, 5, range(1, 10_000)):
        assert not opens(path, NAMED)
    assert f"can't open {path}" in caplog.text
