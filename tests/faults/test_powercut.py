"""The tape sees what a program does to its disk, and a power cut takes what was not synced, and nothing else."""

import random
import sys
from pathlib import Path

import pytest

from tests.faults.powercut import SECTOR, Luck, lay_out
from tests.faults.tape import Tape, UnforeseenError
from tests.stories.processes import ROOT, clean_environment

KIND, UNKIND = 1.0, 0.0


def told(folder: Path, code: str) -> Tape:
    """A tape of a program that finds itself in a folder with a file ``old``."""
    disk = folder / "disk"
    disk.mkdir()
    (disk / "old").write_bytes(b"old" * SECTOR)
    tape = Tape(disk)
    program = (
        f"import os, sys, mmap\nfrom keys.disk import *\nhome = Path({str(disk)!r})\n{code}\nprint('said', end='')"
    )
    tape.run([sys.executable, "-c", program], clean_environment(PYTHONPATH=ROOT))
    return tape


def after_cut(tape: Tape, target: Path, survival: float, moment: int | None = None) -> dict[str, bytes]:
    lay_out(tape._root, target, tape.end if moment is None else moment, Luck(random.Random(7), survival))
    return {path.name: path.read_bytes() for path in target.rglob("*") if path.is_file()}


WHOLE = b"new" * SECTOR


@pytest.mark.parametrize(
    ("code", "kind", "unkind"),
    [
        ("write_whole(home / 'old', b'new' * 512)", {"old": WHOLE}, {"old": WHOLE}),
        ("remove(home / 'old')", {}, {}),
        ("(home / 'old').unlink()", {}, {"old": b"old" * SECTOR}),
        ("(home / 'old').write_bytes(b'new' * 512)", {"old": WHOLE}, {"old": b"old" * SECTOR}),
        ("(home / 'old').rename(home / 'new')", {"new": b"old" * SECTOR}, {"old": b"old" * SECTOR}),
        ("write_whole(home / 'new', b'1'); write_whole(home / 'new', b'22')", {"new": b"22"}, {"new": b"22"}),
        ("(home / 'in').mkdir(); write_whole(home / 'in' / 'new', b'1')", {"new": b"1"}, {}),
        ("make_folder(home / 'in'); write_whole(home / 'in' / 'new', b'1')", {"new": b"1"}, {"new": b"1"}),
        (
            "(home / 'x').write_bytes(b'new' * 512); (home / 'x').rename(home / 'old'); sync_folder(home)",
            {"old": WHOLE},
            {"old": b""},
        ),
    ],
)
def test_what_was_synced_is_there_and_what_was_not_may_be(
    tmp_path: Path, code: str, kind: dict[str, bytes], unkind: dict[str, bytes]
) -> None:
    tape = told(tmp_path, code)
    old = {} if "'old'" in code else {"old": b"old" * SECTOR}
    assert after_cut(tape, tmp_path / "kind", KIND) == old | kind
    assert after_cut(tape, tmp_path / "unkind", UNKIND) == old | unkind
    assert b"".join(part.data for part in tape.said if part.channel == "stdout") == b"said"


def test_a_write_is_torn_between_sectors_and_nowhere_else(tmp_path: Path) -> None:
    tape = told(tmp_path, "(home / 'old').open('r+b').write(b'new' * 512)")
    parts = set[bytes]()
    for number in range(20):
        lay_out(tape._root, tmp_path / f"cut-{number}", tape.end, Luck(random.Random(number), 0.5))
        found = (tmp_path / f"cut-{number}" / "old").read_bytes()
        parts |= {found[at : at + SECTOR] + bytes([at // SECTOR]) for at in range(0, 3 * SECTOR, SECTOR)}
    wanted = {
        (word * SECTOR)[at * SECTOR : (at + 1) * SECTOR] + bytes([at]) for word in (b"old", b"new") for at in range(3)
    }
    assert parts == wanted


def test_before_the_sync_nothing_is_sure(tmp_path: Path) -> None:
    tape = told(tmp_path, "write_whole(home / 'old', b'new' * 512)")
    outcomes = [after_cut(tape, tmp_path / f"at-{at}", UNKIND, at)["old"] for at in tape.moments()]
    assert outcomes == sorted(outcomes, reverse=True)
    assert set(outcomes) == {b"old" * SECTOR, WHOLE}


@pytest.mark.parametrize(
    "code",
    [
        "file = (home / 'old').open('r+b'); mmap.mmap(file.fileno(), 0)[:3] = b'new'",
        "(home / 'link').hardlink_to(home / 'old')",
        "(home / 'in').mkdir(); (home / 'old').rename(home / 'in' / 'new')",
        "(home / 'old').open('ab').write(b'more')",
        "os.truncate(home / 'old', 5)",
    ],
)
def test_what_the_tape_cannot_follow_it_refuses(tmp_path: Path, code: str) -> None:
    with pytest.raises(UnforeseenError):
        told(tmp_path, code)
