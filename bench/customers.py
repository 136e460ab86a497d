"""A vendor with many customers, made in a hurry, and agents that validate."""

import http.client
import os
from base64 import urlsafe_b64decode
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from sqlalchemy import insert

from keys.clock import SystemClock
from keys.documents.requests import ActivationRequest, Boot, Host, ValidationRequest
from keys.fingerprint import digests
from keys.identity import new_id
from keys.jws import from_json
from keys.keyfolder import KeyFolder
from keys.signing import SoftwareSigner
from licence_server.assembly import Server, build_server
from licence_server.config import load_config
from licence_server.domain.customer import NewCustomer
from licence_server.domain.licence import Order
from licence_server.home import Founding
from licence_server.storage.tables import activations, customers, licences

ISSUER = "http://127.0.0.1:7410"
HOST = Host("crm", "Debian GNU/Linux 12", "0.1.0", "none", "file")
_CHUNK = 1000


class _Unguarded:
    """Hashes no password: nobody signs in to a bench."""

    def hash(self, password: str) -> str:
        """Return nothing that any password fits."""
        return f"none:{len(password)}"


@dataclass
class Agent:
    """One customer's server."""

    held: bytes
    signer: SoftwareSigner = field(default_factory=SoftwareSigner.generate)
    boot: str = field(default_factory=lambda: new_id("boot", os.urandom))

    def request(self) -> bytes:
        """Return the next validation request; one's own licence is read without verification, to load nothing."""
        claims = from_json(_payload(self.held))
        identity = {"licence_id": claims["sub"], "activation_id": claims["act"], "previous": claims["jti"]}
        clock = SystemClock()
        request = ValidationRequest(
            device_key=self.signer.key.kid,
            audience=ISSUER,
            request_id=new_id("req", os.urandom),
            issued_at=clock.now(),
            nonce=new_id("non", os.urandom),
            components=_components(self.signer.key.kid),
            host=HOST,
            boot=Boot(self.boot, clock.boot()),
            **{name: str(value) for name, value in identity.items()},
        )
        return request.sign(self.signer)

    def connect(self, port: int) -> Callable[[bytes], bytes]:
        """Return what sends a request over one connection that is kept alive."""
        connection = http.client.HTTPConnection("127.0.0.1", port)

        def send(request: bytes) -> bytes:
            connection.request("POST", "/agent/v1/validations", request, {"Content-Type": "application/jwt"})
            response = connection.getresponse()
            body = response.read()
            if response.status != 200:
                raise RuntimeError(body.decode())
            return body

        return send


def fill(home: Path, licences_wanted: int, agents: int) -> list[Agent]:
    """Make a server's home with that many activated licences, of which some have an agent."""
    server = _made(home)
    try:
        found = [_activated(server) for _ in range(agents)]
        _copy_rows(server, licences_wanted - agents)
    finally:
        server.database.close()
    return found


def one_code(home: Path) -> str:
    """Make a server's home with one licence, and return its activation code."""
    server = _made(home)
    try:
        return _issued(server)
    finally:
        server.database.close()


@contextmanager
def filled(home: Path) -> Iterator[tuple[Server, Agent]]:
    """Make a server in this process, with one agent that is active."""
    server = _made(home)
    try:
        yield server, _activated(server)
    finally:
        server.database.close()


def _made(home: Path) -> Server:
    Founding(home, {}, SystemClock(), os.urandom, _Unguarded()).found(ISSUER, None, "bench")
    keys = KeyFolder.of_home(home, {})
    return build_server(load_config(home, {}), keys, clock=SystemClock(), randomness=os.urandom)


def _issued(server: Server) -> str:
    customer = server.registering.add(NewCustomer("bench"), "bench")
    return server.issuing.issue(Order(customer.id, users=10), "bench")[1]


def _activated(server: Server) -> Agent:
    code = _issued(server)
    agent = Agent(b"")
    request = ActivationRequest(
        device_key=agent.signer.key.kid,
        audience=ISSUER,
        request_id=new_id("req", os.urandom),
        issued_at=server.clock.now(),
        nonce=new_id("non", os.urandom),
        code=code,
        components=_components(agent.signer.key.kid),
        host=HOST,
        terms_version="1",
    )
    agent.held = server.activating.activate(request.sign(agent.signer))
    return agent


def _copy_rows(server: Server, number: int) -> None:
    """Multiply the first licence: a real activation of each would take an hour and measure nothing."""
    with server.database.engine.begin() as connection:
        models = {table: dict(connection.execute(table.select()).first()._mapping) for table in _COPIED}  # noqa: SLF001
        for start in range(0, number, _CHUNK):
            names = [f"{start + index:07}" for index in range(min(_CHUNK, number - start))]
            for table, keys in _COPIED.items():
                rows = [
                    {**models[table], **{key: f"{prefix}_{name}" for key, prefix in keys.items()}} for name in names
                ]
                connection.execute(insert(table), rows)


_COPIED = {
    customers: {"id": "cus"},
    licences: {"id": "lic", "customer_id": "cus"},
    activations: {"id": "act", "licence_id": "lic", "device_key": "key"},
}


def _components(seed: str) -> dict[str, str]:
    return digests({name: f"{name} of {seed}" for name in ("machine_id", "product_uuid", "mac", "cpu")}, ISSUER)


def _payload(document: bytes) -> bytes:
    part = document.split(b".")[1]
    return urlsafe_b64decode(part + b"=" * (-len(part) % 4))
