"""A CRM in Flask behind the middleware, and a real agent."""

from collections.abc import Callable
from functools import partial
from typing import Any

import pytest
from flask import Flask

from agent.crm.client import Client
from agent.crm.wsgi import LicenceMiddleware
from tests.agent.crm import flask_crm
from tests.agent.crm.browsers import Browser
from tests.contract.local import Site

Wrap = Callable[..., LicenceMiddleware]


@pytest.fixture
def crm() -> Flask:
    return flask_crm.create()


@pytest.fixture
def wrap(client: Client, crm: Flask) -> Wrap:
    def around(**more: Any) -> LicenceMiddleware:
        usual: dict[str, Any] = {
            "user": partial(flask_crm.who, crm),
            "login": ["/login"],
            "logout": ["/logout"],
            "exempt": ["/static/*"],
        }
        return LicenceMiddleware(more.pop("app", crm), more.pop("client", client), **(usual | more))

    return around


def users(site: Site) -> int:
    return site.local.seating.occupied().users.used


def test_three_users_are_in_and_the_fourth_gets_the_page_and_the_reason(site: Site, wrap: Wrap) -> None:
    app = wrap()
    for user in ("sara", "ali", "maryam"):
        browser = Browser(app)
        browser.sign_in(user)
        assert browser.get("/").text.endswith(f"Hello {user}</body></html>")
    late = Browser(app)
    late.sign_in("reza")
    got = late.get("/")
    assert (got.status, got.headers["Licence-Problem"]) == (403, "seats-exhausted")
    assert "3 users at the same time, and 3 are in use now" in got.text
    assert "۳ کاربر" in got.text


def test_logout_frees_the_seat_at_once(site: Site, wrap: Wrap) -> None:
    browser = Browser(wrap())
    browser.sign_in("sara")
    browser.get("/")
    assert users(site) == 1
    assert browser.post("/logout").status == 302
    assert users(site) == 0


def test_one_user_on_two_computers_is_one_user(site: Site, wrap: Wrap) -> None:
    app = wrap()
    for address in ("192.168.1.7", "192.168.1.8"):
        browser = Browser(app, address)
        browser.sign_in("sara")
        browser.get("/")
    occupied = site.local.seating.occupied()
    assert (occupied.users.used, occupied.clients.used) == (1, 2)


def test_while_the_licence_is_restricted_people_read_and_change_nothing(site: Site, wrap: Wrap) -> None:
    site.answered("suspended", "payment_overdue")
    browser = Browser(wrap())
    browser.sign_in("sara")
    assert browser.get("/").status == 200
    got = browser.post("/customers")
    assert (got.status, got.headers["Licence-Problem"]) == (403, "licence-restricted")
    assert "not saved" in got.text
