"""While the agent is away, a worker of the CRM knows by a signed cookie whom another worker has let in."""

from collections.abc import Callable
from typing import Any

from agent.crm.client import Client
from agent.crm.wsgi import LicenceMiddleware
from tests.agent.crm.browsers import PAGE, application, person
from tests.contract.local import Site


def workers(site: Site, connect: Callable[..., Client], count: int = 2) -> list[LicenceMiddleware]:
    rules: dict[str, Any] = {"user": "cookie:user", "login": [], "logout": ["/logout"], "secret": b"shared"}
    address = f"unix:{site.rig.home.folder / 'agent.sock'}"
    return [LicenceMiddleware(application(PAGE), connect(address, token=None), **rules) for _ in range(count)]


def test_whoever_is_in_by_one_worker_is_in_by_the_others_while_the_agent_is_away(
    site: Site, connect: Callable[..., Client]
) -> None:
    first, second = workers(site, connect)
    browsers = {user: person(first, user) for user in ("sara", "ali", "maryam", "reza")}
    for user in ("sara", "ali", "maryam"):
        browsers[user].get("/")
    browsers["ali"].post("/logout")
    second._client.licence()
    browsers["maryam"].cookies |= {**browsers["sara"].cookies, "user": "maryam"}  # at Sara's computer, with her ticket
    browsers["reza"].cookies["licence-seat"] = f"{site.rig.clock.now()}.{'0' * 64}"
    site.local.stop()
    for browser in browsers.values():
        browser.app = second
    assert [browser.get("/").status for browser in browsers.values()] == [200, 503, 503, 503]
    site.rig.clock.advance(299)
    assert browsers["sara"].get("/").status == 200
    site.rig.clock.advance(1)
    assert browsers["sara"].get("/").status == 503
    site.local.start(site.rig)


def test_a_ticket_counts_from_when_it_was_written(site: Site, connect: Callable[..., Client]) -> None:
    first, second = workers(site, connect)
    browser = person(first)
    browser.get("/")
    second._client.licence()
    site.local.stop()
    browser.app = second
    site.rig.clock.advance(200)
    assert browser.get("/").status == 200
    site.rig.clock.advance(100)
    assert browser.get("/").status == 503
    site.local.start(site.rig)


def test_a_seat_that_another_worker_knew_is_asked_for_when_the_agent_is_back(
    site: Site, connect: Callable[..., Client]
) -> None:
    first, second = workers(site, connect)
    browser = person(first)
    browser.get("/")
    ticket = browser.cookies["licence-seat"]
    assert "Set-Cookie" not in browser.get("/").headers
    site.rig.clock.advance(60)
    assert "licence-seat" in browser.get("/").headers["Set-Cookie"]
    second._client.licence()
    site.local.stop()
    browser.app = second
    assert browser.get("/").status == 200
    site.local.start(site.rig)
    second._client.refresh()
    assert browser.get("/").status == 200
    assert browser.cookies["licence-seat"] != ticket
    assert site.local.seating.occupied().users.used == second._client.seats.held == 1


def test_a_licence_that_has_stopped_is_not_stretched_by_a_ticket(site: Site, connect: Callable[..., Client]) -> None:
    first, second = workers(site, connect)
    browser, other = person(first), person(first, "ali")
    for each in (browser, other):
        each.get("/")
    site.answered("suspended", "payment_overdue")
    second._client.licence()
    site.rig.clock.advance(200)
    site.local.stop()
    browser.app = other.app = second
    assert [browser.get("/").status, other.get("/").status] == [200, 200]
    site.rig.clock.advance(800)
    second._client.refresh()
    assert [browser.get("/").status, other.get("/").status] == [503, 503]
    site.local.start(site.rig)
