"""A customer without a network and without a stick: all that goes to and fro is QR codes, read by others' decoder."""

import os
import pty
import re
import subprocess
import termios
from datetime import UTC, datetime
from pathlib import Path

from PIL import Image

from keys.clock import SystemClock
from tests.keys.pictures import as_jpeg, photographed, read_codes
from tests.stories.parties import Office
from tests.stories.processes import BIN
from tests.stories.test_by_file import Shell, office

__all__ = ["office"]

_END = "\x04"
"""Ctrl-D."""


def seen(picture: Path) -> str:
    """The texts of a picture's codes as a telephone sends them, which photographed it askew."""
    codes = read_codes(as_jpeg(photographed(Image.open(picture).convert("L"), 4), 60))
    return "\r\n".join(codes)


def day(days: int) -> str:
    """The date in so many days."""
    return datetime.fromtimestamp(SystemClock().now() + days * 86_400, UTC).date().isoformat()


def typed_by_a_reader(shell: Shell, texts: str) -> str:
    """Let a QR reader type into the agent's terminal; return what that says meanwhile."""
    reader, terminal = pty.openpty()
    quiet = termios.tcgetattr(terminal)
    quiet[3] &= ~termios.ECHO
    termios.tcsetattr(terminal, termios.TCSANOW, quiet)
    command = [str(BIN / "licence-agent"), "import", "-"]
    with subprocess.Popen(
        command, env=shell.environment, stdin=terminal, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as agent:
        os.close(terminal)
        for line in texts.split():
            os.write(reader, f"{line}\r".encode())
        os.write(reader, _END.encode())
        _, said = agent.communicate()
    os.close(reader)
    assert agent.returncode == 0, said
    return said


def test_a_licence_lives_by_pictures_alone(office: Office, tmp_path: Path) -> None:
    licence, code = office.issue()
    shell, root = Shell(tmp_path / "customer", office), office.home / "root.json"
    shell.run("licence-agent", "request", code, "--root", root, "--qr-file", "request.png")
    request = seen(shell.folder / "request.png")
    shell.run("licence-server", "exchange", "-", "--qr-file", "answer.png", said=request)
    said = typed_by_a_reader(shell, seen(shell.folder / "answer.png"))
    assert re.search(r"1 of \d codes are read; missing: .*2", said)
    assert "Whole documents: 2. If that is all, press Ctrl-D." in said
    status = shell.status
    assert (status["mode"], status["licence"], status["seq"]) == ("full", licence, 1)

    office.run("licence", "seats", licence, "--users", 9)
    shell.run("licence-agent", "request", "--validate", "--qr-file", "request.png")
    request = seen(shell.folder / "request.png")
    shell.run("licence-server", "exchange", "-", "--qr-file", "answer.png", said=request)
    shell.run("licence-agent", "import", "-", said=seen(shell.folder / "answer.png"))
    status = shell.status
    assert (status["seats"]["users"], status["seq"]) == (9, 2)

    days = ("--from", day(-1), "--until", day(60), "--days", 30)
    office.run("outage", "declare", *days, "--all", "--reason", "no internet", "--qr-file", shell.folder / "outage.png")
    shell.run("licence-agent", "import", "-", said=seen(shell.folder / "outage.png"))
    assert shell.status["stretched_at"] == status["expires_at"] + 30 * 86_400
