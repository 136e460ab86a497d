"""A process that has a program loaded already, and becomes it again and again: a start costs a fork, not an import.

Usage: python -m tests.stories.cradle PROGRAM [MODULE …]

PROGRAM is a module with the program's ``main``; each MODULE is loaded ahead, too. Every line of standard input is a
JSON object. ``{"arguments": […], "out": FILE, "log": FILE}`` starts the program in a session of its own, with
``"command": PATH`` as a program of its own, too; the answer is its process id. With ``"held": true`` it stops itself
before its first step, until SIGCONT comes. ``{}`` waits until all processes that were started, and theirs, are gone.
When standard input ends, what still runs is killed.
"""

import ctypes
import importlib
import json
import os
import signal
import sys
from contextlib import suppress
from typing import Any, NoReturn

import click

_PR_SET_CHILD_SUBREAPER = 36


def main(program: str, *modules: str) -> None:
    """Serve until standard input ends."""
    ctypes.CDLL(None).prctl(_PR_SET_CHILD_SUBREAPER, 1)  # orphans of what is killed come here, and not to process 1
    loaded = importlib.import_module(program).main
    for name in loaded.list_commands(context := click.Context(loaded)):
        loaded.get_command(context, name)  # loads its module, where the program would do so only when it is called
    for module in modules:
        importlib.import_module(module)
    pids: list[int] = []
    _answer(0)
    for line in sys.stdin:
        order = json.loads(line)
        if order:
            pids.append(_start(loaded, order))
            _answer(pids[-1])
        else:
            _reap()
            pids.clear()
            _answer(0)
    for pid in pids:
        with suppress(ProcessLookupError):
            os.killpg(pid, signal.SIGKILL)
    _reap()


def _answer(number: int) -> None:
    os.write(1, f"{number}\n".encode())


def _reap() -> None:
    with suppress(ChildProcessError):
        while True:
            os.waitpid(-1, 0)


def _start(loaded: Any, order: dict[str, Any]) -> int:
    pid = os.fork()
    if not pid:
        _be(loaded, order)
    with suppress(ProcessLookupError, PermissionError):  # both sides do it, so that a kill of the group always finds it
        os.setpgid(pid, pid)
    return pid


def _be(loaded: Any, order: dict[str, Any]) -> NoReturn:
    status = 1
    try:
        with suppress(PermissionError):
            os.setpgid(0, 0)
        appending = os.O_WRONLY | os.O_CREAT | os.O_APPEND
        for target, opened in enumerate(
            (os.open(os.devnull, os.O_RDONLY), os.open(order["out"], appending), os.open(order["log"], appending))
        ):
            os.dup2(opened, target)
            os.close(opened)
        if order.get("held"):
            os.kill(os.getpid(), signal.SIGSTOP)
        if "command" in order:
            os.execv(order["command"], [order["command"], *order["arguments"]])  # noqa: S606 - our own command
        loaded.main(order["arguments"])
    except SystemExit as end:
        status = end.code if isinstance(end.code, int) else 1
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(status)


if __name__ == "__main__":
    main(*sys.argv[1:])
