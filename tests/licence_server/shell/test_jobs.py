"""What runs by itself."""

import json
import signal
import threading
from collections import Counter
from collections.abc import Iterator
from io import StringIO

import pytest

from keys.errors import UnavailableError
from licence_server import jobs
from licence_server.assembly import Server
from licence_server.domain.customer import NewCustomer
from tests.licence_server.office import ME, Home
from tests.threats.plugin import Figure


@pytest.fixture
def server(home: Home) -> Iterator[Server]:
    server = home.server()
    yield server
    server.database.close()


def test_the_record_is_sealed_when_it_has_grown(server: Server, log: StringIO) -> None:
    for _ in range(2):
        jobs.seal(server)
        jobs.seal(server)
        server.registering.add(NewCustomer("Pars"), ME)
    report = server.auditing.verify()
    assert (report.valid, report.checkpoints) == (True, 2)
    assert log.getvalue().count("audit record sealed") == 2


def test_the_end_of_trust_is_told_of_in_time(home: Home, server: Server, log: StringIO) -> None:
    jobs.look_at_trust(server)
    assert not log.getvalue()
    home.clock.advance((398 - 89) * 86_400)
    jobs.look_at_trust(server)
    line = json.loads(log.getvalue())
    assert (line["level"], line["days_left"]) == ("warning", 89)


def test_a_job_that_is_refused_is_logged_and_goes_on(server: Server, log: StringIO) -> None:
    def job(_server: Server) -> None:
        raise UnavailableError("The database does not answer.", 5)

    jobs.logged(job, server)
    assert json.loads(log.getvalue())["outcome"] == "unavailable"


def test_jobs_run_until_they_are_told_to_stop(server: Server, log: StringIO) -> None:
    before = signal.getsignal(signal.SIGTERM)
    try:
        ready: list[bool] = []
        threading.Timer(0.3, lambda: signal.raise_signal(signal.SIGTERM)).start()
        jobs.run_jobs(server, lambda: ready.append(True))
        assert ready
    finally:
        signal.signal(signal.SIGTERM, before)


@pytest.mark.threat(13)
@pytest.mark.parametrize("turned", [-86_400, 5 * 365 * 86_400], ids=["a day back", "five years on"])
def test_a_wrong_clock_raises_an_alarm_every_minute(
    home: Home, server: Server, log: StringIO, figure: Figure, turned: int
) -> None:
    server.registering.add(NewCustomer("Pars"), ME)
    rota = jobs.Rota(home.clock.boot())
    rota.due(home.clock.boot())
    home.clock.turn(turned)
    for _ in range(10):
        home.clock.advance(60)
        assert jobs.look_at_clock in rota.due(home.clock.boot())
        jobs.look_at_clock(server)
    lines = [json.loads(line) for line in log.getvalue().splitlines()]
    assert [(line["level"], line["event"]) for line in lines] == [("error", "nothing is signed")] * 10
    home.clock.turn(-turned)
    log.truncate(0)
    jobs.look_at_clock(server)
    assert not log.getvalue()
    figure(f"the clock {turned} s off: nothing signed, an alarm a minute in the log")


@pytest.mark.threat(13)
def test_jobs_run_on_time_whatever_happens_to_the_wall_clock(home: Home) -> None:
    clock, counts = home.clock, Counter[str]()
    rota = jobs.Rota(clock.boot())
    for turn in (0, 5 * 365 * 86_400, -5 * 365 * 86_400, -400 * 86_400):
        clock.turn(turn)
        for _ in range(1440):
            counts.update(job.__name__ for job in rota.due(clock.boot()))
            clock.advance(60)
    assert counts == {"look_at_clock": 4 * 1440, "seal": 4 * 288 - 1, "look_at_trust": 4, "sweep": 95}
