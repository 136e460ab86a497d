"""A CRM's client, and a real agent behind a socket."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from agent.crm.client import Client
from agent.crm.places import Policy
from agent.crm.wsgi import LicenceMiddleware
from tests.agent.crm.browsers import PAGE, Wrap, application
from tests.agent.rig import Rig
from tests.contract.local import Local, Site
from tests.fakes import TurnableClock

QUIET = Policy(interval=3_600, patience=0)
"""No heartbeat but the one that a test asks for."""


@pytest.fixture
def site(active: Rig) -> Iterator[Site]:
    """An agent with a licence for 3 users and 4 clients."""
    site = Site(active, Local(active))
    yield site
    site.local.stop()


@pytest.fixture
def connect(site: Site, clock: TurnableClock, tmp_path: Path) -> Iterator[Callable[..., Client]]:
    """Make clients of it, on loopback with the token file unless told otherwise."""
    made = []

    def make(agent: str | None = None, policy: Policy = QUIET, **more: Any) -> Client:
        token = site.rig.home.folder / "application.token"
        usual: dict[str, Any] = {"root": site.rig.vendor.trust_document, "token": token, "clock": clock}
        client = Client(agent or site.local.url, policy=policy, **(usual | more))
        made.append(client)
        return client

    yield make
    for client in made:
        client.close()


@pytest.fixture
def client(connect: Callable[..., Client]) -> Client:
    return connect()


@pytest.fixture
def wrap(client: Client) -> Wrap:
    def around(app: Any = None, **more: Any) -> LicenceMiddleware:
        usual: dict[str, Any] = {
            "user": "cookie:user",
            "login": ["/login"],
            "logout": ["/logout"],
            "secret": b"of a test",
        }
        return LicenceMiddleware(app or application(PAGE), client, **(usual | more))

    return around
