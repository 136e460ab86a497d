"""What a killed process leaves half-written goes; what is somebody's, or no draft at all, stays."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from keys.disk import put_aside, sweep_drafts, write_whole

NOBODY = 4_194_304
"""No process has this number: Linux' largest is one less."""
WRITER = """
import os, sys
from pathlib import Path
from keys import disk
disk.os = type("Stuck", (), {"__getattr__": lambda _, name: getattr(os, name)})()
def stuck(_):
    print("writing", flush=True)
    sys.stdin.read()
disk.os.fsync = stuck
disk.write_whole(Path(sys.argv[1]), b"new")
"""

PATIENT = """
import signal
signal.signal(signal.SIGHUP, signal.SIG_DFL)
print("here", flush=True)
input()
print("still here")
"""


def a_draft(folder: Path, name: str) -> Path:
    path = folder / name
    path.write_bytes(b"half")
    return path


@pytest.fixture
def living() -> Iterator[int]:
    """The number of another process, which nobody may harm by asking after it."""
    with subprocess.Popen([sys.executable, "-c", PATIENT], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"here\n"
        yield process.pid
        assert process.communicate(b"\n")[0] == b"still here\n"


@pytest.mark.threat(49)
def test_only_drafts_of_the_dead_are_swept(tmp_path: Path, living: int) -> None:
    dead = [
        a_draft(tmp_path, f".state.json.{NOBODY}.140000000000000.draft"),
        a_draft(tmp_path, f".backup.zip.{NOBODY}.7.draft"),
        a_draft(tmp_path, f".own.number.again.{os.getpid()}.1.draft"),
    ]
    target = a_draft(tmp_path, "target")
    others = [
        a_draft(tmp_path, f".of.a.living.one.{living}.1.draft"),
        a_draft(tmp_path, ".no.number.draft"),
        a_draft(tmp_path, ".of.a.number.that.no.machine.has.9999999999.1.draft"),
        a_draft(tmp_path, f".one.number.{NOBODY}.draft"),
        a_draft(tmp_path, f"plain.{NOBODY}.1.draft"),
        a_draft(tmp_path, f".state.json.{NOBODY}.1.draft.bak"),
        target,
    ]
    (tmp_path / f".folder.{NOBODY}.1.draft").mkdir()
    (tmp_path / f".link.{NOBODY}.1.draft").symlink_to(target)
    before = {path.name for path in tmp_path.iterdir()}
    assert sweep_drafts(tmp_path) == sorted(path.name for path in dead)
    assert before - {path.name for path in tmp_path.iterdir()} == {path.name for path in dead}
    assert all(path.read_bytes() == b"half" for path in others)
    assert sweep_drafts(tmp_path / "nowhere") == []


def test_a_draft_that_is_being_written_stays_even_under_the_number_of_a_dead_process(tmp_path: Path) -> None:
    """As in two containers over one folder: the other one's processes can't be seen."""
    writer = subprocess.Popen(
        [sys.executable, "-c", WRITER, str(tmp_path / "file")],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        cwd=Path(__file__).parents[2],
    )
    with writer:
        assert writer.stdout is not None
        assert writer.stdout.readline() == b"writing\n"
        draft = next(tmp_path.glob(".file.*.draft"))
        elsewhere = tmp_path / f".file.{NOBODY}.1.draft"
        os.link(draft, elsewhere)
        assert sweep_drafts(tmp_path) == []
        writer.send_signal(signal.SIGKILL)
    assert sweep_drafts(tmp_path) == sorted([draft.name, elsewhere.name])
    assert list(tmp_path.iterdir()) == []


def test_what_is_damaged_is_kept_under_names_that_differ(tmp_path: Path) -> None:
    for number in range(3):
        write_whole(tmp_path / "file", str(number).encode())
        put_aside(tmp_path / "file", 7)
    (tmp_path / "file").mkdir()
    assert put_aside(tmp_path / "file", 7).name == "file.damaged-7-4"
    assert [(tmp_path / f"file.damaged-7{suffix}").read_bytes() for suffix in ("", "-2", "-3")] == [b"0", b"1", b"2"]


@pytest.mark.parametrize(("of_folder", "of_draft"), [(0o777, 0), (0o755, 0o644)], ids=["open", "remove"])
def test_a_draft_that_we_may_not_open_or_remove_stays(public_path: Path, of_folder: int, of_draft: int) -> None:
    draft = a_draft(public_path, f".theirs.{NOBODY}.1.draft")
    draft.chmod(of_draft)
    public_path.chmod(of_folder)
    os.seteuid(65_534)
    try:
        assert sweep_drafts(public_path) == []
    finally:
        os.seteuid(0)
    assert draft.exists()


def test_a_pipe_with_a_drafts_name_stays_and_holds_nobody_up(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / f".pipe.{NOBODY}.1.draft")
    assert sweep_drafts(tmp_path) == []
    assert [path.is_fifo() for path in tmp_path.iterdir()] == [True]


def test_windows_renames_and_removes_no_file_that_is_open(
    tmp_path: Path, living: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """So the rename comes after the file is closed, and trying to remove a draft is safe."""
    monkeypatch.setattr("keys.disk.ON_WINDOWS", True)
    write_whole(tmp_path / "file", b"new")
    draft = a_draft(tmp_path, f".file.{living}.1.draft")
    (tmp_path / f".folder.{living}.1.draft").mkdir()
    (tmp_path / f".link.{living}.1.draft").symlink_to(tmp_path / "file")
    before = set(tmp_path.iterdir())
    assert sweep_drafts(tmp_path) == [draft.name]
    assert set(tmp_path.iterdir()) == before - {draft}
    assert (tmp_path / "file").read_bytes() == b"new"
