"""What runs by itself: sealing the audit record, imports, forgetting what is over, alarms, and sending to webhooks.

The vendor is told that trust ends, or that the clock is wrong.

One process of each machine keeps house, and another one sends, so that a slow receiver delays no alarm. Both go by the
boot clock: who plans by the wall clock sleeps for as long as somebody turned that clock back. Several machines may do
so at once: whoever comes second finds nothing left to seal, under the lock of the record, and nothing left to send,
since messages are claimed.
"""

import signal
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import repeat

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
SENDERS = 8
"""Webhooks that are called at once."""
_AT_ONCE = 20
"""Messages to one webhook until all others had their turn."""
_TICK = 1.0
_BREATH = 0.05
"""Seconds between two batches, in which whoever waits for the database gets it."""

Job = Callable[[Server], object]


def seal(server: Server) -> None:
    """Sign a checkpoint of the audit record when it has grown."""
    if server.auditing.seal():
        tell("info", "audit record sealed")


def sweep(server: Server) -> None:
    """Forget sessions that are over, files that nobody wants imported, and what webhooks were told a month ago."""
    server.authenticating.sweep()
    server.importing.sweep()
    server.delivering.sweep()


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
    import_id = server.importing.running()
    return import_id is not None and server.importing.carry_on(import_id).state == "running"


def deliver(server: Server) -> bool:
    """Send what is due to each webhook, one message after the other until one of them fails; tell if more waits."""
    due = server.delivering.due()
    if not due:
        return False
    with ThreadPoolExecutor(SENDERS) as pool:
        return any(list(pool.map(logged, map(_to, due), repeat(server))))


def _to(webhook_id: str) -> Job:
    def deliver_to(server: Server) -> bool:
        for _ in range(_AT_ONCE):
            sent = server.delivering.send_next(webhook_id)
            if sent is not None and not sent.webhook.is_on:
                do = f"licence-server webhook deliveries {webhook_id}"
                tell("error", "webhook switched off", webhook=webhook_id, why=sent.webhook.why, do=do)
            if sent is None or not sent.outcome.is_good:
                return False
        return True

    return deliver_to


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
    """Keep house, and carry on with imports, until SIGTERM."""
    rota = Rota(server.clock.boot())

    def work() -> bool:
        for job in rota.due(server.clock.boot()):
            logged(job, server)
        return logged(carry_on, server)

    _until_stopped(server, ready, work)


def run_sending(server: Server, ready: Callable[[], None]) -> None:
    """Send to webhooks until SIGTERM."""
    _until_stopped(server, ready, lambda: logged(deliver, server))


def _until_stopped(server: Server, ready: Callable[[], None], work: Callable[[], bool]) -> None:
    """Work, for as long as there is more to be done at once, and then every second."""
    stop = threading.Event()
    signal.signal(signal.SIGTERM, lambda _number, _frame: stop.set())
    ready()
    while not stop.wait(_BREATH if work() else _TICK):  # a signal that another thread took is seen at the next tick
        pass
    server.database.close()


def logged(job: Job, server: Server) -> bool:
    """Run a job, and tell whether there is more; what it is refused is logged, and it comes again at its next time."""
    try:
        return job(server) is True
    except LicensingError as refusal:
        tell("error", "job refused", job=job.__name__, outcome=refusal.word)
        return False
