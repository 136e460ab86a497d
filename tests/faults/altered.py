"""A program of ours with one alteration of how it stores: ``python -m tests.faults.altered ALTERATION PROGRAM WORD …``.

``often``: SQLite moves its write-ahead log into the database after every 40 pages, so that a short tape has many such
moments; nothing else differs. The others are weak on purpose: ``normal`` is SQLite with ``synchronous=NORMAL``,
``no-file-sync`` renames files that it did not sync, ``no-folder-sync`` never syncs a folder.
"""

import importlib
import os
import stat
import sys
from collections.abc import Callable
from sqlite3 import Connection
from typing import Any

PROGRAMS = {
    "licence-agent": "agent.cli.program",
    "licence-keys": "keys.cli",
    "licence-server": "licence_server.cli.root",
}
OFTEN = "PRAGMA wal_autocheckpoint = 40"


def _with_pragma(module: str, name: str, pragma: str) -> None:
    """Have a module's function that sets a connection up end with one more pragma."""
    changed = importlib.import_module(module)
    before: Callable[..., Any] = getattr(changed, name)

    def after(connection: Connection, *more: Any) -> None:
        before(connection, *more)
        connection.execute(pragma)

    setattr(changed, name, after)


def _sqlite(*pragmas: str) -> None:
    for pragma in pragmas:
        if "licence_server.cli.root" in sys.modules:
            _with_pragma("licence_server.storage.engine", "_set_up_sqlite", pragma)
        else:
            _with_pragma("agent.store.seats", "_prepare", pragma)


def _no_sync(is_meant: Callable[[int], bool]) -> None:
    sync = os.fsync

    def lazy(descriptor: int) -> None:
        if not is_meant(os.fstat(descriptor).st_mode):
            sync(descriptor)

    os.fsync = lazy  # type: ignore[assignment]


ALTERATIONS: dict[str, Callable[[], None]] = {
    "often": lambda: _sqlite(OFTEN),
    "normal": lambda: _sqlite(OFTEN, "PRAGMA synchronous = NORMAL"),
    "no-file-sync": lambda: _no_sync(stat.S_ISREG),
    "no-folder-sync": lambda: _no_sync(stat.S_ISDIR),
}


def main(alteration: str, program: str, *words: str) -> None:
    """Be the program, altered, on Python's own event loop: uvloop writes to sockets as one writes to files."""
    sys.modules["uvloop"] = None  # type: ignore[assignment]
    run = importlib.import_module(PROGRAMS[program]).main
    ALTERATIONS[alteration]()
    run(words)


if __name__ == "__main__":
    main(*sys.argv[1:])
