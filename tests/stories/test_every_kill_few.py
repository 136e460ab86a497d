"""A few positions of the agent's walks, in every run of the suite: where it asks, stores and answers."""

import os
import random
from collections.abc import Iterator
from contextlib import contextmanager
from io import StringIO
from pathlib import Path

import pytest
import structlog

from keys.clock import SystemClock
from keys.keyfolder import KeyFolder
from licence_server import logs
from licence_server.app import create_app
from licence_server.assembly import build_server
from licence_server.config import load_config
from licence_server.web.metrics import Tallies
from tests.contract.serving import on_a_socket
from tests.faults.strace import Position
from tests.stories import test_every_kill_commands as commands
from tests.stories import test_every_kill_seats as seats
from tests.stories.callers import Caller, Place, Witness
from tests.stories.parties import Office, customer
from tests.stories.processes import clean_environment
from tests.stories.walking import at
from tests.threats.plugin import Figure

SENT = Position("sendto", 1, after=True)
ANSWERED = Position("write", 1, after=True)
"""The daemon's event loop writes to a socket as to a file, and to files by pwrite64 alone."""


@contextmanager
def office(home: Path) -> Iterator[tuple[Office, str]]:
    """A vendor whose server is part of this process: nobody kills it."""
    environment = clean_environment(LICENCE_SERVER_HOME=home)
    found = Office(home, environment)
    found.run("init", "--issuer", "https://licences.example.com")
    folder = KeyFolder.of_home(home, environment)
    server = build_server(load_config(home, environment), folder, clock=SystemClock(), randomness=os.urandom)
    logs.set_up(SystemClock(), StringIO())
    try:
        with on_a_socket(create_app(server, tallies=Tallies())) as url:
            yield found, url
    finally:
        structlog.reset_defaults()
        server.database.close()


@pytest.mark.threat(41)
@pytest.mark.timeout(200)
def test_an_agent_killed_where_it_asks_stores_and_answers_loses_nothing(folder: Path, figure: Figure) -> None:
    with office(folder / "vendor") as (seller, url), customer(folder) as buyer:
        agent = commands.Story(seller, buyer, url)
        kills = [at(agent.activate, position) for position in (SENT, Position("rename", 5))]
        kills += [at(agent.validate, position) for position in (SENT, Position("fsync", 5))]
        places = [Place(f"user-{number}", f"pc-{number}") for number in range(4)]
        daemon = seats.Story(buyer, Caller(Witness(3, 4), places, "", random.Random(1)))
        daemon.start()
        kills += [at(daemon.check_out, position) for position in (Position("fdatasync", 1), ANSWERED)]
        kills += [at(daemon.release, ANSWERED)]
    hits = sum(each.hit for each in kills)
    assert hits >= len(kills) - 1
    figure(f"{hits} kills at the positions that matter most: 0 lost, 0 doubled, 0 failed restarts")
