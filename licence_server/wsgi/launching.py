"""Starts the whole server: one socket, some processes that answer, one that keeps house, one that sends."""

from collections.abc import Callable
from dataclasses import dataclass

from keys.clock import Clock
from keys.errors import UnavailableError
from keys.identity import Randomness
from keys.keyfolder import KeyFolder
from licence_server import logs
from licence_server.app import create_app
from licence_server.assembly import Server, build_server
from licence_server.config import Config
from licence_server.jobs import run_jobs, run_sending
from licence_server.storage.engine import check_there
from licence_server.storage.migrate import upgrade
from licence_server.web.metrics import Tallies
from licence_server.wsgi.listening import listen, url_of
from licence_server.wsgi.serving import DRAIN, Application, Worker
from licence_server.wsgi.supervising import Supervisor, Task

_LONGER = 5.0
"""Seconds that the supervisor waits longer than its workers drain."""


Layer = Callable[[Application], Application]


def plain(app: Application) -> Application:
    """Put nothing around the application."""
    return app


@dataclass(frozen=True, slots=True)
class Launch:
    """What a server is started with; ``layer`` puts something around the application in each process."""

    config: Config
    folder: KeyFolder
    clock: Clock
    randomness: Randomness
    layer: Layer = plain

    def run(self, announce: Callable[[str], None]) -> None:
        """Serve until SIGTERM or SIGINT.

        Args:
            announce: called once with the address, when every process is ready.

        Raises:
            InvalidInputError, StateConflictError: the address can't be listened on, or the database is newer than this.
            StateDamagedError: the database is missing.
            KeyUnsafeError, UnavailableError, ...: keys or database do not work, so nothing is started.
        """
        check_there(self.config.database)
        listener = listen(self.config.host, self.config.port)
        upgrade(self.config.database)
        server = self._build()
        server.checking.check()
        server.database.close()
        tallies = Tallies(self.config.workers)

        def worker(row: int) -> Task:
            def work(ready: Callable[[], None]) -> None:
                tallies.take_row(row)
                mine = self._build()
                app = create_app(mine, tallies=tallies, workers=self.config.workers)
                Worker(self.layer(app), listener, self.config.threads, self.clock).run(ready)
                mine.database.close()

            return work

        def jobs(run: Callable[[Server, Callable[[], None]], None]) -> Task:
            def work(ready: Callable[[], None]) -> None:
                listener.close()
                run(self._build(), ready)

            return work

        tasks = [*(worker(row) for row in range(self.config.workers)), jobs(run_jobs), jobs(run_sending)]
        logs.set_up(self.clock)
        try:
            done = Supervisor(tasks, self.clock, lambda: announce(url_of(listener)), DRAIN + _LONGER).run()
        finally:
            listener.close()
        if not done:
            raise UnavailableError("The server's processes end as soon as they start; the log above says where.", 60)

    def _build(self) -> Server:
        return build_server(self.config, self.folder, clock=self.clock, randomness=self.randomness)
