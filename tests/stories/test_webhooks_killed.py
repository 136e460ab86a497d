"""All of the server is killed between a deed and its message, and while it sends: the message arrives all the same."""

import threading
from http.server import BaseHTTPRequestHandler
from pathlib import Path

import pytest

from licence_server.domain.delivery import LEASE
from tests.faults.clocks import WallClock
from tests.faults.oddserver import OddServer, odd_server, plain
from tests.stories.parties import vendor
from tests.stories.processes import wait_for


def arrived(receiver: OddServer, count: int) -> list[str] | None:
    """The messages' ids, as soon as there are so many."""
    ids = [headers["webhook-id"] for _, _, headers, _ in receiver.asked]
    return ids if len(ids) >= count else None


@pytest.mark.long
@pytest.mark.threat(54)
@pytest.mark.parametrize("database", ["sqlite", "postgresql"])
def test_a_message_outlives_the_server(folder: Path, database: str, request: pytest.FixtureRequest) -> None:
    settings = {} if database == "sqlite" else {"LICENCE_SERVER_DATABASE": request.getfixturevalue("postgresql_url")}
    clock, held = WallClock(folder / "clock"), threading.Event()

    def hold(handler: BaseHTTPRequestHandler, body: bytes) -> None:
        held.wait(60)
        plain(204)(handler, body)

    with odd_server() as receiver, vendor(folder, **clock.environment, **settings) as seller:
        with (seller.home / "config.toml").open("a") as file:
            file.write('\nwebhook_networks = ["127.0.0.0/8"]\n')
        hook = seller.run("webhook", "add", receiver.url, "--event", "customer.added")["id"]
        seller.run("customer", "add", "Pars Steel")
        receiver.answer = hold
        seller.start()
        (first,) = wait_for("the message of a deed before the start", lambda: arrived(receiver, 1))
        seller.cradle.kill()
        held.set()
        assert seller.run("webhook", "deliveries", hook)[0]["attempts"] == [], "nobody knows that it arrived"
        clock.turn(LEASE)
        receiver.answer = plain(204)
        seller.start()
        assert wait_for("the same message", lambda: arrived(receiver, 2)) == [first, first]
        told = wait_for("the log", lambda: seller.run("webhook", "deliveries", hook)[0]["attempts"] or None)
        assert [each["status"] for each in told] == [204]
        assert seller.run("audit", "verify")["valid"]
