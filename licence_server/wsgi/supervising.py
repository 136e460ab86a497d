"""Keeps worker processes running: starts them, starts those again that died, and ends them in good order.

The supervisor itself opens no database and starts no thread, so that a fork is always of a process at rest. It waits
for signals without handlers, and workers notice by a pipe when it is gone.
"""

import os
import signal
import sys
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from keys.clock import Clock
from licence_server.logs import tell
from licence_server.web.tracing import frames

Task = Callable[[Callable[[], None]], None]
"""What a process does until SIGTERM; it calls its argument once it is ready."""

GIVEN_UP = 3
"""So many deaths before any process was ready, and the supervisor ends: the fault will not go away by itself."""
_STEADY = 10.0
"""Seconds after which a process that dies is started again at once."""
_LONGEST_PAUSE = 30.0
_WAITED_FOR = {signal.SIGTERM, signal.SIGINT, signal.SIGCHLD}


@dataclass(slots=True)
class _Place:
    """Where one process belongs."""

    task: Task
    pid: int = 0
    started: float = 0.0
    start_at: float = 0.0
    pause: float = 0.0


@dataclass(slots=True)
class Supervisor:
    """Runs each task in a process of its own.

    Args:
        tasks: what the processes do.
        clock: measures pauses.
        announce: called once, when every process is ready.
        patience: seconds that processes get to end.
    """

    tasks: Sequence[Task]
    clock: Clock
    announce: Callable[[], None]
    patience: float
    _places: list[_Place] = field(default_factory=list)
    _early_deaths: int = 0
    _ready: int = 0

    def run(self) -> bool:
        """Run until SIGTERM or SIGINT. Returns False when the processes could not even start."""
        self._places = [_Place(task) for task in self.tasks]
        alive_reading, alive_writing = os.pipe()
        ready_reading, ready_writing = os.pipe()
        os.set_blocking(ready_reading, False)
        signal.pthread_sigmask(signal.SIG_BLOCK, _WAITED_FOR)
        try:
            while self._early_deaths < GIVEN_UP or self._ready >= len(self._places):
                self._start_due(alive_reading, alive_writing, ready_writing)
                self._hear(ready_reading)
                waiting = 0.05 if self._ready < len(self._places) else 1.0
                heard = signal.sigtimedwait(_WAITED_FOR, waiting)
                if heard is not None and heard.si_signo != signal.SIGCHLD:
                    return True
                self._reap()
            return False
        finally:
            self._end()
            for number in (signal.SIGTERM, signal.SIGINT):  # who asks twice must not turn a good end into a bad one
                signal.signal(number, signal.SIG_IGN)
            signal.pthread_sigmask(signal.SIG_UNBLOCK, _WAITED_FOR)
            for descriptor in (alive_reading, alive_writing, ready_reading, ready_writing):
                os.close(descriptor)

    def _start_due(self, alive_reading: int, alive_writing: int, ready_writing: int) -> None:
        now = self.clock.boot()
        for place in self._places:
            if not place.pid and place.start_at <= now:
                place.started = now
                place.pid = os.fork()
                if not place.pid:
                    os.close(alive_writing)
                    _be(place.task, alive_reading, ready_writing)

    def _hear(self, ready_reading: int) -> None:
        """Count who is ready; after the first time it does not matter any more."""
        if self._ready >= len(self._places):
            return
        try:
            self._ready += len(os.read(ready_reading, 64))
        except BlockingIOError:
            return
        if self._ready >= len(self._places):
            self.announce()

    def _reap(self) -> None:
        now = self.clock.boot()
        for place in self._places:
            if not place.pid or os.waitpid(place.pid, os.WNOHANG)[0] == 0:
                continue
            tell("error", "process died", pid=place.pid)
            if self._ready < len(self._places):
                self._early_deaths += 1
            is_steady = now - place.started > _STEADY
            place.pause = 0.0 if is_steady else min(_LONGEST_PAUSE, max(0.5, 2 * place.pause))
            place.pid, place.start_at = 0, now + place.pause

    def _end(self) -> None:
        for number, deadline in ((signal.SIGTERM, self.clock.boot() + self.patience), (signal.SIGKILL, None)):
            for place in self._places:
                if place.pid:
                    os.kill(place.pid, number)
            while any(place.pid for place in self._places):
                if deadline is not None and self.clock.boot() > deadline:
                    break
                signal.sigtimedwait({signal.SIGCHLD}, 0.2)
                for place in self._places:
                    if place.pid and os.waitpid(place.pid, os.WNOHANG)[0]:
                        place.pid = 0


def _be(task: Task, alive_reading: int, ready_writing: int) -> None:
    """Be the new process, from the fork to its end; never returns."""
    status = 1
    try:
        signal.signal(signal.SIGINT, signal.SIG_IGN)  # a terminal sends it to all; the supervisor tells us
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
        signal.pthread_sigmask(signal.SIG_UNBLOCK, _WAITED_FOR)
        threading.Thread(target=_follow, args=(alive_reading,), daemon=True).start()
        task(lambda: _say_ready(ready_writing))
        status = 0
    except BaseException as error:  # noqa: BLE001 - a process must not fall back into its parent's program
        tell("error", "process failed", error=type(error).__name__, frames=frames(error))
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(status)


def _say_ready(ready_writing: int) -> None:
    os.write(ready_writing, b".")


def _follow(alive_reading: int) -> None:
    """End this process when the supervisor is gone: then nobody holds the pipe's other end."""
    os.read(alive_reading, 1)
    os.kill(os.getpid(), signal.SIGTERM)
