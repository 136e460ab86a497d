"""The daemon's log: one JSON object a line on standard error, without secrets, codes or names of users.

systemd's journal takes a number in front of each line as its priority (sd-daemon(3)).
"""

import json
import logging
import os
import traceback
from collections.abc import Mapping
from contextlib import suppress
from datetime import UTC, datetime
from threading import Lock
from typing import TextIO

from keys.clock import Clock

_PRIORITIES = {"info": "<6>", "warning": "<4>", "error": "<3>"}


class Log:
    """Writes lines; JSON escapes whatever could forge one. A line that can't be written is lost, and nothing else."""

    def __init__(self, stream: TextIO, clock: Clock, *, to_journal: bool = False) -> None:
        """Take where to write; ``to_journal``: each line begins with its priority."""
        self._stream, self._clock, self._lock = stream, clock, Lock()
        self._priorities = _PRIORITIES if to_journal else {}

    def say(self, level: str, event: str, **facts: object) -> None:
        """Write one line. ``level``: info, warning or error; ``event``: a fixed word."""
        at = datetime.fromtimestamp(self._clock.now(), UTC).isoformat()
        line = json.dumps({"at": at, "level": level, "event": event, **facts}, default=str)
        with self._lock, suppress(OSError, ValueError):  # a full disk or a reader that is gone: work goes on unlogged
            print(f"{self._priorities.get(level, '')}{line}", file=self._stream, flush=True)

    def crash(self, event: str, error: BaseException) -> None:
        """Write where a mistake of ours happened: places only, since values may be secrets."""
        places = [f"{frame.filename}:{frame.lineno}" for frame in traceback.extract_tb(error.__traceback__)]
        self.say("error", event, kind=type(error).__name__, places=places[-8:])


def goes_to_journal(stream: TextIO, environment: Mapping[str, str]) -> bool:
    """Tell whether what is written to a stream comes to systemd's journal (``JOURNAL_STREAM`` in systemd.exec(5))."""
    try:
        facts = os.fstat(stream.fileno())
    except (OSError, ValueError):
        return False
    return environment.get("JOURNAL_STREAM") == f"{facts.st_dev}:{facts.st_ino}"


class Handler(logging.Handler):
    """Takes what libraries and other parts of the agent log."""

    def __init__(self, log: Log) -> None:
        super().__init__(logging.WARNING)
        self._log = log

    def emit(self, record: logging.LogRecord) -> None:
        """See logging.Handler."""
        if record.exc_info and record.exc_info[1] is not None:
            self._log.crash(record.name, record.exc_info[1])
        else:
            self._log.say(record.levelname.lower(), record.name, detail=record.getMessage())
