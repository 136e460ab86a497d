"""What a QR reader types: whoever reads codes hears after each what is missing."""

import os
import pty
from pathlib import Path

import pytest

from keys.bringing import read_brought, read_typed
from keys.carried import LARGEST, parts_of, progress_of, write_carried

ONE, TWO, THREE = (part.encode() + b"\n" for part in parts_of(b"x" * 900))
FOREIGN = "This is no code of ours: is the keyboard's layout English? Press Ctrl-C, and begin once more."


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (TWO, "1 of 3 codes are read; missing: 1, 3."),
        (TWO + TWO + ONE, "2 of 3 codes are read; missing: 3."),
        (ONE + TWO + THREE, "Whole documents: 1. If that is all, press Ctrl-D."),
        (write_carried([b"{}"]) + ONE + TWO + THREE, "Whole documents: 2. If that is all, press Ctrl-D."),
        (write_carried([b"{}"]) + ONE, "1 of 3 codes are read; missing: 2, 3."),
        ("مهر".encode(), FOREIGN),
    ],
)
def test_what_is_missing_is_said(content: bytes, said: str) -> None:
    assert progress_of(content) == said


def test_it_is_said_after_each_code(capsys: pytest.CaptureFixture[str]) -> None:
    assert read_typed([ONE, b"\r\n", THREE]) == ONE + b"\r\n" + THREE
    asked, *said = capsys.readouterr().err.splitlines()
    assert "press Ctrl-D" in asked
    assert said == ["1 of 3 codes are read; missing: 2, 3.", "2 of 3 codes are read; missing: 2."]


def test_no_more_is_taken_than_may_be_carried() -> None:
    assert len(read_typed([b"x" * LARGEST, b"x" * 9, b"x"])) == LARGEST + 1


def test_a_terminal_is_told_what_is_missing_and_a_file_is_not(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "codes"
    file.write_bytes(TWO)
    typing, terminal = pty.openpty()
    os.write(typing, ONE + b"\x04")
    with os.fdopen(terminal) as stdin:
        monkeypatch.setattr("sys.stdin", stdin)
        assert read_brought(file) == TWO
        assert capsys.readouterr().err == ""
        assert read_brought(Path("-")) == ONE
    os.close(typing)
    assert "missing: 2, 3" in capsys.readouterr().err
