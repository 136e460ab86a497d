"""Kills a program at its n-th write, sync, rename or send, by strace's fault injection.

What strace 6.1 really does, which its manual leaves open and test_strace.py shows:

- ``inject=CALL:signal=SIGKILL:when=N`` sends the signal when the call is entered, and the kernel then leaves the call
  out: the program dies *before* its n-th call took effect.
- ``inject=CALL:delay_exit=…:when=N`` lets the call take effect and holds its thread on the way out. The log says
  ``(DELAYED)`` meanwhile, and whoever watches sends SIGKILL: the program dies *after* the call, before anything else.
- ``when=N`` counts for each thread and each system call by itself, from the moment that strace came. So a position is
  the name of a call and a number, and it is reached by whichever thread comes to it first.

What is killed is a process with all its threads. What the kernel was given is on disk then, as after ``kill -9``: of a
power cut this says nothing. Only the calls of CALLS count; files that are opened, made and not written to leave traces
that only the next call's position shows.
"""

import os
import re
import shutil
import signal
import subprocess
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from threading import Event
from typing import TypeVar

from keys.clock import SystemClock

CALLS: Mapping[str, tuple[str, ...]] = {
    "write": ("write", "pwrite64", "writev", "pwritev", "ftruncate"),
    "sync": ("fsync", "fdatasync", "sync_file_range"),
    "rename": ("rename", "renameat", "renameat2", "unlink", "unlinkat", "link", "linkat", "mkdir", "chmod", "fchmod"),
    "send": ("sendto", "sendmsg"),
}
"""The system calls that leave something behind, by kind."""
PATIENCE = 90.0
_TICK = 0.001
_HELD_SECONDS = 60
_LINE = re.compile(rb"^(\d+) +(\w+)\(", re.MULTILINE)
_HELD = re.compile(rb"^(\d+) .*\(DELAYED\)$", re.MULTILINE)
_TRACED = re.compile(r"^TracerPid:\s*[1-9]", re.MULTILINE)

T = TypeVar("T")


@dataclass(frozen=True, slots=True, order=True)
class Position:
    """Where to kill: at the n-th time that one thread makes a call."""

    call: str
    number: int
    after: bool = False
    """The call takes effect; else it does not."""

    @property
    def option(self) -> str:
        """What strace is told."""
        how = f"delay_exit={_HELD_SECONDS}s" if self.after else "signal=SIGKILL"
        return f"inject={self.call}:{how}:when={self.number}"


@dataclass(slots=True)
class Trace:
    """One strace at work. Its log says what was done, and whether the position was reached."""

    log: Path
    process: subprocess.Popen[bytes]
    position: Position | None

    @property
    def hit(self) -> bool:
        """Tell whether the position was reached: the program is dead, or held to be killed."""
        if self.position is None:
            return False
        mark = b"(DELAYED)" if self.position.after else b"+++ killed by SIGKILL +++"
        return mark in self.log.read_bytes()

    def counts(self) -> Counter[str]:
        """Return how often each call was made, by the thread that made it most often."""
        made = Counter((pid, call.decode()) for pid, call in _LINE.findall(self.log.read_bytes()))
        most = Counter[str]()
        for (_, call), count in made.items():
            most[call] = max(most[call], count)
        return most

    def until_over(self) -> bool:
        """Wait until the position is reached or all that was traced has ended; tell which: True is reached."""
        wait_for("the traced program", lambda: True if self.hit or self.process.poll() is not None else None)
        return self.finish()

    def until_hit(self, patience: float) -> bool:
        """Wait until the position is reached, but not longer than some seconds; tell whether it was."""
        with suppress(AssertionError):
            wait_for("the position", lambda: True if self.hit else None, patience)
        return self.finish()

    def finish(self) -> bool:
        """Kill what is held at the position, and end strace: what that holds can't die. Tell whether it was reached."""
        hit = self.hit
        if hit and self.position is not None and self.position.after:
            for thread in set(_HELD.findall(self.log.read_bytes())):
                with suppress(ProcessLookupError):
                    os.kill(int(thread), signal.SIGKILL)
        self.process.kill()
        self.process.wait()
        return hit


@contextmanager
def attached(pids: Sequence[int], log: Path, position: Position | None = None) -> Iterator[Trace]:
    """Trace processes that run or stand, and all that they start, until the end of the block.

    Args:
        pids: the processes; each thread of theirs counts for itself.
        log: where strace writes; replaced.
        position: where to kill; None: nowhere, to count.
    """
    log.write_bytes(b"")
    calls = ",".join(f"?{call}" for kind in CALLS.values() for call in kind)
    options = ["-f", "-o", str(log), "-e", f"trace={calls}"]
    options += [] if position is None else ["-e", position.option]
    command = [str(shutil.which("strace")), *options, "-p", ",".join(map(str, pids))]
    with subprocess.Popen(command, stderr=subprocess.DEVNULL) as process:
        try:
            wait_for("strace", lambda: True if all(map(_is_traced, pids)) else None)
            yield Trace(log, process, position)
        finally:
            process.kill()


@contextmanager
def slow_disk(pid: int, log: Path, seconds: float) -> Iterator[Callable[[], int]]:
    """Let everything that a process makes durable take longer by some seconds, until the end of the block.

    Returns: what counts how often that was.
    """
    log.write_bytes(b"")
    calls = ",".join(CALLS["sync"])
    delay = f"inject={calls}:delay_enter={seconds}s"
    command = [str(shutil.which("strace")), "-f", "-o", str(log), "-e", f"trace={calls}", "-e", delay, "-p", str(pid)]
    with subprocess.Popen(command, stderr=subprocess.DEVNULL) as process:
        try:
            wait_for("strace", lambda: True if _is_traced(pid) else None)
            yield lambda: len(_LINE.findall(log.read_bytes()))
        finally:
            process.terminate()  # it lets go of what it holds


def positions(counts: Mapping[str, int], *, after: Iterable[str] = CALLS["send"]) -> list[Position]:
    """Return every position of a dry run's counts; the calls of ``after`` get one on either side.

    After any other call nothing is there that is not there before the next one, which has a position of its own.
    """
    found = [Position(call, number) for call in counts for number in range(1, counts[call] + 1)]
    return sorted([*found, *(Position(each.call, each.number, True) for each in found if each.call in set(after))])


def spread(found: Sequence[T], count: int) -> list[T]:
    """Return so many of the positions, evenly: of each kind of call some, the first and the last among them."""
    if count >= len(found):
        return list(found)
    return [found[number * (len(found) - 1) // max(1, count - 1)] for number in range(count)]


def held(pid: int) -> None:
    """Wait until a process has stopped itself, to be traced from there on."""
    wait_for("the stop", lambda: True if _state(pid) in "Tt" else None)


def let_go(pid: int) -> None:
    """Let a process that has stopped itself go on; it may be dead by the time."""
    with suppress(ProcessLookupError):
        os.kill(pid, signal.SIGCONT)


def _state(pid: int) -> str:
    return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]


def _is_traced(pid: int) -> bool:
    try:
        return all(_TRACED.search((task / "status").read_text()) for task in Path(f"/proc/{pid}/task").iterdir())
    except FileNotFoundError:
        return False  # a thread ended while we looked


def wait_for(what: str, look: Callable[[], T | None], patience: float = PATIENCE) -> T:
    clock, pause = SystemClock(), Event()
    until = clock.boot() + patience
    while clock.boot() < until:
        found = look()
        if found is not None:
            return found
        pause.wait(_TICK)
    raise AssertionError(f"{what} took longer than {patience:.0f} seconds")
