"""Work that is done again and again in the background of a CRM's process, also of one that was forked."""

import logging
import os
import threading
from collections.abc import Callable

_PATIENCE = 10
"""Seconds that a last heartbeat may take."""
_log = logging.getLogger(__name__)


class Background:
    """One thread in each process that uses it, which never keeps the process from ending."""

    def __init__(self, work: Callable[[], object], interval: float) -> None:
        """Take what to do every ``interval`` seconds."""
        self._work, self._interval = work, interval
        self._over = threading.Event()
        self._process = 0
        self._thread: threading.Thread | None = None
        self._lock = threading.Lock()

    def start(self) -> None:
        """Begin, unless it runs in this process."""
        if self._process == os.getpid():
            return
        with self._lock:
            if self._process != os.getpid():
                self._process, self._over = os.getpid(), threading.Event()
                self._thread = threading.Thread(target=self._run, args=(self._over,), name="licence-seats", daemon=True)
                self._thread.start()

    def stop(self) -> None:
        """End it, and wait for what it is doing; start begins anew."""
        with self._lock:
            is_ours, self._process, thread = self._process == os.getpid(), 0, self._thread
        self._over.set()
        if is_ours and thread is not None and thread is not threading.current_thread():
            thread.join(_PATIENCE)

    def _run(self, over: threading.Event) -> None:
        while not over.wait(self._interval):
            try:
                self._work()
            except Exception:  # noqa: BLE001 - people keep their seats whatever goes wrong once
                _log.exception("The heartbeat to the licence agent failed.")
