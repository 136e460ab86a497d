"""Turns of SQLite's writers, over threads and processes.

SQLite lets a writer that finds the database locked sleep and try again, so under load some wait for seconds while
others overtake them. A lock of the operating system's wakes whoever waits, and dies with its process.
"""

import fcntl
import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from keys.errors import UnavailableError

_RETRY_AFTER = 5


class Turns:
    """Lets one writer in at a time.

    Args:
        database: SQLite's file; the lock is a file beside it.
    """

    def __init__(self, database: Path) -> None:
        self._database = database
        self._file = database.with_name(f"{database.name}-turn")
        self._threads = threading.Lock()

    @contextmanager
    def turn(self) -> Iterator[None]:
        """Wait for one's turn. Raises UnavailableError where the folder can't be written to."""
        with self._threads:
            descriptor = self._locked()
            try:
                yield
            finally:
                os.close(descriptor)

    def _locked(self) -> int:
        try:
            owner = self._database.stat()
            descriptor = os.open(self._file, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
            if os.geteuid() == 0:
                # As SQLite does with its own files: root's commands must not lock the server's user out.
                os.fchown(descriptor, owner.st_uid, owner.st_gid)
        except OSError as error:
            why = f"{self._file} can't be written to: {error.strerror}."
            raise UnavailableError(f"The licence server's database does not answer. {why}", _RETRY_AFTER) from error
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        return descriptor
