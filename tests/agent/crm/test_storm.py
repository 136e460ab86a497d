"""Many threads of several workers, while the agent is restarted again and again: who is in notices nothing."""

import random
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest

from agent.crm.client import Client
from agent.crm.places import Policy
from agent.crm.wsgi import LicenceMiddleware
from keys.errors import UnreachableError
from tests.agent.crm.browsers import PAGE, Browser, application, person
from tests.contract.local import Site
from tests.threats.plugin import Figure, Rounds

THREADS, INSIDE = 16, ("sara", "ali")


class Crowd:
    """Two people who are in all the time, and others who fight for the third place and leave at once."""

    def __init__(self, workers: list[LicenceMiddleware]) -> None:
        self.workers, self.over, self.served = workers, threading.Event(), [0] * THREADS
        for worker in workers:
            assert [person(worker, user).get("/").status for user in INSIDE] == [200, 200]

    def work(self, number: int) -> None:
        """Do one thread's work."""
        chance = random.Random(number)
        while not self.over.is_set():
            worker = chance.choice(self.workers)
            if number % 2:
                got = person(worker, INSIDE[number // 2 % 2]).get("/")
                assert got.status == 200, got.text
            else:
                browser = person(worker, f"late-{number}")
                assert browser.get("/").status in {200, 403, 503}
                browser.post("/logout")
            self.served[number] += 1


@pytest.mark.long
def test_a_storm_of_restarts_throws_nobody_out_and_lets_nobody_in_too_many(
    site: Site, connect: Callable[..., Client], rounds: Rounds, figure: Figure
) -> None:
    restarts, most = rounds(60, sample=6), 0
    address = f"unix:{site.rig.home.folder / 'agent.sock'}"
    clients = [connect(address, Policy(interval=1, patience=20), token=None) for _ in range(3)]
    crowd = Crowd(
        [
            LicenceMiddleware(application(PAGE), each, user="cookie:user", login=[], logout=["/logout"])
            for each in clients
        ]
    )
    with ThreadPoolExecutor(THREADS) as pool:
        tasks = [pool.submit(crowd.work, number) for number in range(THREADS)]
        try:
            for _ in range(restarts):
                threading.Event().wait(0.2)
                most = max(most, site.local.seating.occupied().users.used)
                site.local.stop()
                site.local.start(site.rig)
        finally:
            crowd.over.set()
        for task in tasks:
            task.result(60)
    assert most <= 3
    assert site.local.seating.occupied().users.used <= 3
    served = sum(crowd.served)
    figure(f"{restarts} restarts under {served} requests of {THREADS} threads: nobody who was in was refused")


def test_an_outage_of_ten_seconds_throws_nobody_out(site: Site, connect: Callable[..., Client]) -> None:
    client = connect(f"unix:{site.rig.home.folder / 'agent.sock'}", token=None)
    app = LicenceMiddleware(application(PAGE), client, user="cookie:user", login=[], logout=[])
    browser: Browser = person(app)
    browser.get("/")
    site.local.stop()
    for _ in range(10):
        site.rig.clock.advance(1)
        client.refresh()
        assert browser.post("/customers").status == 200
    with pytest.raises(UnreachableError):
        client.seats.take("ali", "pc")
    site.local.start(site.rig)
    client.refresh()
    assert browser.get("/").status == 200
