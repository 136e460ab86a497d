"""What the journal does for a daemon at work: it keeps the second copy of the running time, and is begun anew."""

import io
import json
import os
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any
from urllib.request import Request, urlopen

import pytest

from agent.config import Config, Settings
from agent.daemon.assembly import assemble
from agent.daemon.log import Log
from agent.daemon.serving import Daemon
from agent.domain.time import Ledger
from agent.store.seats import SqlJournal, open_journal
from keys.clock import SystemClock
from tests.agent.rig import Rig
from tests.agent.vendor import DAY, HARDWARE
from tests.fakes import START

MONTH = 31 * DAY
"""The lease: refreshed after a day, and good for 30 more."""


def restarted(rig: Rig) -> Rig:
    """The daemon's next process after a reboot: it takes up what the journal kept."""
    again = rig.again()
    with closing(open_journal(again.home.journal, again.standing.now)) as journal:
        again.judging.timekeeping.take_up(journal.ledger(), again.judging.holding.hand())
    return again


def ran(rig: Rig, seconds: int) -> None:
    """Let the daemon run, which writes both copies."""
    rig.clock.advance(seconds)
    ledger = rig.judging.timekeeping.keep(rig.judging.holding.hand())
    assert ledger is not None
    with closing(open_journal(rig.home.journal, rig.standing.now)) as journal:
        journal.keep_ledger(ledger)


@pytest.mark.threat(9)
@pytest.mark.parametrize("reboot", [False, True])
@pytest.mark.parametrize("back", [-1, -3600, -400 * DAY])
def test_a_ledger_that_is_deleted_with_the_clock_turned_back_restarts_nothing(
    active: Rig, reboot: bool, back: int
) -> None:
    ran(active, MONTH - 100)
    active.home.ledger.unlink()
    active.clock.turn(back)
    if reboot:
        active.machine.reboot("boot-2")
    again = restarted(active)
    assert again.standing.now >= START + MONTH - 100
    again.clock.advance(101)
    assert (again.standing.mode, again.standing.reason) == ("restricted", "lease_ended")


@pytest.mark.threat(9, control=True)
def test_without_its_second_copy_the_lease_begins_again(active: Rig) -> None:
    """What remains to who deletes ledger and journal, off the network, and turns the clock back each time."""
    ran(active, MONTH - 100)
    for path in (active.home.ledger, *active.home.folder.glob("seats.sqlite3*")):
        path.unlink()
    active.clock.turn(-400 * DAY)
    active.machine.reboot("boot-2")
    assert restarted(active).standing.now < START + 100


def test_the_larger_of_the_two_counts_and_another_documents_copy_does_not(active: Rig) -> None:
    hand, time = active.judging.holding.hand(), active.judging.timekeeping
    active.clock.advance(1000)
    boot = active.machine.boot()
    assert not time.take_up(None, hand)
    assert not time.take_up(Ledger("another", boot.id, 0.0, 9e6, 0.0), hand)
    assert not time.take_up(Ledger(active.licence.document_id, boot.id, boot.seconds - 900, 0.0, 0.0), hand)
    assert active.standing.now == START + 1000
    assert not time.take_up(Ledger(active.licence.document_id, boot.id, boot.seconds, 1060.0, 0.0), hand), "in time"
    assert active.standing.now == START + 1060
    lost = Ledger(active.licence.document_id, boot.id, boot.seconds, 9000.0, 0.0, ahead=7)
    with closing(open_journal(active.home.journal, START)) as journal:
        journal.keep_ledger(lost)
        assert journal.ledger() == lost
    assert time.take_up(lost, hand)
    assert active.standing.now == START + 9000


class Watched(Daemon):
    """A daemon whose journals can be had, to damage them at work."""

    journals: list[SqlJournal]

    def _open_journal(self, *, is_damaged: bool) -> SqlJournal:
        journal = super()._open_journal(is_damaged=is_damaged)
        self.journals = [*getattr(self, "journals", []), journal]
        return journal


@contextmanager
def at_work(folder: Path) -> Iterator[tuple[Watched, io.StringIO]]:
    (folder / "hardware.json").write_text(json.dumps(HARDWARE))
    config = Config(folder / "home", Settings(port=0, unix_socket=False), folder / "hardware.json")
    log = io.StringIO()
    daemon = Watched(assemble(config, SystemClock(), os.urandom), "127.0.0.1", 0, Log(log, SystemClock()))
    thread = threading.Thread(target=daemon.run)
    thread.start()
    try:
        until(log, "ready", 1)
        yield daemon, log
    finally:
        daemon.stop()
        thread.join(20)
    assert not thread.is_alive()


def until(log: io.StringIO, event: str, count: int) -> list[dict[str, Any]]:
    pause = threading.Event()
    for _ in range(300):
        found = [line for line in map(json.loads, log.getvalue().splitlines()) if line["event"] == event]
        if len(found) >= count:
            return found
        pause.wait(0.05)
    raise AssertionError(log.getvalue())


def seats(folder: Path, port: int) -> Any:
    token = (folder / "home/administrator.token").read_text().strip()
    request = Request(f"http://127.0.0.1:{port}/v1/seats", headers={"Authorization": f"Bearer {token}"})
    with urlopen(request, timeout=30) as answer:  # noqa: S310 - as above
        return json.load(answer)


@pytest.mark.threat(50)
def test_a_journal_that_is_damaged_at_work_is_begun_anew_without_a_restart(tmp_path: Path) -> None:
    with at_work(tmp_path) as (daemon, log):
        daemon.journals[0].is_damaged = True
        ready = until(log, "ready", 2)
        said = until(log, "damage", 1)
        assert "has been begun anew" in said[0]["said"]
        assert seats(tmp_path, ready[1]["port"])["users"]["used"] == 0
        assert len(daemon.journals) == 2
    assert len(list((tmp_path / "home").glob("seats.sqlite3.damaged-*"))) >= 1


@pytest.mark.threat(50)
def test_what_sqlite_calls_malformed_is_noticed(active: Rig) -> None:
    journal = open_journal(active.home.journal, START)
    ledger = active.judging.timekeeping.keep(active.judging.holding.hand())
    assert ledger is not None
    journal.keep_ledger(ledger)
    journal._connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    journal._connection.execute("PRAGMA shrink_memory")
    content = active.home.journal.read_bytes()
    active.home.journal.write_bytes(content[:100] + b"\xff" * (len(content) - 100))
    with pytest.raises(Exception, match="Nothing can be stored"):
        journal.keep_ledger(ledger)
    assert journal.is_damaged
    journal.close()
