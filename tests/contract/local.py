"""An agent's local API on a real loopback port in this process: real home, journal and tokens, with a clock to turn."""

import json
import os
from dataclasses import dataclass
from typing import Any, Protocol

from werkzeug.datastructures import Headers
from werkzeug.test import TestResponse

from agent.services.judging import Judging
from agent.services.seating import Seating, SeatSettings
from agent.store.home import Home
from agent.store.papers import Papers
from agent.store.seats import open_journal
from agent.store.tokens import administrator_token, application_token
from agent.web.access import Access
from agent.web.app import create_app
from agent.web.listener import LocalServer
from keys.clock import Clock
from tests.agent.rig import Rig
from tests.contract.serving import ask

ADMINISTRATOR = "boss"


class Process(Protocol):
    """What the local API needs of an agent."""

    @property
    def home(self) -> Home: ...
    @property
    def judging(self) -> Judging: ...
    @property
    def papers(self) -> Papers: ...
    @property
    def clock(self) -> Clock: ...


class Local:
    """The part of the daemon that a CRM talks to, and a CRM that talks to it."""

    peers = frozenset({os.geteuid()})
    """Who may use the Unix socket."""

    def __init__(self, process: Process) -> None:
        self.start(process)

    def start(self, process: Process) -> None:
        self.process, home = process, process.home
        home.prepare()
        access = Access(application_token(home, os.urandom), administrator_token(home, os.urandom), self.peers)
        self.tokens = {"application": access.application_token, "administrator": access.administrator_token}
        self.journal = open_journal(home.folder / "seats.sqlite3", process.clock.now())
        standing = process.judging.standing
        settings = SeatSettings(administrator=ADMINISTRATOR)
        self.seating = Seating(
            self.journal, clock=process.clock, randomness=os.urandom, standing=standing, settings=settings
        )
        app = create_app(self.seating, standing=standing, document=process.papers.licence, access=access)
        self.server = LocalServer(app, port=0, unix_socket=home.folder / "agent.sock")
        self.server.start()
        self.url = f"http://127.0.0.1:{self.server.addresses.port}"

    def stop(self) -> None:
        self.server.stop()
        self.journal.close()

    def restart(self, process: Process) -> None:
        """End the process, and begin another one in the same home."""
        self.stop()
        self.start(process)

    def call(
        self, method: str, path: str, body: object = None, token: str | None = "application", **headers: str
    ) -> TestResponse:
        """Send a request; underscores in headers' names stand for dashes."""
        head = Headers([(name.replace("_", "-"), value) for name, value in headers.items()])
        if token is not None:
            head.setdefault("Authorization", f"Bearer {self.tokens.get(token, token)}")
        content = body if isinstance(body, bytes) or body is None else json.dumps(body).encode()
        if content is not None:
            head.setdefault("Content-Type", "application/json")
        return ask(self.url, method, path, content, head)

    def check_out(self, user: str, client: str = "pc", **more: str) -> TestResponse:
        return self.call("POST", "/v1/seats", {"user": user, "client": client, **more})

    def beat(self, *seats: str) -> Any:
        return self.call("POST", "/v1/seats/heartbeat", {"seats": list(seats)}).json

    def authorize(self, user: str) -> tuple[int, str | None]:
        """What nginx is told."""
        answer = self.call("GET", "/v1/authorize", Licence_User=user, Licence_Client="pc", X_Real_IP="10.0.0.9")
        return answer.status_code, answer.headers.get("Licence-Problem")

    @property
    def licence(self) -> Any:
        """What the CRM shows."""
        answer = self.call("GET", "/v1/licence")
        assert answer.status_code == 200
        return answer.json


@dataclass(slots=True)
class Site:
    """A customer's server with a licence for 3 users and 4 clients, valid for 31 days."""

    rig: Rig
    local: Local

    def answered(self, status: str, reason: str | None = None) -> None:
        """Let the licence server answer so."""
        self.rig.vendor.status, self.rig.vendor.reason = status, reason
        self.rig.validate()

    def reboot_agent(self) -> None:
        self.rig = self.rig.again()
        self.local.restart(self.rig)

    def seat(self, user: str) -> str:
        answer = self.local.check_out(user)
        assert answer.status_code == 201, answer.data
        seat: dict[str, str] = answer.json or {}
        return seat["seat"]


def word(answer: TestResponse) -> str | None:
    """The refusal's word; None: it is none."""
    if answer.mimetype != "application/problem+json":
        return None
    problem: Any = answer.json
    return str(problem["type"].removeprefix("urn:licence:problem:"))
