"""The seats of one home as a process of its own: what the agent serves, with a licence that never changes.

``python -m tests.agent.seats.program FOLDER USERS CLIENTS MODEL [OVERDRAFT]`` prints one line of JSON,
``{"port": N}``, and serves until it is killed.
"""

import json
import os
import sys
import threading
from pathlib import Path

from agent.domain.mode import Standing
from agent.domain.seats import Wanted
from agent.services.seating import Seating, SeatSettings
from agent.store.seats import open_journal
from agent.web.access import Access
from agent.web.app import create_app
from agent.web.listener import LocalServer
from keys.clock import SystemClock
from keys.documents.parts import SeatModel, Seats
from tests.agent.seats.factories import a_licence

TOKEN, ADMINISTRATOR = "application-token", "administrator-token"


def serve(folder: Path, seats: Seats) -> LocalServer:
    """Serve the seats that lie in a folder."""
    clock = SystemClock()
    licence = a_licence(seats=seats)

    def standing() -> Standing:
        return Standing("full", "active", licence, clock.now())

    journal = open_journal(folder / "seats.sqlite3", clock.now())
    seating = Seating(journal, clock=clock, randomness=os.urandom, standing=standing, settings=SeatSettings())
    access = Access(TOKEN, ADMINISTRATOR, frozenset({os.geteuid()}))
    app = create_app(seating, standing=standing, document=lambda: None, access=access)
    server = LocalServer(app, port=0, unix_socket=folder / "agent.sock")
    server.start()
    return server


def fill(folder: Path, number: int) -> None:
    """Let that many people be in before the agent starts."""
    clock = SystemClock()
    journal = open_journal(folder / "seats.sqlite3", clock.now())
    licence = a_licence(seats=Seats("concurrent", number, None))
    standing = Standing("full", "active", licence, clock.now())
    settings = SeatSettings()
    seating = Seating(journal, clock=clock, randomness=os.urandom, standing=lambda: standing, settings=settings)
    begun = [seating.begin_check_out(Wanted(f"was-in-{index}", f"pc-{index}")) for index in range(number)]
    for finish in begun:
        finish()
    journal.close()


def main(folder: str, users: str, clients: str, model: SeatModel, overdraft: str = "0") -> None:
    server = serve(Path(folder), Seats(model, int(users), int(clients), 0, int(overdraft), 30))
    sys.stdout.write(json.dumps({"port": server.addresses.port}) + "\n")
    sys.stdout.flush()
    threading.Event().wait()


if __name__ == "__main__":
    main(*sys.argv[1:])  # type: ignore[arg-type] # MODEL is one of two words
