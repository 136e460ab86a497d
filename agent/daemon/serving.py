"""``licence-agent run``: the local API, validation on time, the ledger of running time."""

import http.client
import logging
import os
import signal
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress

from agent.daemon.assembly import Agent
from agent.daemon.door import local_server
from agent.daemon.log import Handler, Log
from agent.daemon.repeating import Repeating
from agent.daemon.supervised import Supervision
from agent.healing import Healing
from agent.services.renewing import Renewing
from agent.services.seating import Seating, SeatSettings
from agent.store.jsonfile import as_json
from agent.store.locks import hold
from agent.store.seats import SqlJournal, open_journal
from agent.web.listener import LocalServer
from keys.checkup import Finding
from keys.errors import StateDamagedError, UnavailableError
from keys.sentences import phrase

_LEDGER_EVERY = 55.0
"""Seconds; the protocol asks for once a minute at least."""
_LOOK_EVERY = 1.0
"""Seconds until the main thread looks for signals by itself: of a process that is paused or traced the kernel may hand
them to another thread, and only the main one acts on them."""
_PATIENCE = 3.0


class Daemon:
    """One agent at work. There is one for each home."""

    def __init__(
        self,
        agent: Agent,
        host: str,
        port: int,
        log: Log,
        *,
        look: Callable[[], Iterable[Finding]] = tuple,
        supervision: Supervision | None = None,
    ) -> None:
        """Take the agent, and what needs no agent.

        Args:
            agent: the agent.
            host: loopback address of the local API.
            port: its port; 0: any free one.
            log: where it says what happens.
            look: makes the checks whose findings are logged at the start.
            supervision: who is told that it is well; None: nobody.
        """
        self._agent, self._host, self._port, self._log, self._look = agent, host, port, log, look
        self._supervision = supervision or Supervision({}, agent.around.clock)
        self._healing = Healing(agent.home, agent.around)
        self._over, self._is_stopped = threading.Event(), False
        self._mode = ""

    def run(self) -> None:
        """Work until a signal says stop; the seats that were answered for survive any end.

        Raises:
            BusyError: another daemon works in this home.
            LicensingError, OSError: it can't begin; nothing was changed.
        """
        home = self._agent.home
        home.prepare()
        handler = Handler(self._log)
        with hold(home.daemon_lock, phrase("runs the agent")), _logging_to(handler), self._signals():
            self._heal()
            for finding in self._look():
                if finding.state != "ok":
                    self._log.say("warning", "check", check=finding.check, said=finding.said, do=finding.remedy)
            journal = self._open_journal(is_damaged=False)
            while self._work(journal):
                journal = self._open_journal(is_damaged=True)

    def stop(self) -> None:
        """End ``run`` soon; safe from any thread and from signal handlers."""
        self._is_stopped = True
        self._over.set()

    def _seating(self, journal: SqlJournal) -> Seating:
        settings = self._agent.config.settings
        return Seating(
            journal,
            clock=self._agent.around.clock,
            randomness=self._agent.around.randomness,
            standing=self._agent.judging.standing,
            settings=SeatSettings(settings.ttl, settings.administrator, settings.idle),
        )

    def _heal(self) -> None:
        """Mend what lies damaged in the home, and log each of it."""
        for said in self._healing.heal():
            self._log.say("warning", "damage", said=said)
        swept = self._healing.sweep()
        if swept:
            self._log.say("info", "drafts_removed", names=swept)

    def _open_journal(self, *, is_damaged: bool) -> SqlJournal:
        home, judging = self._agent.home, self._agent.judging
        journal = open_journal(home.journal, judging.standing().now, is_damaged=is_damaged)
        if journal.warning is not None:
            self._log.say("warning", "damage", said=journal.warning)
        if judging.timekeeping.take_up(journal.ledger(), judging.holding.hand()):
            self._log.say("warning", "damage", said="ledger.json had lost running time; the journal's copy is used.")
        return journal

    def _work(self, journal: SqlJournal) -> bool:
        """Work until it is over, and tell whether to go on with a new journal."""
        try:
            self._serve(self._seating(journal), journal)
        finally:
            journal.close()
        if self._is_stopped or not journal.is_damaged:
            return False
        self._over.clear()
        return True

    def _serve(self, seating: Seating, journal: SqlJournal) -> None:
        agent, renewing = self._agent, self._agent.renewing(seating)
        server = self._server(seating)
        server.start()
        loops = (
            Repeating("ledger", lambda: self._keep_ledger(journal), self._log),
            Repeating("validation", lambda: self._renew(renewing, journal), self._log),
        )
        try:
            where = server.addresses
            socket = None if where.unix_socket is None else str(where.unix_socket)
            agent.home.disk.write(
                agent.home.address, as_json({"version": 1, "host": where.host, "port": where.port, "pid": os.getpid()})
            )
            self._log.say(
                "info", "ready", host=where.host, port=where.port, unix_socket=socket, tls_port=where.tls_port
            )
            for loop in loops:
                loop.start()
            self._supervision.ready()
            while not self._over.wait(_LOOK_EVERY):
                self._supervision.beat(lambda: _answers(where.host, where.port))
            self._supervision.stopping()
            self._log.say("info", "stopping")
        finally:
            server.stop()
            for loop in loops:
                loop.stop(_PATIENCE)
            seating.flush()
            self._keep_ledger(journal)
            agent.home.disk.remove(agent.home.address)
        self._log.say("info", "stopped")

    def _server(self, seating: Seating) -> LocalServer:
        return local_server(self._agent, seating, self._host, self._port, self._log)

    def _keep_ledger(self, journal: SqlJournal) -> float:
        ledger = self._agent.judging.timekeeping.keep(self._agent.judging.holding.hand())
        if ledger is not None:
            with suppress(UnavailableError):  # which was logged
                journal.keep_ledger(ledger)
        return _LEDGER_EVERY

    def _renew(self, renewing: Renewing, journal: SqlJournal) -> float:
        if journal.is_damaged:
            self._over.set()
        try:
            return renewing.step()
        except StateDamagedError:
            self._heal()
            raise
        finally:
            standing = self._agent.judging.standing()
            said = f"{standing.mode} {standing.reason} {0 if standing.licence is None else standing.licence.seq}"
            if said != self._mode:
                self._mode = said
                self._log.say("info", "standing", mode=standing.mode, status=standing.status, reason=standing.reason)

    @contextmanager
    def _signals(self) -> Iterator[None]:
        """Stop on SIGTERM and SIGINT; only the main thread may say so."""
        if threading.current_thread() is not threading.main_thread():
            yield
            return
        names = (signal.SIGTERM, signal.SIGINT)
        before = [signal.signal(name, lambda *_: self.stop()) for name in names]
        try:
            yield
        finally:
            for name, old in zip(names, before, strict=True):
                signal.signal(name, old)


def _answers(host: str, port: int) -> bool:
    """Tell whether the local API answers whoever asks it, as the CRM does."""
    connection = http.client.HTTPConnection(host, port, timeout=_PATIENCE)
    try:
        connection.request("GET", "/healthz")
        return connection.getresponse().status == http.client.OK
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


@contextmanager
def _logging_to(handler: logging.Handler) -> Iterator[None]:
    root = logging.getLogger()
    root.addHandler(handler)
    try:
        yield
    finally:
        root.removeHandler(handler)
