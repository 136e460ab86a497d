"""Something done again and again in a thread of its own.

It waits on an event with a time-out, which runs on the monotonic clock. A scheduler that plans by the wall clock, as
APScheduler 3 does, sleeps for as long as somebody turned that clock back.
"""

import threading
from collections.abc import Callable

from agent.daemon.log import Log
from keys.errors import LicensingError

_AFTER_A_FAULT = 60.0
"""Seconds to wait after something that nobody foresaw: a full disk, a mistake of ours."""


class Repeating:
    """Calls a step, waits as long as it says, and calls it again, until it is stopped."""

    def __init__(self, name: str, step: Callable[[], float], log: Log) -> None:
        """Take the step; it returns the seconds until the next one."""
        self._step, self._log, self._name = step, log, name
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)

    def start(self) -> None:
        """Begin with the first step at once."""
        self._thread.start()

    def stop(self, patience: float) -> None:
        """Begin no more steps, and wait some seconds for the running one; it is safe to be cut off."""
        self._over.set()
        self._thread.join(patience)

    def _run(self) -> None:
        while not self._over.wait(self._once()):
            pass

    def _once(self) -> float:
        try:
            return self._step()
        except LicensingError as refusal:
            self._log.say("warning", f"{self._name}_failed", word=refusal.word, detail=str(refusal))
            return 1.0
        except OSError as error:
            self._log.say("error", f"{self._name}_failed", word="machine", detail=str(error))
        except Exception as error:  # noqa: BLE001 - the agent goes on, whatever one step came across
            self._log.crash(f"{self._name}_crashed", error)
        return _AFTER_A_FAULT
