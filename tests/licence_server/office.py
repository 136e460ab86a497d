"""The server's shell for tests: a home in a folder, the web application over it, and commands typed at it."""

import json
import os
import shutil
from collections.abc import Callable
from dataclasses import dataclass, field
from io import StringIO
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import structlog
from click.testing import CliRunner, Result
from flask import Flask
from werkzeug.test import TestResponse

from keys.documents.licence import Licence as Document
from keys.documents.licence import open_licence
from keys.keyfolder import KeyFolder
from licence_server import logs
from licence_server.app import create_app
from licence_server.assembly import Server, build_server
from licence_server.cli.root import main
from licence_server.cli.session import Session
from licence_server.config import Config, load_config
from licence_server.domain.customer import NewCustomer
from licence_server.domain.licence import Licence, Order
from licence_server.home import Founding
from licence_server.web.metrics import Tallies
from tests.fakes import TurnableClock
from tests.licence_server.device import Device
from tests.licence_server.vendor import QuickPasswords

ISSUER = "https://licence.example.com"
ME = "operator:tests"


def device_at(office: "Office") -> Device:
    """A customer's server that reaches its vendor over HTTP."""
    return Device(cast("Any", office))


def active_at(office: "Office") -> Device:
    """One that has activated a licence, a day ago."""
    _, code = office.sell()
    device = device_at(office)
    device.activate(code)
    office.clock.advance(86_400)
    return device


def problem(response: TestResponse) -> dict[str, Any]:
    """The body of a refusal."""
    assert response.mimetype == "application/problem+json"
    return cast("dict[str, Any]", response.json)


class ProblemError(Exception):
    """The server refused over HTTP."""

    def __init__(self, response: TestResponse) -> None:
        self.response, self.word = response, problem(response)["type"].rpartition(":")[2]
        super().__init__(f"{response.status_code} {self.word}")


@dataclass
class Home:
    """A home and whoever types at it."""

    path: Path
    clock: TurnableClock = field(default_factory=TurnableClock)
    environment: dict[str, str] = field(default_factory=dict)

    def founding(self, randomness: Callable[[int], bytes] = os.urandom) -> Founding:
        return Founding(self.path, self.environment, self.clock, randomness, QuickPasswords())

    def complete(self, issuer: str = ISSUER) -> "Home":
        """Found it, as a vendor whose password was shown."""
        self.founding().found(issuer, None, "cli:tests")
        self.founding().shown()
        return self

    def copied_from(self, other: Path) -> "Home":
        shutil.copytree(other, self.path)
        return self

    def type(self, *words: object, said: str = "") -> Result:
        """Run a command, which somebody answers as ``said`` where it asks."""
        environment = {"LICENCE_SERVER_HOME": str(self.path), **self.environment}
        session = Session(environment, self.clock, passwords=QuickPasswords())
        return CliRunner().invoke(main, [str(word) for word in words], obj=session, input=said)

    def ask(self, *words: object) -> Any:
        """Run a command that must succeed, and return what ``--json`` prints."""
        result = self.type(*words, "--json")
        assert result.exit_code == 0, result.output
        return json.loads(result.stdout)

    @property
    def config(self) -> Config:
        return load_config(self.path, self.environment)

    def server(self, **settings: object) -> Server:
        folder = KeyFolder.of_home(self.path, self.environment)
        config = self.config.model_copy(update=settings)
        return build_server(config, folder, clock=self.clock, randomness=os.urandom, passwords=QuickPasswords())


@dataclass
class Office:
    """The web application over a home. Speaks HTTP wherever a test's Vendor calls a use case."""

    server: Server
    app: Flask
    clock: TurnableClock
    log: StringIO
    address: str = "203.0.113.7"

    @classmethod
    def of(cls, home: Home, **settings: object) -> "Office":
        server, log = home.server(**settings), StringIO()
        logs.set_up(home.clock, log)
        return cls(server, create_app(server, tallies=Tallies()), home.clock, log)

    def close(self) -> None:
        self.server.database.close()
        structlog.reset_defaults()

    @property
    def desk(self) -> SimpleNamespace:
        return SimpleNamespace(issuer=self.server.vault.trust.issuer)

    @property
    def activating(self) -> SimpleNamespace:
        return SimpleNamespace(activate=lambda document: self.send("activations", document, 201))

    @property
    def validating(self) -> SimpleNamespace:
        return SimpleNamespace(
            validate=lambda document: self.send("validations", document),
            deactivate=lambda document: self.send("deactivations", document),
        )

    def send(self, endpoint: str, document: bytes, status: int = 200) -> bytes:
        response = self.post(endpoint, document)
        if response.status_code != status:
            raise ProblemError(response)
        assert response.mimetype == "application/jwt"
        return bytes(response.data)

    def post(self, endpoint: str, body: bytes, media: str | None = "application/jwt", **headers: str) -> TestResponse:
        return self.call("POST", f"/agent/v1/{endpoint}", data=body, content_type=media, headers=headers)

    def call(self, method: str, path: str, **more) -> TestResponse:
        environ = {"REMOTE_ADDR": self.address}
        return self.app.test_client().open(path, method=method, environ_overrides=environ, **more)

    def opened(self, document: bytes) -> Document:
        return open_licence(document, self.server.vault.trust)

    def sell(self, **changes) -> tuple[Licence, str]:
        customer = self.server.registering.add(NewCustomer("فولاد پارس"), ME)
        return self.server.issuing.issue(Order(customer.id, users=3, **changes), ME)
