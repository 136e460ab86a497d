"""The only reader of the machine's clocks."""

import time
from typing import Protocol


class Clock(Protocol):
    """Tells the time. Tests pass one that they can turn."""

    def now(self) -> int:
        """Return the wall clock as a NumericDate: whole seconds since 1970-01-01 UTC (RFC 7519, section 2)."""
        ...

    def boot(self) -> float:
        """Return seconds since the machine started, time asleep included; never goes back within a boot."""
        ...


class SystemClock:
    """The machine's own clocks."""

    def now(self) -> int:
        """See Clock."""
        return int(time.time())

    def boot(self) -> float:
        """See Clock. CLOCK_BOOTTIME on Linux; elsewhere the monotonic clock, which on Windows counts sleep too."""
        if hasattr(time, "CLOCK_BOOTTIME"):
            return time.clock_gettime(time.CLOCK_BOOTTIME)
        return time.monotonic()
