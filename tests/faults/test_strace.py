"""What strace does to a program, since every walk over positions rests on it."""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.faults.strace import Position, Trace, attached, held, let_go, positions, spread

PROGRAM = """
import os, signal, sys
file = os.open(sys.argv[1], os.O_WRONLY | os.O_CREAT)
os.kill(os.getpid(), signal.SIGSTOP)
for letter in b"abc":
    os.write(file, bytes([letter]))
    os.fsync(file)
os.rename(sys.argv[1], sys.argv[1] + ".new")
"""


@contextmanager
def program(folder: Path, position: Position | None) -> Iterator[tuple[subprocess.Popen[bytes], Trace]]:
    """Three writes, each with its sync, and a rename, traced from the first write."""
    with subprocess.Popen([sys.executable, "-ISc", PROGRAM, str(folder / "file")]) as process:
        try:
            held(process.pid)
            with attached([process.pid], folder / "log", position) as trace:
                let_go(process.pid)
                yield process, trace
        finally:
            process.kill()


def test_a_run_without_a_position_counts_them_all(tmp_path: Path) -> None:
    with program(tmp_path, None) as (process, trace):
        assert not trace.until_over()
        assert process.wait() == 0
    assert trace.counts() == {"write": 3, "fsync": 3, "rename": 1}
    assert (tmp_path / "file.new").read_text() == "abc"
    assert len(positions(trace.counts())) == 7
    assert positions({"sendto": 1}) == [Position("sendto", 1), Position("sendto", 1, after=True)]


@pytest.mark.parametrize(
    ("position", "left"),
    [
        (Position("write", 3), {"file": "ab"}),
        (Position("write", 3, after=True), {"file": "abc"}),
        (Position("rename", 1, after=True), {"file.new": "abc"}),
    ],
)
def test_the_call_is_left_out_or_takes_effect_and_nothing_after_it_happens(
    tmp_path: Path, position: Position, left: dict[str, str]
) -> None:
    with program(tmp_path, position) as (process, trace):
        assert trace.until_over()
        assert process.wait() == -9
    assert {path.name: path.read_text() for path in tmp_path.glob("file*")} == left


def test_a_position_that_is_never_reached_kills_nobody(tmp_path: Path) -> None:
    with program(tmp_path, Position("write", 4)) as (process, trace):
        assert not trace.until_over()
        assert process.wait() == 0


def test_a_sample_is_spread_over_all_positions() -> None:
    found = positions({"write": 10, "fsync": 3, "sendto": 2})
    assert spread(found, 100) == found
    some = spread(found, 6)
    assert (len(set(some)), some[0], some[-1]) == (6, found[0], found[-1])
    assert {each.call for each in some} == {"write", "fsync", "sendto"}
