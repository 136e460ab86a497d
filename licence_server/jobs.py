"""What runs by itself: sealing the audit record, imports, forgetting what is over, and alarms.

The vendor is told that trust ends, or that the clock is wrong.

One process of each machine runs the jobs, by the boot clock: who plans by the wall clock sleeps for as long as somebody
turned that clock back. Several machines may do so at once: whoever comes second finds nothing left to seal, under the
lock of the record.
"""

import signal
import threading
from collections.abc import Callable, Sequence

from keys.errors import LicensingError, UnavailableError
from keys.trust import WARNING
from licence_server.assembly import Server
from licence_server.domain.audit import check_clock
from licence_server.logs import tell

SEAL_EVERY = 300
"""Seconds; so much of the record's end is protected by its seal alone."""
LOOK_EVERY = 86_400
SWEEP_EVERY = 3_600
WATCH_EVERY = 60
_TICK = 1.0
_BREATH = 0.05
"""Seconds between two batches of an import, in which whoever waits for the database gets it."""

Job = Callable[[Server], None]


def seal(server: Server) -> None:
    """Sign a checkpoint of the audit record when it has grown."""
    if server.auditing.seal():
        tell("info", "audit record sealed")


def sweep(server: Server) -> None:
    """Forget sessions that are over, and files that nobody wants imported."""
    server.authenticating.sweep()
    server.importing.sweep()


def look_at_trust(server: Server) -> None:
    """Log a warning from 90 days before the trust document ends."""
    left = server.vault.trust.expires_at - server.clock.now()
    if left < WARNING:
        tell("warning", "trust document ends", days_left=left // 86_400, do="licence-keys rotate")


def look_at_clock(server: Server) -> None:
    """Raise the alarm while nothing is signed because the clock is behind the last signature, or years ahead."""
    now = server.clock.now()
    with server.database.reading() as unit:
        head = unit.audit.head()
    try:
        check_clock(0 if head is None else head.at, now)
        server.validating.signing.check_trust(now)
    except UnavailableError as refusal:
        tell("error", "nothing is signed", why=str(refusal), do="set the clock, or: licence-server clock accept")


def carry_on(server: Server) -> bool:
    """Do one batch of an import, and tell whether there is more to be done at once."""
    try:
        import_id = server.importing.running()
        return import_id is not None and server.importing.carry_on(import_id).state == "running"
    except LicensingError as refusal:
        tell("error", "job refused", job=carry_on.__name__, outcome=refusal.word)
        return False


class Rota:
    """Which job is due, by the boot clock."""

    def __init__(self, now: float) -> None:
        self._every = {seal: SEAL_EVERY, sweep: SWEEP_EVERY, look_at_trust: LOOK_EVERY, look_at_clock: WATCH_EVERY}
        self._due = {seal: now + SEAL_EVERY, sweep: now + SWEEP_EVERY, look_at_trust: now, look_at_clock: now}

    def due(self, now: float) -> Sequence[Job]:
        """Return what has to run at a moment of the boot clock; each comes again after its time."""
        found = [job for job, at in self._due.items() if at <= now]
        self._due.update({job: now + self._every[job] for job in found})
        return found


def run_jobs(server: Server, ready: Callable[[], None]) -> None:
    """Run the jobs until SIGTERM."""
    stop = threading.Event()
    signal.signal(signal.SIGTERM, lambda _number, _frame: stop.set())
    rota = Rota(server.clock.boot())
    ready()
    while True:
        for job in rota.due(server.clock.boot()):
            logged(job, server)
        pause = _BREATH if carry_on(server) else _TICK
        if stop.wait(pause):  # a signal that another thread took is seen at the next tick
            break
    server.database.close()


def logged(job: Job, server: Server) -> None:
    """Run a job; what it is refused is logged, and it comes again at its next time."""
    try:
        job(server)
    except LicensingError as refusal:
        tell("error", "job refused", job=job.__name__, outcome=refusal.word)
