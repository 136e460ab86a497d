"""A TPM 2.0 of our own: swtpm, behind what the kernel is for a real one.

A TPM has room for three keys at a time. The kernel's resource manager (``/dev/tpmrm0``) clears what a program leaves
when it closes the device; ``Room`` does that when the next one comes, and lets one at a time work.
"""

import os
import signal
import socket
import struct
import subprocess
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from shutil import which
from socketserver import StreamRequestHandler, ThreadingTCPServer

from tests.background import answering
from tests.stories.processes import free_port, wait_for

_NO_SESSIONS = 0x8001
_FLUSH = 0x165
_FIRST, _PLACES = 0x80000000, 3
"""The handles of keys that are loaded."""


class Room(ThreadingTCPServer):
    """swtpm's control channel, on which every program begins; what the one before left is cleared then."""

    daemon_threads = True
    allow_reuse_address = True

    def __init__(self, port: int, control: int) -> None:
        self.port, self.control, self.turn = port, control, threading.Lock()
        super().__init__(("127.0.0.1", port + 1), _Passing)


class _Passing(StreamRequestHandler):
    server: Room

    def handle(self) -> None:
        with self.server.turn, socket.create_connection(("127.0.0.1", self.server.control)) as behind:
            _clear(self.server.port)
            threading.Thread(target=_pass, args=(behind, self.connection), daemon=True).start()
            _pass(self.connection, behind)
            behind.shutdown(socket.SHUT_RDWR)


def _pass(source: socket.socket, target: socket.socket) -> None:
    with suppress(OSError):
        while content := source.recv(65_536):
            target.sendall(content)


def _clear(port: int) -> None:
    for handle in range(_FIRST, _FIRST + _PLACES):
        with socket.create_connection(("127.0.0.1", port)) as line:
            line.sendall(struct.pack(">HIII", _NO_SESSIONS, 14, _FLUSH, handle))
            line.recv(64)


@contextmanager
def software_tpm(folder: Path) -> Iterator[str]:
    """Run a TPM whose state is in a folder, new where that is empty, and give the TCTI to reach it by."""
    folder.mkdir(exist_ok=True)
    port, control = _two_ports(), free_port()
    channels = (("server", port), ("ctrl", control))
    words = [f"--{name}=type=tcp,port={number},bindaddr=127.0.0.1" for name, number in channels]
    words += [f"--tpmstate=dir={folder}", "--flags=not-need-init,startup-clear"]
    swtpm = which("swtpm")
    assert swtpm is not None, "make system installs it"
    with ExitStack() as stack:
        process = stack.enter_context(subprocess.Popen([swtpm, "socket", "--tpm2", *words], start_new_session=True))
        stack.callback(os.killpg, process.pid, signal.SIGTERM)
        wait_for("swtpm", lambda: _is_open(control))
        stack.enter_context(answering(Room(port, control)))
        yield f"swtpm:host=127.0.0.1,port={port}"


def _two_ports() -> int:
    """A free port whose neighbour is free, too: tpm2-tss looks for the control channel there."""
    while True:
        port = free_port()
        with socket.socket() as probe, suppress(OSError, OverflowError):
            probe.bind(("127.0.0.1", port + 1))
            return port


def _is_open(port: int) -> bool | None:
    with suppress(OSError), socket.create_connection(("127.0.0.1", port)):
        return True
    return None
