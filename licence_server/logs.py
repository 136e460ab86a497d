"""Logs: one JSON object a line on standard error, ASCII only, so that no text of others can fake a line or a colour.

Nothing is logged that could be a secret: no bodies, no headers, no query, no activation codes, no text of errors.
"""

import logging
import sys
from collections.abc import MutableMapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Literal, TextIO, cast

import structlog

from keys.clock import Clock

Level = Literal["info", "warning", "error"]
Event = MutableMapping[str, Any]
_LONGEST = 500


class _Bridge(logging.Handler):
    """Takes what libraries log by the standard library over into our lines; of errors only their kind."""

    def emit(self, record: logging.LogRecord) -> None:
        """See logging.Handler."""
        error = record.exc_info[0].__name__ if record.exc_info and record.exc_info[0] else None
        what = {"message": record.getMessage()} if error is None else {"error": error, "place": record.funcName}
        structlog.get_logger().log(record.levelno, "library", logger=record.name, **what)


@dataclass(frozen=True, slots=True, weakref_slot=True)
class _Unfailing:
    """A stream that loses what can't be written: the disk may be full, and requests must be answered all the same."""

    stream: TextIO

    def write(self, text: str) -> None:
        """Write, or lose the text."""
        with suppress(OSError, ValueError):
            self.stream.write(text)

    def flush(self) -> None:
        """Flush, or lose what was written."""
        with suppress(OSError, ValueError):
            self.stream.flush()


def set_up(clock: Clock, stream: TextIO | None = None) -> None:
    """Configure this process's logs.

    Args:
        clock: for the time in each line.
        stream: where to; standard error unless told.
    """

    def stamp(_logger: object, _method: str, event: Event) -> Event:
        event["at"] = datetime.fromtimestamp(clock.now(), UTC).isoformat()
        return event

    stream = cast("TextIO", _Unfailing(stream or sys.stderr))
    structlog.configure(
        processors=[stamp, structlog.processors.add_log_level, _shorten, structlog.processors.JSONRenderer()],
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
        logger_factory=structlog.WriteLoggerFactory(stream),
        cache_logger_on_first_use=False,
    )
    logging.basicConfig(level=logging.WARNING, handlers=[_Bridge()], force=True)
    logging.getLogger("waitress.queue").setLevel(logging.ERROR)  # a queue under load is no news


def tell(level: Level, event: str, **facts: object) -> None:
    """Log what happened outside any request; ``facts`` hold no secret."""
    structlog.get_logger().log(getattr(logging, level.upper()), event, **facts)


def _shorten(_logger: object, _method: str, event: Event) -> Event:
    """Cut long texts: a request must not be able to fill the disk."""
    for name, value in event.items():
        if isinstance(value, str) and len(value) > _LONGEST:
            event[name] = value[:_LONGEST] + "…"
    return event
