"""Where the time of one validation goes, step by step, in one process on one core."""

import os
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from statistics import median
from typing import Any

from bench import floor
from bench.customers import ISSUER, Agent, filled
from keys.documents.requests import open_validation_request
from licence_server import logs
from licence_server.app import create_app
from licence_server.assembly import Server
from licence_server.web.metrics import Tallies

_ROUNDS = 300
_PATH = "/agent/v1/validations"


@dataclass(frozen=True)
class Step:
    """One figure, in microseconds, at the median."""

    what: str
    took: float


def measure() -> list[Step]:
    """Measure the parts, the use case, and the use case behind WSGI."""
    with tempfile.TemporaryDirectory(prefix="bench") as folder, filled(Path(folder) / "server") as (server, agent):
        home, licence = Path(folder), server.reading.licences().found[0].licence.id
        parts = [
            Step("one verification", floor.verification_us()),
            Step("one signature (two are made: the licence, the seal of the record)", floor.signature_us()),
            Step("one durable commit of one row", floor.commit_us(home)),
            Step("open the request: JWS, JSON, types, with its verification", _opening(server, agent)),
            Step("an empty transaction", floor.typical(lambda: _look(server, lambda _: None))),
            Step("… that looks for the licence", _looking(server, lambda unit: unit.licences.get(licence))),
            Step("… that looks for the activation", _looking(server, lambda unit: unit.activations.live(licence))),
            Step("the whole use case, with its commit", _validating(agent, server.validating.validate)),
        ]
        with Path(os.devnull).open("w", encoding="ascii") as nowhere:
            logs.set_up(server.clock, nowhere)
            app = create_app(server, tallies=Tallies())
            parts.append(Step("the same behind WSGI: Flask, log line, metrics", _validating(agent, _over_wsgi(app))))
    return parts


def table(steps: list[Step]) -> str:
    """Return the figures for people."""
    return "\n".join(f"{step.took:7.0f} µs  {step.what}" for step in steps)


def _opening(server: Server, agent: Agent) -> float:
    request = agent.request()
    return floor.typical(lambda: open_validation_request(request, ISSUER, server.validating.devices))


def _looking(server: Server, look: Callable[[Any], object]) -> float:
    return floor.typical(lambda: _look(server, look))


def _look(server: Server, look: Callable[[Any], object]) -> None:
    with server.database.unit() as unit:
        look(unit)


def _validating(agent: Agent, validate: Callable[[bytes], bytes]) -> float:
    times = []
    for _ in range(_ROUNDS):
        request = agent.request()
        begun = time.perf_counter()
        agent.held = validate(request)
        times.append(time.perf_counter() - begun)
    return median(times) * 1e6


def _over_wsgi(app: Callable[..., Any]) -> Callable[[bytes], bytes]:
    def validate(request: bytes) -> bytes:
        environ = {
            "REQUEST_METHOD": "POST",
            "PATH_INFO": _PATH,
            "SERVER_NAME": "bench",
            "SERVER_PORT": "1",
            "SERVER_PROTOCOL": "HTTP/1.1",
            "REMOTE_ADDR": "127.0.0.1",
            "CONTENT_TYPE": "application/jwt",
            "CONTENT_LENGTH": str(len(request)),
            "wsgi.input": BytesIO(request),
            "wsgi.url_scheme": "http",
            "wsgi.errors": None,
        }
        return b"".join(app(environ, lambda _status, _headers: None))

    return validate


if __name__ == "__main__":
    print(table(measure()))
