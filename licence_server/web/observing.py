"""Around every request: its id, whose it is, one line in the log, one count in the metrics, the same few headers."""

import structlog
from flask import Flask, Response, g, request

from keys.clock import Clock
from keys.identity import Randomness, new_id
from licence_server.domain.limits import normalised
from licence_server.web.addresses import Networks, client_address
from licence_server.web.metrics import CRASHED, DONE, Tallies

_METHODS = {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"}
HEADERS = {"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff"}


def register(app: Flask, *, clock: Clock, randomness: Randomness, proxies: Networks, tallies: Tallies) -> None:
    """Observe an application's requests.

    The log has the endpoint's name and never the address as it was typed: somebody may have put a code into it.
    """

    @app.before_request
    def begin() -> None:
        g.request_id = new_id("req", randomness)
        g.began = clock.boot()
        forwarded = request.headers.get("X-Forwarded-For", "")
        g.address = client_address(request.remote_addr, forwarded, proxies)
        g.is_known = not forwarded or proxies.has(normalised(request.remote_addr or ""))

    @app.after_request
    def end(response: Response) -> Response:
        seconds = max(0.0, clock.boot() - g.began)
        endpoint = (request.endpoint or "other").rpartition(".")[2]
        outcome = g.get("word") or (CRASHED if response.status_code >= 500 else DONE)
        tallies.count(request.blueprint if request.blueprint == "console" else endpoint, outcome, seconds)
        structlog.get_logger().info(
            "request",
            request=g.request_id,
            method=request.method if request.method in _METHODS else "other",
            endpoint=endpoint,
            status=response.status_code,
            outcome=outcome,
            address=str(g.address),
            seconds=round(seconds, 6),
        )
        response.headers["Request-Id"] = g.request_id
        for name, value in HEADERS.items():
            response.headers.setdefault(name, value)
        return response
