"""What the service manager is told: that the agent is ready, that it is well, that it stops (sd_notify(3)).

A datagram of a few bytes is the whole protocol, so no library is needed. Where no service manager listens, nothing
is sent.
"""

import socket
from collections.abc import Callable, Mapping
from contextlib import suppress

from keys.clock import Clock

_MICROSECONDS = 1_000_000
_BEATS = 3
"""So many times as often as it has to the agent says that it is well: two may be late."""


class Supervision:
    """The line to the service manager that started this process, if one did."""

    def __init__(self, environment: Mapping[str, str], clock: Clock) -> None:
        """Read ``NOTIFY_SOCKET`` and ``WATCHDOG_USEC``."""
        self._address, self._clock = environment.get("NOTIFY_SOCKET", ""), clock
        patience = environment.get("WATCHDOG_USEC", "")
        self._every = int(patience) / _MICROSECONDS / _BEATS if patience.isdecimal() else None
        self._due_at = 0.0

    def ready(self) -> None:
        """Say that the local API answers."""
        self._tell("READY=1")

    def beat(self, is_well: Callable[[], bool]) -> None:
        """Say that the agent is well, if it is time to say so and it is; else it is started anew before long."""
        now = self._clock.boot()
        if self._every is not None and now >= self._due_at and is_well():
            self._due_at = now + self._every
            self._tell("WATCHDOG=1")

    def stopping(self) -> None:
        """Say that it ends, as it was told to."""
        self._tell("STOPPING=1")

    def _tell(self, state: str) -> None:
        if not self._address:
            return
        address = f"\0{self._address[1:]}" if self._address.startswith("@") else self._address
        with suppress(OSError), socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as line:
            line.sendto(state.encode(), address)
